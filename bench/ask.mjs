// What one ask and one tell cost in processor time, by how many trials there are, beside Optuna in the same run (in a
// Python virtual environment of its own).
//   npm run bench:ask                random, sobol and tpe; 100, 1,000 and 10,000 trials; 10 and 50 floats
//   npm run bench:ask -- --large     100,000 trials as well
//   npm run bench:ask -- --gp        gp instead; 100 and 500 trials, 10 floats (installs torch for the peer: 7 GB)
//   npm run bench:ask -- --curve     curve instead, with one report of each trial, and with curves of up to 20; no peer
//   npm run bench:ask -- --json      the last line is the result as JSON
// With curves, trials are as after successive halving: a quarter goes on from steps 1, 4 and 16, and the others are paused.
// Everything is in memory. Ours goes through the sampler as a study drives it: four events for each trial are applied to
// the study and shown to the sampler. The history is random; what is measured are the asks and tells after it.
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createSearchSpace, float } from "../dist/core/index.js";
import { applyEvent } from "../dist/core/study-fold.js";
import { studyRecord } from "../dist/core/study-record.js";
import { createRandom, PURPOSE } from "../dist/math/random.js";
import { curve, gp, random, sobol, tpe } from "../dist/samplers/index.js";
import { keep, machine, median, peersPython } from "./machine.mjs";

const { values: given } = parseArgs({
  options: {
    large: { type: "boolean", default: false },
    gp: { type: "boolean", default: false },
    curve: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
});
const QUICK = {
  name: "ask",
  requirements: "requirements-ask.txt",
  trials: given.large ? [100, 1000, 10_000, 100_000] : [100, 1000, 10_000],
  dimensions: [10, 50],
  samplers: { random: random(), sobol: sobol(), tpe: tpe() },
  /** Asks and tells before and in each measurement of ours. */
  warmUp: 100,
  measured: 50,
  repeats: 5,
};
const SLOW = {
  name: "ask-gp",
  requirements: "requirements-ask-gp.txt",
  trials: [100, 500],
  dimensions: [10],
  samplers: { gp: gp() },
  warmUp: 10,
  measured: 10,
  repeats: 3,
};
const OF_CURVES = {
  name: "ask-curve",
  trials: [100, 1000, 10_000],
  dimensions: [10, 50],
  samplers: { curve: curve() },
  steps: [1, 20],
  // Each of many curves is compared with the others when it is first looked at.
  warmUp: 150,
  measured: 20,
  repeats: 3,
};
const chosen = given.curve ? OF_CURVES : given.gp ? SLOW : QUICK;
const {
  name: bench,
  requirements,
  trials: TRIALS,
  dimensions: DIMENSIONS,
  samplers: SAMPLERS,
  steps: STEPS = [1],
  ...times
} = chosen;
/** Of the peer, by trials: one ask can take it seconds. */
const PEER_MEASURED = { 100: 40, 500: 5, 1000: 20, 10_000: 5, 100_000: 2 };

const lossOf = (params) => Object.values(params).reduce((sum, value) => sum + (value - 0.3) ** 2, 0);

/** Milliseconds of processor time of this process, its compiler and collector included. */
function processorTime() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** The last step that a trial comes to, of so many. */
function lastStep(maxSteps, random) {
  let step = 1;
  while (step < maxSteps && random.uniform() < 1 / 4) step = Math.min(4 * step, maxSteps);
  return step;
}

function measure(name, trials, dimensions, maxSteps) {
  const space = createSearchSpace(
    Object.fromEntries(Array.from({ length: dimensions }, (_, n) => [`x${n}`, float(0, 1)])),
  );
  const goal = { metric: "loss", direction: "minimize", of: "last" };
  const choice = SAMPLERS[name];
  const study = studyRecord(
    {
      name: "asked",
      goal,
      space: space.params,
      constraints: [],
      maxSteps,
      sampler: { name, options: choice.options },
      scheduler: { name: "none", options: {} },
      budget: {},
      seed: 1,
      retries: 0,
    },
    0,
  );
  const sampler = choice.create({ space, goal, maxSteps, seed: 1 });
  const training = createRandom(7, 1, PURPOSE.params);
  const tell = (trial, params, by, observe) => {
    const last = lastStep(maxSteps, training);
    const loss = lossOf(params);
    const reports = Array.from({ length: last }, (_, place) => {
      const left = maxSteps === 1 ? 0 : Math.exp((-3 * place) / maxSteps) * (1 + training.uniform());
      return { type: "reported", trial, attempt: 1, step: place + 1, metrics: { loss: loss + left } };
    });
    for (const body of [
      { type: "trial-asked", trial, params, seed: trial, sampler: by },
      { type: "attempt-started", trial, attempt: 1, worker: "w", fromStep: 0 },
      ...reports,
      last < maxSteps
        ? { type: "paused", trial, attempt: 1 }
        : { type: "finished", trial, attempt: 1, state: "complete" },
    ]) {
      const event = { ...body, time: study.events };
      applyEvent(study, event);
      observe(event);
    }
  };
  const history = createRandom(7, 0, PURPOSE.params);
  for (let trial = 0; trial < trials; trial++) {
    const params = Object.fromEntries(space.order.map((param) => [param, history.uniform()]));
    tell(trial, params, "enqueued", () => {});
  }
  sampler.restore?.(study);
  let trial = trials;
  const askAndTell = (count) => {
    for (const end = trial + count; trial < end; trial++) {
      const params = sampler.ask(trial, createRandom(1, trial, PURPOSE.params), study);
      tell(trial, params, name, (event) => sampler.observe?.(event, study));
    }
  };
  askAndTell(times.warmUp);
  const taken = Array.from({ length: times.repeats }, () => {
    const begin = processorTime();
    askAndTell(times.measured);
    return (processorTime() - begin) / times.measured;
  });
  return median(taken);
}

const { cpu, cores, node } = machine();
console.log(`${cpu}, ${cores} cores, Node ${node}; milliseconds of processor time for one ask and tell\n`);

/** Curves have no peer: those that there are learn from ends alone. */
function measureCurves() {
  console.log(["trials", "floats", "steps", "ours"].map((text) => text.padStart(9)).join(""));
  const cases = [];
  for (const sampler of Object.keys(SAMPLERS))
    for (const steps of STEPS)
      for (const dimensions of DIMENSIONS)
        for (const trials of TRIALS) {
          const ours = measure(sampler, trials, dimensions, steps);
          cases.push({ sampler, trials, dimensions, steps, ours });
          const figures = [trials, dimensions, steps, ours.toFixed(2)];
          console.log(figures.map((text) => String(text).padStart(9)).join(""));
          keep(bench, { cases }, { isLast: false });
        }
  keep(bench, { cases });
}

function measureBesidePeer() {
  const folder = join(import.meta.dirname, "peers-python");
  const python = peersPython(join(folder, requirements), `peers-${bench}`);
  if (python === undefined) {
    console.error("error: the peer needs python3 with venv, and pip");
    process.exit(2);
  }
  const peerOf = (name, trials, dimensions) => {
    const args = [name, trials, dimensions, PEER_MEASURED[trials]].map(String);
    return JSON.parse(execFileSync(python, [join(folder, "optuna_ask.py"), ...args], { encoding: "utf8" }));
  };
  const titles = ["sampler".padEnd(10), "trials", "floats", "ours", "Optuna", "ratio"];
  console.log(titles.map((text) => text.padStart(9)).join(""));
  measure(Object.keys(SAMPLERS).at(-1), 100, 10, 1);
  const cases = [];
  let optuna;
  for (const sampler of Object.keys(SAMPLERS)) {
    for (const dimensions of DIMENSIONS) {
      for (const trials of TRIALS) {
        const ours = measure(sampler, trials, dimensions, 1);
        const peer = peerOf(sampler, trials, dimensions);
        optuna = peer.version;
        cases.push({ sampler, trials, dimensions, ours, optuna: peer.milliseconds });
        const figures = [
          ours.toFixed(3),
          peer.milliseconds.toFixed(2),
          (peer.milliseconds / ours).toFixed(0),
        ];
        console.log(
          [sampler.padEnd(10), trials, dimensions, ...figures]
            .map((text) => String(text).padStart(9))
            .join(""),
        );
        keep(bench, { version: optuna, cases }, { isLast: false });
      }
    }
  }
  keep(bench, { version: optuna, cases });
}

if (given.curve) measureCurves();
else measureBesidePeer();
