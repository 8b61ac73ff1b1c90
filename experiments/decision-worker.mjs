// A thread that measures what a scheduler's decision costs in a study with many trials.
import { parentPort } from "node:worker_threads";
import { addTrial, emptyStudy, randomNumbers } from "../bench/made-study.mjs";
import { chooseAlgorithm, knownSchedulers } from "../dist/config/algorithms.js";

const POINTS = 16;
const STEPS = Array.from({ length: POINTS }, (_, index) => index + 1);
const goal = { metric: "loss", direction: "minimize", of: "last" };
/** How many decisions are measured, and for how long at most, in milliseconds. */
const DECISIONS = 400;
const LONGEST = 5000;

/** Losses that fall from 1 to an end of their own, with noise. */
function losses(random) {
  const floor = random();
  const speed = 1 + 6 * random();
  return STEPS.map(
    (step) => floor + (1 - floor) * Math.exp((-speed * (step - 1)) / POINTS) + 0.02 * random(),
  );
}

/** How far a trial got, and what became of it: as successive halving with eta 4 leaves them, or all to the end. */
function fateOf(index, halves) {
  if (!halves || index % 16 === 0) return { state: "complete", reached: POINTS };
  return { state: halves, reached: index % 4 === 0 ? 4 : 1 };
}

function quantile(sorted, share) {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}

/**
 * What a scheduler takes for a report: to observe it, to decide, and, where the trial does not go on, to say which
 * paused trial does; in milliseconds.
 */
function measure({ scheduler: input, halves }, trials) {
  const random = randomNumbers(trials);
  const study = emptyStudy(goal, POINTS);
  for (let index = 0; index < trials; index++) {
    const { state, reached } = fateOf(index, halves);
    const curve = losses(random).slice(0, reached);
    addTrial(study, state, STEPS.slice(0, reached), curve);
  }
  const scheduler = chooseAlgorithm(knownSchedulers(), input).create({ goal, maxSteps: POINTS, seed: 0 });
  const began = performance.now();
  scheduler.restore(study);
  const restored = performance.now() - began;
  const times = [];
  const until = performance.now() + LONGEST;
  const isEnough = () => times.length >= DECISIONS || (times.length > 0 && performance.now() > until);
  while (!isEnough()) {
    const curve = losses(random);
    const trial = addTrial(study, "running", [], []);
    for (const step of STEPS.slice(0, -1)) {
      if (isEnough()) break;
      trial.curve.steps.push(step);
      trial.curve.metrics.get("loss").push(curve[step - 1]);
      const start = performance.now();
      const reported = { type: "reported", trial: trial.number, attempt: 1, step, metrics: {}, time: 0 };
      scheduler.observe(reported, study);
      const { action } = scheduler.decide(trial, step, study);
      if (action === "continue") {
        times.push(performance.now() - start);
        continue;
      }
      const state = action === "pause" ? "paused" : "stopped";
      study.byState.running.delete(trial.number);
      study.byState[state].add(trial.number);
      trial.state = state;
      const ended =
        action === "pause"
          ? { type: "paused", trial: trial.number, attempt: 1, time: 0 }
          : { type: "finished", trial: trial.number, attempt: 1, state, time: 0 };
      scheduler.observe(ended, study);
      scheduler.resume?.(study, false);
      times.push(performance.now() - start);
      break;
    }
    if (trial.state === "running") {
      study.byState.running.delete(trial.number);
      study.byState.stopped.add(trial.number);
      trial.state = "stopped";
      scheduler.observe(
        { type: "finished", trial: trial.number, attempt: 1, state: "stopped", time: 0 },
        study,
      );
    }
  }
  const sorted = times.sort((a, b) => a - b);
  return {
    trials,
    decisions: times.length,
    medianMs: quantile(sorted, 0.5),
    p99Ms: quantile(sorted, 0.99),
    meanMs: times.reduce((sum, time) => sum + time, 0) / times.length,
    restoreMs: restored,
  };
}

parentPort.on("message", ({ rule, trials }) => {
  try {
    parentPort.postMessage(measure(rule, trials), []);
  } catch (error) {
    parentPort.postMessage({ failure: `${rule.name}, ${trials} trials: ${error.stack}` }, []);
  }
});
