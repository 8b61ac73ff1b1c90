// How good the samplers are on functions with a known best value, with all trials trained to the end.
//   npm run bench:samplers                 every sampler that needs no options, 30 seeds
//   node bench/samplers.mjs --seeds 10 --json
// Four trials are in flight. The figures are medians over seeds of the best value so far minus the best possible, after
// 50, 100 and 200 trials; for noisy functions, of the true values.
import { parseArgs } from "node:util";
import { choice, createSearchSpace, float } from "../dist/core/index.js";
import { createRandom } from "../dist/math/random.js";
import {
  cmaes,
  curve,
  differentialEvolution,
  forest,
  random,
  regularizedEvolution,
  tpe,
} from "../dist/samplers/index.js";
import { mixed, mixedLoss, playStudy } from "../dist/testing/played-study.js";
import { keep, median } from "./machine.mjs";

const { values: given } = parseArgs({
  options: { seeds: { type: "string", default: "30" }, json: { type: "boolean", default: false } },
});
const BUDGETS = [50, 100, 200];

const sum = (numbers) => numbers.reduce((total, value) => total + value, 0);
const box = (dimensions, low, high) =>
  createSearchSpace(
    Object.fromEntries(Array.from({ length: dimensions }, (_, n) => [`x${n}`, float(low, high)])),
  );
const choices = (count, options) =>
  createSearchSpace(Object.fromEntries(Array.from({ length: count }, (_, n) => [`c${n}`, choice(options)])));
const rosenbrock = (params) => {
  const x = Object.values(params);
  return sum(x.slice(1).map((next, n) => 100 * (next - x[n] ** 2) ** 2 + (1 - x[n]) ** 2));
};
const wrong = (params) => Object.values(params).filter((value, n) => value !== n % 5).length;

/** `noise`: the standard deviation of the noise added to a value before the sampler sees it. */
const FUNCTIONS = [
  { name: "sphere, 6 params", space: box(6, -3, 5), lossOf: (p) => sum(Object.values(p).map((x) => x * x)) },
  { name: "Rosenbrock, 4 params", space: box(4, -2, 2), lossOf: rosenbrock },
  {
    name: "Rastrigin, 5 params",
    space: box(5, -4, 5.12),
    lossOf: (p) => sum(Object.values(p).map((x) => 10 + x * x - 10 * Math.cos(2 * Math.PI * x))),
  },
  { name: "numbers, lists and conditions, 6 params", space: mixed, lossOf: mixedLoss },
  { name: "choices, 12 params of 5 values", space: choices(12, [0, 1, 2, 3, 4]), lossOf: wrong },
  { name: "the same with noise", space: choices(12, [0, 1, 2, 3, 4]), lossOf: wrong, noise: 2 },
];
const SAMPLERS = [
  ["random", random()],
  ["regularized-evolution", regularizedEvolution()],
  ["differential-evolution", differentialEvolution()],
  ["differential-evolution: {strategy: rand1bin}", differentialEvolution({ strategy: "rand1bin" })],
  ["curve", curve()],
  ["tpe", tpe()],
  ["cmaes", cmaes()],
  ["forest", forest()],
];

function bestAfter({ space, lossOf, noise = 0 }, sampler, seed) {
  const valueOf = (params, trial) => lossOf(params) + noise * createRandom(seed, trial, 99).normal();
  const trials = Math.max(...BUDGETS);
  const losses = playStudy({ space, sampler, valueOf, seed, trials, inFlight: 4 }).trials.map(({ params }) =>
    lossOf(params),
  );
  return BUDGETS.map((budget) => Math.min(...losses.slice(0, budget)));
}

const cases = [];
for (const problem of FUNCTIONS) {
  console.log(`\n${problem.name}`);
  for (const [label, sampler] of SAMPLERS) {
    const runs = Array.from({ length: Number(given.seeds) }, (_, seed) => bestAfter(problem, sampler, seed));
    const best = BUDGETS.map((_, budget) => median(runs.map((run) => run[budget])));
    cases.push({ function: problem.name, sampler: label, best });
    console.log(`  ${label.padEnd(46)}${best.map((value) => value.toPrecision(3).padStart(10)).join("")}`);
  }
}
keep("samplers", { seeds: Number(given.seeds), trials: BUDGETS, inFlight: 4, cases });
