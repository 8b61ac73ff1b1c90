// How good the samplers are on functions with a known best value, with all trials trained to the end.
//   npm run bench:samplers                 every sampler that needs no options, 30 seeds
//   node bench/samplers.mjs --seeds 10 --samplers "curve, gp" --json
//   node bench/samplers.mjs --trained --seeds 10 --workers 16 --schedulers "lcm, asha: {eta: 4}"
// Four trials are in flight. The figures are medians over seeds of the best value so far minus the best possible, after
// 50, 100 and 200 trials; for noisy functions, of the true values. With --trained, each trial has a learning curve of 27
// steps that ends at the value of its params, and a scheduler pauses trials; the figures are geometric means over seeds,
// after the steps of 10, 20 and 40 complete trainings.
import { parseArgs } from "node:util";
import { parse } from "yaml";
import { bestAfter, replayTable } from "../dist/analysis/index.js";
import { chooseAlgorithm, knownSamplers, knownSchedulers } from "../dist/config/algorithms.js";
import { choice, createSearchSpace, float } from "../dist/core/index.js";
import { createRandom } from "../dist/math/random.js";
import { mixed, mixedLoss, playStudy } from "../dist/testing/played-study.js";
import { keep, median } from "./machine.mjs";

const { values: given } = parseArgs({
  options: {
    seeds: { type: "string", default: "30" },
    samplers: { type: "string" },
    trained: { type: "boolean", default: false },
    schedulers: { type: "string", default: "lcm, asha: {eta: 4}" },
    workers: { type: "string", default: "1" },
    dimensions: { type: "string", default: "6,20,50" },
    json: { type: "boolean", default: false },
  },
});
const seeds = Number(given.seeds);
/** Reads `none, asha: {eta: 4}`, as in study.yaml. */
const chosen = (known, text) =>
  parse(`[${text}]`).map((input) => {
    const label = typeof input === "string" ? input : JSON.stringify(input).replaceAll(/^\{|"|\}$/g, "");
    return [label, chooseAlgorithm(known, input)];
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
const USUAL =
  "random, regularized-evolution, differential-evolution, differential-evolution: {strategy: rand1bin}, curve, tpe, cmaes, forest";
const SAMPLERS = chosen(
  knownSamplers(),
  given.samplers ?? (given.trained ? "random, tpe, curve" : `${USUAL}, gp`),
);

function bestPlayed({ space, lossOf, noise = 0 }, sampler, seed) {
  const valueOf = (params, trial) => lossOf(params) + noise * createRandom(seed, trial, 99).normal();
  const trials = Math.max(...BUDGETS);
  const losses = playStudy({ space, sampler, valueOf, seed, trials, inFlight: 4 }).trials.map(({ params }) =>
    lossOf(params),
  );
  return BUDGETS.map((budget) => Math.min(...losses.slice(0, budget)));
}

function comparePlayed() {
  const cases = [];
  for (const problem of FUNCTIONS) {
    console.log(`\n${problem.name}`);
    for (const [label, sampler] of SAMPLERS) {
      const runs = Array.from({ length: seeds }, (_, seed) => bestPlayed(problem, sampler, seed));
      const best = BUDGETS.map((_, budget) => median(runs.map((run) => run[budget])));
      cases.push({ function: problem.name, sampler: label, best });
      console.log(`  ${label.padEnd(46)}${best.map((value) => value.toPrecision(3).padStart(10)).join("")}`);
    }
  }
  keep("samplers", { seeds, trials: BUDGETS, inFlight: 4, cases });
}

const STEPS = 27;
/** In complete trainings. */
const TRAININGS = [10, 20, 40];
const TRAINED = [
  ...given.dimensions.split(",").flatMap((text) => {
    const count = Number(text);
    const mean = (lossOf) => (params) => lossOf(params) / count;
    return [
      {
        name: `sphere, ${count} params`,
        space: box(count, -3, 5),
        lossOf: mean((p) => sum(Object.values(p).map((x) => x * x))),
      },
      { name: `Rosenbrock, ${count} params`, space: box(count, -2, 2), lossOf: mean(rosenbrock) },
    ];
  }),
  { name: "numbers, lists and conditions, 6 params", space: mixed, lossOf: mixedLoss },
];

/** Falls exponentially to the loss of the params; where from, and how fast, depends on other params than the loss. */
function trainingOf({ space, lossOf }, params, seed) {
  const end = lossOf(params);
  const key = Object.values(params).reduce((total, value, n) => total + (Number(value) || 1) * (n + 1), 0);
  const own = createRandom(seed, Math.floor(Math.abs(key) * 1e6) % 2 ** 40, 98);
  const height = (1 + own.uniform()) * (1 + space.order.length / 10);
  const speed = 2 + 4 * own.uniform();
  const steps = Array.from({ length: STEPS }, (_, place) => place + 1);
  return {
    steps,
    reports: steps.map((step) => {
      const left = step === STEPS ? 0 : height * Math.exp((-speed * step) / STEPS);
      return { loss: end + left * (1 + 0.05 * own.normal() ** 2) };
    }),
    seconds: steps.map(() => 1),
    end: "complete",
  };
}

function bestTrained(problem, scheduler, sampler, seed) {
  const { space } = problem;
  const goal = { metric: "loss", direction: "minimize", of: "last" };
  const unused = { candidates: [], curves: [], best: 0, medianFinal: 1 };
  const { improvements } = replayTable({
    table: { task: problem.name, goal, maxSteps: STEPS, space, ...unused },
    answer: (params) => trainingOf(problem, params, seed),
    scheduler,
    sampler,
    seed,
    steps: Math.max(...TRAININGS) * STEPS,
    workers: Number(given.workers),
  });
  return TRAININGS.map((budget) => bestAfter(improvements, budget * STEPS) ?? Number.NaN);
}

function compareTrained() {
  const cases = [];
  const schedulers = chosen(knownSchedulers(), given.schedulers);
  for (const problem of TRAINED) {
    console.log(`\n${problem.name}`);
    for (const [sampler, choice] of SAMPLERS) {
      for (const [scheduler, ofTrials] of schedulers) {
        const runs = Array.from({ length: seeds }, (_, seed) => bestTrained(problem, ofTrials, choice, seed));
        const logs = TRAININGS.map((_, budget) => sum(runs.map((run) => Math.log(run[budget] + 1e-9))));
        const best = logs.map((total) => Math.exp(total / seeds));
        cases.push({ function: problem.name, sampler, scheduler, best });
        const label = `${scheduler} + ${sampler}`;
        console.log(
          `  ${label.padEnd(46)}${best.map((value) => value.toPrecision(3).padStart(10)).join("")}`,
        );
      }
    }
  }
  keep("samplers-trained", { seeds, trainings: TRAININGS, workers: Number(given.workers), cases });
}

if (given.trained) compareTrained();
else comparePlayed();
