// How often the forecast of what going on is worth held, on recorded curves: whether the gain lay in the interval of 80 %,
// and how often there was a new best where a certain chance of one was forecast.
//   npm run bench:worth                            all tasks, 10 seeds
//   node bench/worth.mjs --tasks GRU --seeds 3 --json
// Each study spends 50 complete trainings' worth of steps; after 12.5, 25 and 37.5 it is asked what 12.5 more are worth.
// A task's unit is the median of all final values minus the best one. docs/benchmarks.md has the result.
import { parseArgs } from "node:util";
import { replayTable } from "../dist/analysis/index.js";
import { chooseAlgorithm, knownSamplers, knownSchedulers } from "../dist/config/algorithms.js";
import { trialOf } from "../dist/core/event-trial.js";
import { costOf } from "../dist/core/goal.js";
import { goalValue } from "../dist/core/trial.js";
import { createWorthModel } from "../dist/forecast/study-worth.js";
import { DEFAULT_FOLDER, findTasks, loadTable } from "./curve-tasks.mjs";
import { keep } from "./machine.mjs";

const { values } = parseArgs({
  options: {
    folder: { type: "string", default: DEFAULT_FOLDER },
    tasks: { type: "string", default: "" },
    seeds: { type: "string", default: "10" },
    json: { type: "boolean", default: false },
  },
});

const TRAININGS = 50;
const ASKED_AT = [12.5, 25, 37.5];
const AHEAD = 12.5;
const RULES = [
  ["none", "random"],
  ["none", "tpe"],
  [{ asha: { eta: 4 } }, "tpe"],
  ["lcm", "curve"],
];
/** Bins of the forecast chance. */
const BINS = [0, 0.1, 0.2, 0.4, 0.6, 0.8, 1];

const nameOf = (input) => (typeof input === "string" ? input : Object.keys(input)[0]);

function unitOf({ goal, curves }) {
  const finals = curves
    .map(({ reports }) => costOf(reports.at(-1)?.[goal.metric] ?? Number.NaN, goal))
    .filter(Number.isFinite)
    .sort((a, b) => a - b);
  return finals[finals.length >> 1] - finals[0] || 1;
}

/** What was forecast in one study, and what happened. */
function questionsOf(table, [scheduler, sampler], seed) {
  const { maxSteps, goal } = table;
  const model = createWorthModel({ goal, maxSteps });
  const asked = [];
  let best = Number.POSITIVE_INFINITY;
  const due = ASKED_AT.map((trainings) => ({
    at: trainings * maxSteps,
    forecast: undefined,
    best: undefined,
  }));
  replayTable({
    table,
    sampler: chooseAlgorithm(knownSamplers(), sampler),
    scheduler: chooseAlgorithm(knownSchedulers(), scheduler),
    seed,
    steps: TRAININGS * maxSteps,
    onEvent: (event, study) => {
      const trial = trialOf(event, study);
      if (trial === undefined) return;
      model.note(trial);
      if (event.type === "finished" && event.state === "complete") {
        const value = goalValue(trial, goal);
        if (value !== undefined) best = Math.min(best, costOf(value, goal));
      }
      for (const question of due) {
        if (question.forecast === undefined && study.totalSteps >= question.at) {
          question.forecast = model.worthOf(study, AHEAD * maxSteps) ?? null;
          question.best = best;
        } else if (
          question.forecast !== null &&
          question.forecast !== undefined &&
          study.totalSteps >= question.at + AHEAD * maxSteps
        ) {
          asked.push({ forecast: question.forecast, gain: Math.max(0, question.best - best) });
          question.forecast = null;
        }
      }
    },
  });
  // The study ends with the last question's steps.
  for (const { forecast, best: before } of due)
    if (forecast) asked.push({ forecast, gain: Math.max(0, before - best) });
  return asked;
}

const mean = (numbers) => numbers.reduce((sum, value) => sum + value, 0) / numbers.length;

function summaryOf(questions) {
  const held = questions.filter(
    ({ forecast, gain }) => gain >= forecast.low - 1e-12 && gain <= forecast.high + 1e-12,
  );
  return {
    questions: questions.length,
    held: held.length / questions.length,
    chance: mean(questions.map(({ forecast }) => forecast.chance)),
    newBest: mean(questions.map(({ gain }) => Number(gain > 0))),
    brier: mean(questions.map(({ forecast, gain }) => (forecast.chance - Number(gain > 0)) ** 2)),
    expected: mean(questions.map(({ forecast, unit }) => forecast.mean / unit)),
    gained: mean(questions.map(({ gain, unit }) => gain / unit)),
  };
}

const tasks = findTasks(values.folder, values.tasks);
const results = RULES.map((rule) => ({ rule: rule.map(nameOf).join(" + "), kinds: new Map(), all: [] }));
for (const task of tasks) {
  const table = loadTable(task);
  const unit = unitOf(table);
  for (const [index, rule] of RULES.entries()) {
    for (let seed = 0; seed < Number(values.seeds); seed++) {
      const questions = questionsOf(table, rule, seed).map((question) => ({ ...question, unit }));
      const { kinds, all } = results[index];
      all.push(...questions);
      kinds.set(task.kind, [...(kinds.get(task.kind) ?? []), ...questions]);
    }
  }
}

const percent = (share) => `${(100 * share).toFixed(0)} %`;
const rows = results.flatMap(({ rule, kinds, all }) =>
  [...kinds, ["all", all]].map(([kind, questions]) => ({ rule, kind, ...summaryOf(questions) })),
);
console.table(
  rows.map(({ rule, kind, questions, held, chance, newBest, brier, expected, gained }) => ({
    rule,
    kind,
    questions,
    "80 % held": percent(held),
    "chance forecast": percent(chance),
    "new best": percent(newBest),
    brier: brier.toFixed(3),
    "gain forecast": expected.toFixed(4),
    gain: gained.toFixed(4),
  })),
);
const every = results.flatMap(({ all }) => all);
const bins = BINS.slice(1).map((to, index) => {
  const within = every.filter(
    ({ forecast }) => forecast.chance > (index === 0 ? -1 : BINS[index]) && forecast.chance <= to,
  );
  return {
    from: BINS[index],
    to,
    questions: within.length,
    chance: within.length === 0 ? null : mean(within.map(({ forecast }) => forecast.chance)),
    newBest: within.length === 0 ? null : mean(within.map(({ gain }) => Number(gain > 0))),
  };
});
console.table(bins);
keep("worth", { seeds: Number(values.seeds), tasks: tasks.map(({ name }) => name), rows, bins });
