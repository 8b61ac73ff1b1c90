// How often forecasts held, on recorded curves: whether the end lay in the interval of 80 %, by rung and by task.
//   npm run bench:calibration                      all tasks, 3 seeds
//   node bench/calibration.mjs --tasks GRU --seeds 1 --workers 16 --trainings 10 --json
// Each study spends 20 complete trainings' worth of steps under lcm with the sampler curve. When a trial reaches a rung, its
// end is forecast; the table knows how it really ends, whether or not the trial gets there. A trial that diverges later is left
// out. The mean of z squared is 1 if deviations are right. docs/learning-curve-matching.md has the result.
import { parseArgs } from "node:util";
import { replayTable } from "../dist/analysis/index.js";
import { chooseAlgorithm, knownSamplers, knownSchedulers } from "../dist/config/algorithms.js";
import { trialOf } from "../dist/core/event-trial.js";
import { costOf } from "../dist/core/goal.js";
import { createCurveModel, INTERVAL_DEVIATIONS } from "../dist/forecast/curve-model.js";
import { rungSteps } from "../dist/forecast/rung-steps.js";
import { DEFAULT_FOLDER, findTasks, loadTable } from "./curve-tasks.mjs";
import { keep } from "./machine.mjs";

const { values } = parseArgs({
  options: {
    folder: { type: "string", default: DEFAULT_FOLDER },
    tasks: { type: "string", default: "" },
    seeds: { type: "string", default: "3" },
    workers: { type: "string", default: "1" },
    trainings: { type: "string", default: "20" },
    of: { type: "string", default: "best" },
    json: { type: "boolean", default: false },
  },
});
const ETA = 2;

function endOf({ reports }, { metric, direction, of }) {
  const costs = reports.map((report) => report[metric]).filter((value) => value !== undefined);
  const scored = costs.map((value) => costOf(value, { metric, direction }));
  if (scored.some((cost) => cost === Number.POSITIVE_INFINITY)) return Number.NaN;
  return of === "best" ? Math.min(...scored) : scored.at(-1);
}

/** Every forecast at a rung of one study: its rung's step, and by how many deviations it missed. */
function forecastsOf(recorded, seed) {
  const goal = { ...recorded.goal, of: values.of };
  const table = { ...recorded, goal };
  const { maxSteps, candidates, curves } = table;
  const rungs = [...rungSteps({ minSteps: 1, eta: ETA, maxSteps }), maxSteps];
  const model = createCurveModel(goal, rungs);
  const places = new Map(candidates.map((params, place) => [params, place]));
  const found = [];
  replayTable({
    table,
    scheduler: chooseAlgorithm(knownSchedulers(), { lcm: { eta: ETA } }),
    sampler: chooseAlgorithm(knownSamplers(), "curve"),
    seed,
    workers: Number(values.workers),
    steps: Number(values.trainings) * maxSteps,
    onEvent: (event, study) => {
      const trial = trialOf(event, study);
      if (trial === undefined) return;
      model.update(trial);
      if (event.type !== "reported") return;
      const standing = model.standingOf(trial.number);
      if (standing === undefined || standing.arrival !== event.step || event.step === maxSteps) return;
      if (standing.diverged || model.lineAt(standing.rung).count === 0) return;
      const end = endOf(curves[places.get(trial.params)], goal);
      const { mean, deviation } = model.forecastOf(trial.number);
      const [low, high] = [-1, 1].map((side) => model.toCost(mean + side * INTERVAL_DEVIATIONS * deviation));
      if (!Number.isFinite(end)) return;
      // The model's scale is that in which half of the distance between these two is one deviation.
      const isLogarithmic = model.toCost(0) === 1;
      const z = ((isLogarithmic ? Math.log(end) : end) - mean) / deviation;
      found.push({ rung: event.step, holds: low <= end && end <= high, z });
    },
  });
  return found;
}

const share = (found) => found.filter(({ holds }) => holds).length / found.length;
const percent = (value) => `${(100 * value).toFixed(0)} %`;
const rowOf = (found) => ({
  forecasts: found.length,
  held: percent(share(found)),
  "mean z²": (found.reduce((sum, { z }) => sum + Math.min(z * z, 25), 0) / found.length).toFixed(2),
  "mean z": (found.reduce((sum, { z }) => sum + Math.max(-5, Math.min(z, 5)), 0) / found.length).toFixed(2),
});

const tasks = findTasks(values.folder, values.tasks);
const all = tasks.map((task) => {
  const table = loadTable(task);
  return Array.from({ length: Number(values.seeds) }, (_, seed) => forecastsOf(table, seed)).flat();
});
const rungs = [...new Set(all.flat().map(({ rung }) => rung))].sort((a, b) => a - b);
const rows = tasks.map(({ name, kind, half }, place) => ({
  task: name.slice(-24),
  kind,
  half,
  ...rowOf(all[place]),
  ...Object.fromEntries(
    rungs.map((rung) => [
      `at ${rung}`,
      percent(share(all[place].filter((each) => each.rung === rung))).replace("NaN %", ""),
    ]),
  ),
}));
console.table(rows);
const groups = [
  ["all", all.flat()],
  ["measured", all.filter((_, place) => tasks[place].kind === "measured").flat()],
  ["surrogate", all.filter((_, place) => tasks[place].kind === "surrogate").flat()],
  ["half A", all.filter((_, place) => tasks[place].half === "half A").flat()],
  ["half B", all.filter((_, place) => tasks[place].half === "half B").flat()],
  ...rungs.map((rung) => [`at step ${rung}`, all.flat().filter((each) => each.rung === rung)]),
].map(([group, found]) => ({ group, ...rowOf(found) }));
console.table(groups);
const { folder: _folder, json: _json, ...settings } = values;
keep("calibration", { ...settings, rows, groups });
