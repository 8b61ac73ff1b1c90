// Studies with as many trials as a measurement needs, made without training.
import { studyRecord } from "../dist/core/study-record.js";

/** Reproducible random numbers (mulberry32). */
export function randomNumbers(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** A study without trials. */
export function emptyStudy(goal, maxSteps) {
  return studyRecord(
    {
      name: "bench",
      goal,
      space: {},
      constraints: [],
      maxSteps,
      sampler: { name: "random", options: {} },
      scheduler: { name: "lcm", options: {} },
      budget: {},
      seed: 0,
      retries: 0,
    },
    0,
  );
}

/** Adds a trial in a state, with the losses that it reported at these steps. */
export function addTrial(study, state, steps, losses) {
  const number = study.trials.length;
  study.trials.push({
    number,
    params: {},
    seed: number,
    sampler: "random",
    state,
    attempt: 1,
    failures: 0,
    worker: undefined,
    curve: { steps: [...steps], metrics: new Map([["loss", [...losses]]]) },
    decision: undefined,
    snapshot: undefined,
    exploiting: undefined,
    inheritances: [],
    pauses: [],
    failure: undefined,
    askedAt: 0,
    startedAt: 0,
    endedAt: undefined,
    completion: state === "complete" ? number : undefined,
  });
  study.byState[state].add(number);
  return study.trials[number];
}
