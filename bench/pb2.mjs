// Population based bandits against population based training, on simulated trainings of 100 steps with a known answer.
//   node bench/pb2.mjs [--seeds 20]    tables
//   node bench/pb2.mjs --json          the last line is {problems: [{problem, rows}], decisions: [{members, ...}]}
// Problems: `drift-1`, `drift-2`, `drift-4`: each step gains at most 1, for best params that move during the training,
// with 1, 2 and 4 params (of the 4, one hardly matters and one not at all); the score is the sum, higher is better.
// `shrinking`: like drift-2, but the loss falls by a share at each step, as losses do. `quadratic`: SGD on a noisy
// quadratic with 10 curvatures from 1 to 0.01 (Zhang et al. 2019), where a low rate pays off at once and hurts later;
// the score is the loss.
// All members train at about the same pace, report every step, and may change params every 5 steps.
// Decisions: milliseconds of processor time for an exploit's decision once 300 intervals are known, the maximum that it
// learns from.

import { sampleParams } from "../dist/core/draw/sample-params.js";
import { float } from "../dist/core/param.js";
import { createSearchSpace } from "../dist/core/search-space.js";
import { studyRecord } from "../dist/core/study-record.js";
import { lastStep } from "../dist/core/trial.js";
import { createRandom } from "../dist/math/random.js";
import { pb2, pbt } from "../dist/schedulers/index.js";
import { createStage } from "../dist/testing/stage.js";
import { keep, median } from "./machine.mjs";

const MAX_STEPS = 100;
const INTERVAL = 5;
const seedsAt = process.argv.indexOf("--seeds");
const SEEDS = seedsAt < 0 ? 20 : Number(process.argv[seedsAt + 1]);
/** Random stream purposes that the product does not use. */
const [PACE, START, NOISE] = [0xfff4, 0xfff5, 0xfff6];

const normal = (distance) => Math.exp(-0.5 * distance ** 2);
const rate = float(1e-4, 1, { log: true });
const share = float(0, 1);

/** Sums of gains; `gain` returns what params gain in a step, after a share of the training. */
const drifting = (space, gain) => ({
  direction: "maximize",
  space,
  begin: () => 0,
  train: (sum, params, step) => sum + gain(params, step / MAX_STEPS),
  report: (sum, random) => sum + 0.1 * random.normal(),
  value: (sum) => sum,
});
const place = ({ lr }) => Math.log10(lr) / 4 + 1;
const byRate = (params, time) => normal((place(params) - 0.8 + 0.6 * time) / 0.15);
const byTwo = (params, time) => byRate(params, time) * normal((params.b - 0.3 - 0.5 * time) / 0.25);

const curvatures = Array.from({ length: 10 }, (_, index) => 10 ** ((-2 * index) / 9));
const quadratic = {
  direction: "minimize",
  space: { lr: float(1e-3, 10, { log: true }) },
  begin: () => curvatures.map(() => 1),
  // The expected square of each coordinate after 10 updates with gradient noise whose variance is the curvature.
  train: (squares, { lr }) =>
    curvatures.map((curvature, index) => {
      let square = squares[index];
      for (let update = 0; update < 10; update++)
        square = (1 - lr * curvature) ** 2 * square + lr ** 2 * curvature;
      return square;
    }),
  value: (squares) => {
    const loss = squares.reduce((sum, square, index) => sum + 0.5 * curvatures[index] * square, 0);
    return loss < 1e6 ? loss : Number.NaN;
  },
  report: (squares, random) => quadratic.value(squares) * (1 + 0.02 * random.normal()),
};

const sums = {
  "drift-1": drifting({ lr: rate }, byRate),
  "drift-2": drifting({ lr: rate, b: share }, byTwo),
  "drift-4": drifting(
    { lr: rate, b: share, c: share, d: share },
    (params, time) => byTwo(params, time) * normal((params.c - 0.5) / 0.5),
  ),
};
const problems = {
  ...sums,
  shrinking: {
    ...sums["drift-2"],
    direction: "minimize",
    value: (sum) => Math.exp(-0.06 * sum),
    report: (sum, random) => Math.exp(-0.06 * sum) * (1 + 0.02 * random.normal()),
  },
  quadratic,
};

/** A study of simulated trainings; calls `decided` with each decision and its milliseconds of processor time. */
function simulate(
  { direction, space: params, begin, train, report, value },
  choice,
  seed,
  decided = () => {},
) {
  const space = createSearchSpace(params);
  const goal = { metric: "m", direction };
  const scheduler = choice.create({ goal, maxSteps: MAX_STEPS, seed, space });
  const definition = {
    name: "bench",
    goal,
    space: params,
    constraints: [],
    maxSteps: MAX_STEPS,
    sampler: { name: "random", options: {} },
    scheduler: { name: choice.name, options: {} },
    budget: {},
    seed,
    retries: 0,
  };
  const study = studyRecord(definition, 0);
  const models = [];
  const saved = new Map();
  const inherited = new Map();
  const pace = createRandom(seed, 0, PACE);
  const timed = {
    ...scheduler,
    decide: (trial, step) => {
      const from = process.cpuUsage();
      const decision = scheduler.decide(trial, step, study);
      const { user, system } = process.cpuUsage(from);
      decided(decision, (user + system) / 1000);
      return decision;
    },
  };
  const onEvent = ({ type, trial, path, exploit }) => {
    if (type === "trial-asked") models[trial] = begin();
    if (type === "snapshot-saved") saved.set(path, models[trial]);
    if (exploit !== undefined) inherited.set(trial, exploit.snapshot.path);
    if (type !== "exploited") return;
    models[trial] = saved.get(inherited.get(trial));
    saved.set(path, models[trial]);
  };
  const sampler = { ask: (trial) => sampleParams(space, createRandom(seed, trial, START)) };
  const stage = createStage({ study, sampler, scheduler: timed, onEvent });
  const { running } = study.byState;
  for (;;) {
    while (running.size < scheduler.population && stage.play({ kind: "ask", worker: "w" }));
    // Roughly, the trial with the fewest steps trains next.
    const [next] = [...running]
      .map((trial) => ({ trial, at: lastStep(study.trials[trial]) + 1.5 * pace.uniform() }))
      .sort((a, b) => a.at - b.at);
    if (next === undefined) break;
    const { trial } = next;
    const step = lastStep(study.trials[trial]) + 1;
    if (step > MAX_STEPS) {
      stage.play({ kind: "end", trial, end: { kind: "ended" } });
      continue;
    }
    models[trial] = train(models[trial], study.trials[trial].params, step);
    const noise = createRandom(seed, 1e6 * trial + study.events, NOISE);
    const metrics = { m: report(models[trial], noise) };
    stage.play({ kind: "report", trial, step, metrics, inPlace: true });
    if (stage.inheriting.has(trial)) stage.play({ kind: "inherit", trial, lost: false });
    else if (stage.told.has(trial) || step % INTERVAL === 0) stage.play({ kind: "snapshot", trial, step });
    if (stage.told.has(trial)) stage.play({ kind: "end", trial, end: { kind: "ended" } });
  }
  const values = models.map(value).filter(Number.isFinite);
  return direction === "minimize" ? Math.min(...values) : Math.max(...values);
}

const settings = { interval: INTERVAL };
const schedulers = {
  "pbt, 4 members": () => pbt({ ...settings, population: 4 }),
  "pbt, 4, synchronous": () => pbt({ ...settings, population: 4, mode: "synchronous" }),
  "pbt, 16 members": () => pbt({ ...settings, population: 16 }),
  "pbt, 16, synchronous": () => pbt({ ...settings, population: 16, mode: "synchronous" }),
  "pb2, 4 members": () => pb2(settings),
  "pb2, 4, synchronous": () => pb2({ ...settings, mode: "synchronous" }),
};

function summary(values) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  return { mean, error: Math.sqrt(variance / values.length) };
}

const results = Object.entries(problems).map(([problem, definition]) => {
  const rows = Object.entries(schedulers).map(([name, create]) => {
    const values = Array.from({ length: SEEDS }, (_, seed) => simulate(definition, create(), seed));
    return { scheduler: name, ...summary(values) };
  });
  return { problem, rows };
});
console.table(
  Object.fromEntries(
    Object.keys(schedulers).map((name, index) => [
      name,
      Object.fromEntries(
        results.map(({ problem, rows }) => {
          const { mean, error } = rows[index];
          return [problem, `${mean.toPrecision(3)} ± ${error.toPrecision(1)}`];
        }),
      ),
    ]),
  ),
);

const decisions = [4, 16, 64].map((members) => {
  const times = [];
  const choice = pb2({ interval: 1, population: members });
  for (let seed = 0; times.length < 100 && seed < 20; seed++) {
    simulate(problems["drift-2"], choice, seed, ({ action, explanation }, milliseconds) => {
      if (action === "exploit" && explanation.values.intervals >= 300) times.push(milliseconds);
    });
  }
  const sorted = times.toSorted((a, b) => a - b);
  return {
    members,
    exploits: times.length,
    exploitMs: median(times),
    exploitMs99: sorted[Math.floor(0.99 * sorted.length)],
  };
});
console.table(
  decisions.map(({ members, exploits, exploitMs, exploitMs99 }) => ({
    members,
    exploits,
    "ms an exploit": exploitMs.toFixed(1),
    "99 %": exploitMs99.toFixed(1),
  })),
);
keep("pb2", { seeds: SEEDS, problems: results, decisions });
