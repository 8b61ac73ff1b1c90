// A thread that plays searches by many simulated workers over recorded curves, one job at a time.
import { parentPort } from "node:worker_threads";
import { createCurveSurrogate } from "../dist/analysis/curve-surrogate.js";
import { replayTable } from "../dist/analysis/index.js";
import { chooseAlgorithm, knownSamplers, knownSchedulers } from "../dist/config/algorithms.js";
import { createRandom } from "../dist/math/random.js";
import { loadTable } from "./tables.mjs";

/** Seconds per step of the median training. */
const STEP_SECONDS = 60;
/** The standard deviation of the logarithm of a training's pace. */
const PACE_SPREAD = 0.5;
/** The share of trainings that fail on the way, and are not tried again. */
const FAILURES = 0.03;

/** A number from params, the same for the same ones. */
function hashOf(params) {
  let hash = 0;
  for (const letter of JSON.stringify(params)) hash = (Math.imul(hash, 31) + letter.codePointAt(0)) >>> 0;
  return hash;
}

/** A training with a pace of its own, which may fail somewhere. */
function eventful(curve, params) {
  const random = createRandom(hashOf(params), 0, 2);
  const pace = STEP_SECONDS * Math.exp(PACE_SPREAD * random.normal());
  const fails = random.uniform() < FAILURES;
  const reached = fails ? random.integer(1, curve.steps.length) - 1 : curve.steps.length;
  return {
    steps: curve.steps.slice(0, reached),
    reports: curve.reports.slice(0, reached),
    // A failed training is busy until it fails.
    seconds: Array.from({ length: reached + 1 }, (_, index) =>
      index < reached ? pace : fails ? pace / 2 : 0,
    ),
    end: fails ? "failed" : "complete",
  };
}

/** A search: when each new best value was seen, and how long workers were idle, in seconds of simulated time. */
function search(table, answer, { rule, workers, steps, seed }) {
  const improvements = [];
  let best = -1;
  let now = 0;
  let busy = 0;
  const since = new Map();
  const onEvent = (event) => {
    now = event.time / 1000;
    if (event.type === "attempt-started") since.set(event.trial, now);
    else if (event.type === "reported") {
      busy += now - since.get(event.trial);
      since.set(event.trial, now);
      const { accuracy } = event.metrics;
      if (accuracy > best) {
        best = accuracy;
        improvements.push([now, accuracy]);
      }
    } else if (["finished", "failed", "paused"].includes(event.type)) {
      busy += now - since.get(event.trial);
      since.delete(event.trial);
    }
  };
  const { study } = replayTable({
    table,
    answer: (params) => eventful(answer(params), params),
    scheduler: chooseAlgorithm(knownSchedulers(), rule.scheduler),
    sampler: chooseAlgorithm(knownSamplers(), rule.sampler),
    seed,
    workers,
    steps,
    onEvent,
  });
  for (const start of since.values()) busy += now - start;
  return {
    improvements,
    seconds: now,
    idle: Math.max(0, 1 - busy / (workers * now)),
    trials: study.trials.length,
    failed: study.byState.failed.size,
  };
}

let loaded;
parentPort.on("message", ({ path, ...job }) => {
  try {
    if (loaded?.path !== path) {
      const table = loadTable(path);
      const surrogate = createCurveSurrogate(table);
      loaded = { path, table, answer: (params) => surrogate(params).curve };
    }
    parentPort.postMessage(search(loaded.table, loaded.answer, job), []);
  } catch (error) {
    parentPort.postMessage({ failure: `${job.rule.name}, ${job.workers} workers: ${error.stack}` }, []);
  }
});
