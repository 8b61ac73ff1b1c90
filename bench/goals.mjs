// How well samplers find the trade-offs between several goals: the hypervolume of the front after so many trials, beside
// Optuna's NSGA-II and TPE in the same run (in a Python virtual environment of its own).
//   npm run bench:goals                        5 seeds, 50, 100 and 200 trials
//   npm run bench:goals -- --seeds 3 --json
// Problems: ZDT1, 2, 3, 4 and 6 with 10 params and two goals, DTLZ2 with 7 params and three. The reference is 1.1 in every
// goal of DTLZ2, and otherwise (1.1, 6), for ZDT4 (1.1, 150), for ZDT6 (1.1, 10); the figures are shares of the volume up to there from 0
// (from -1 for ZDT3), medians over the seeds. One trial at a time, all trained to the end.
import { execFile } from "node:child_process";
import { join } from "node:path";
import { parseArgs, promisify } from "node:util";
import { createSearchSpace, float } from "../dist/core/index.js";
import { applyEvent } from "../dist/core/study-fold.js";
import { studyRecord } from "../dist/core/study-record.js";
import { hypervolume } from "../dist/math/pareto/hypervolume.js";
import { createRandom, PURPOSE } from "../dist/math/random.js";
import { auto, nsga2, nsga3, random, tpe } from "../dist/samplers/index.js";
import { keep, median, peersPython } from "./machine.mjs";

const { values: given } = parseArgs({
  options: { seeds: { type: "string", default: "5" }, json: { type: "boolean", default: false } },
});
const BUDGETS = [50, 100, 200];
const TRIALS = Math.max(...BUDGETS);

const sum = (numbers) => numbers.reduce((total, value) => total + value, 0);
const mean = (numbers) => sum(numbers) / numbers.length;

function zdt(kind, [first, ...rest]) {
  if (kind === 4) {
    const g =
      1 +
      10 * rest.length +
      sum(rest.map((y) => (10 * y - 5) ** 2 - 10 * Math.cos(4 * Math.PI * (10 * y - 5))));
    return [first, g * (1 - Math.sqrt(first / g))];
  }
  if (kind === 6) {
    const f = 1 - Math.exp(-4 * first) * Math.sin(6 * Math.PI * first) ** 6;
    const g = 1 + 9 * mean(rest) ** 0.25;
    return [f, g * (1 - (f / g) ** 2)];
  }
  const g = 1 + 9 * mean(rest);
  if (kind === 1) return [first, g * (1 - Math.sqrt(first / g))];
  if (kind === 2) return [first, g * (1 - (first / g) ** 2)];
  return [first, g * (1 - Math.sqrt(first / g) - (first / g) * Math.sin(10 * Math.PI * first))];
}

function dtlz2(x) {
  const g = sum(x.slice(2).map((y) => (y - 0.5) ** 2));
  const [a, b] = x.map((y) => (y * Math.PI) / 2);
  return [Math.cos(a) * Math.cos(b), Math.cos(a) * Math.sin(b), Math.sin(a)].map((each) => (1 + g) * each);
}

/** Of the second goal, by problem: what random params reach. */
const REFERENCES = { 1: 6, 2: 6, 3: 6, 4: 150, 6: 10 };
const PROBLEMS = [
  ...[1, 2, 3, 4, 6].map((kind) => ({
    name: `ZDT${kind}`,
    dimensions: 10,
    costsOf: (x) => zdt(kind, x),
    reference: [1.1, REFERENCES[kind]],
    ideal: [0, kind === 3 ? -1 : 0],
  })),
  { name: "DTLZ2", dimensions: 7, costsOf: dtlz2, reference: [1.1, 1.1, 1.1], ideal: [0, 0, 0] },
];
const OURS = { random: random(), tpe: tpe(), nsga2: nsga2(), nsga3: nsga3(), auto: auto() };
const PEERS = ["nsga2", "tpe"];

/** The costs of all trials of a study, in order. */
function play({ dimensions, costsOf, reference }, choice, seed) {
  const space = createSearchSpace(
    Object.fromEntries(Array.from({ length: dimensions }, (_, n) => [`x${n}`, float(0, 1)])),
  );
  const metrics = reference.map((_, goal) => `f${goal}`);
  const [first, ...others] = metrics.map((metric, goal) => ({
    metric,
    direction: "minimize",
    reference: reference[goal],
  }));
  const goal = { ...first, of: "last", others };
  const study = studyRecord(
    {
      name: "goals",
      goal,
      space: space.params,
      constraints: [],
      maxSteps: 1,
      sampler: { name: choice.name, options: choice.options },
      scheduler: { name: "none", options: {} },
      budget: { trials: TRIALS },
      seed,
      retries: 0,
    },
    0,
  );
  const sampler = choice.create({ space, goal, maxSteps: 1, seed });
  sampler.restore?.(study);
  const all = [];
  for (let trial = 0; trial < TRIALS; trial++) {
    const params = sampler.ask(trial, createRandom(seed, trial, PURPOSE.params), study);
    const costs = costsOf(space.order.map((name) => params[name]));
    all.push(costs);
    for (const body of [
      { type: "trial-asked", trial, params, seed: trial, sampler: choice.name },
      { type: "attempt-started", trial, attempt: 1, worker: "w", fromStep: 0 },
      {
        type: "reported",
        trial,
        attempt: 1,
        step: 1,
        metrics: Object.fromEntries(metrics.map((metric, index) => [metric, costs[index]])),
      },
      { type: "finished", trial, attempt: 1, state: "complete" },
    ]) {
      applyEvent(study, { ...body, time: study.events });
      sampler.observe?.({ ...body, time: study.events }, study);
    }
  }
  return all;
}

/** The share of the volume that the first trials cover, by budget. */
function sharesOf({ reference, ideal }, costs) {
  const whole = reference.reduce((product, worst, goal) => product * (worst - ideal[goal]), 1);
  return BUDGETS.map((budget) => hypervolume(costs.slice(0, budget), reference) / whole);
}

const folder = join(import.meta.dirname, "peers-python");
const python = peersPython(join(folder, "requirements-ask.txt"), "peers-ask");
if (python === undefined) {
  console.error("error: the peer needs python3 with venv, and pip");
  process.exit(2);
}
const run = promisify(execFile);
let optuna;
async function peer(problem, sampler, seed) {
  const args = [join(folder, "optuna_goals.py"), problem.name, sampler, String(seed), String(TRIALS)];
  const { stdout } = await run(python, args, { maxBuffer: 1e8 });
  const { version, costs } = JSON.parse(stdout);
  optuna = version;
  return costs;
}

const seeds = Array.from({ length: Number(given.seeds) }, (_, seed) => seed);
const cases = [];
for (const problem of PROBLEMS) {
  console.log(`\n${problem.name}: share of the volume after ${BUDGETS.join(", ")} trials`);
  const note = (label, runs) => {
    const shares = runs.map((costs) => sharesOf(problem, costs));
    const volume = BUDGETS.map((_, budget) => median(shares.map((each) => each[budget])));
    cases.push({ problem: problem.name, sampler: label, volume });
    console.log(`  ${label.padEnd(16)}${volume.map((each) => each.toFixed(4).padStart(9)).join("")}`);
  };
  for (const [label, choice] of Object.entries(OURS))
    note(
      label,
      seeds.map((seed) => play(problem, choice, seed)),
    );
  for (const sampler of PEERS) {
    const runs = [];
    for (const seed of seeds) runs.push(await peer(problem, sampler, seed));
    note(`Optuna ${sampler}`, runs);
  }
}
keep("goals", { optuna, seeds: seeds.length, budgets: BUDGETS, cases });
