import type { Explanation } from "../../src/core/decision.js";
import { sampleParams } from "../../src/core/draw/sample-params.js";
import type { EventBody, StudyEvent } from "../../src/core/events.js";
import { choice, float, int, ordinal, type Params, type Space } from "../../src/core/param.js";
import type { StudyDefinition } from "../../src/core/study-definition.js";
import { applyEvent, beginStudy } from "../../src/core/study-fold.js";
import { type StudyRecord } from "../../src/core/study-record.js";
import { createRandom, type Random } from "../../src/math/random.js";

/** What kind of study is made up. */
export interface GeneratedOptions {
  readonly name?: string;
  readonly trials?: number;
  readonly maxSteps?: number;
  readonly seed?: number;
  /** Reports the loss alone, to be minimised, or the accuracy too, to be maximised. */
  readonly goal?: "loss" | "accuracy";
  /** Whether curves that fall behind are stopped. */
  readonly stopping?: boolean;
  /** Steps after which no further trial starts. */
  readonly totalSteps?: number;
  readonly failShare?: number;
  readonly divergeShare?: number;
  /** Leaves the last trials running, paused and waiting. */
  readonly unfinished?: boolean;
  readonly space?: Space;
  /** What failing programs print. */
  readonly output?: readonly string[];
  readonly failure?: string;
}

/** A made-up study and its log. */
export interface GeneratedStudy {
  readonly study: StudyRecord;
  readonly events: StudyEvent[];
}

/** A search space like that of a small network. */
export const NETWORK_SPACE: Space = {
  lr: float(1e-4, 1, { log: true }),
  width: int(16, 512, { log: true }),
  depth: int(1, 4),
  batch: ordinal([16, 32, 64, 128]),
  optimizer: choice(["sgd", "adam"]),
  momentum: float(0, 0.99, { when: { optimizer: "sgd" } }),
};

const START = Date.UTC(2025, 2, 3, 9, 30);

/** How far a setting is from a good one, from 0. */
function badness(params: Params): number {
  const lr = typeof params["lr"] === "number" ? Math.log10(params["lr"]) : -2;
  const best = params["optimizer"] === "adam" ? -2.7 : -1.3;
  const width = typeof params["width"] === "number" ? Math.log2(params["width"]) : 8;
  return 0.5 * Math.abs(lr - best) + 0.12 * Math.abs(width - 8);
}

function lossAt(params: Params, step: number, random: Random): number {
  const bad = badness(params);
  const floor = 0.28 + 0.55 * bad;
  return floor + (2.3 - Math.min(2, floor)) * Math.exp(-step / (2.5 + 3 * bad)) + 0.012 * random.normal();
}

/** What the scheduler says of a stopped trial, with numbers that belong together. */
function stopExplanation(
  step: number,
  loss: number,
  library: readonly (readonly [number, number])[],
): Explanation {
  const nearest = library
    .map(([trial, performance]) => ({ trial, distance: Math.abs(performance - loss) / 2, performance }))
    .sort((a, b) => a.distance - b.distance || a.trial - b.trial)
    .slice(0, 7);
  const prediction = nearest[0]?.performance ?? loss;
  const rank =
    library.filter(([, performance]) => performance < prediction).length / Math.max(1, library.length);
  return {
    rule: "lcm/poster",
    reason: `The nearest complete curve, that of trial ${nearest[0]?.trial ?? 0}, ended at ${prediction.toFixed(4)}; ${Math.round(100 * rank)} % of the complete trainings are better, and the limit is 50 %.`,
    values: { prediction, rankPercentage: rank, threshold: 0.5, current: loss },
    steps: Array.from({ length: Math.floor(step / 5) }, (_, index) => 5 * (index + 1)),
    neighbours: nearest,
  };
}

/** Makes up a study: random params, curves by a formula with noise, some stopped, some failed. */
export function generateStudy(options: GeneratedOptions = {}): GeneratedStudy {
  const {
    name = "fashion-mlp",
    trials = 120,
    maxSteps = 30,
    seed = 7,
    goal = "loss",
    stopping = true,
  } = options;
  const { failShare = 0.04, divergeShare = 0.03, unfinished = false, space = NETWORK_SPACE } = options;
  const { output = ["epoch 1", "Traceback (most recent call last):", "MemoryError: out of memory"] } =
    options;
  const definition: StudyDefinition = {
    name,
    goal: { metric: goal, direction: goal === "loss" ? "minimize" : "maximize" },
    space,
    constraints: [],
    maxSteps,
    sampler: { name: "random", options: {} },
    scheduler: stopping
      ? { name: "lcm", options: { mode: "poster", accumulate: 10, stopRank: 0.5 } }
      : { name: "none", options: {} },
    budget: options.totalSteps === undefined ? { trials } : { totalSteps: options.totalSteps },
    seed,
    retries: 0,
  };
  let time = START;
  const created: StudyEvent = { type: "study-created", definition, time };
  const study = beginStudy(created);
  const events: StudyEvent[] = [created];
  const record = (body: EventBody, seconds = 0): void => {
    time += Math.round(1000 * seconds);
    const event = { ...body, time };
    applyEvent(study, event);
    events.push(event);
  };
  record({ type: "study-opened", host: "node-1", pid: 4711 });
  // Not createSearchSpace: logs made by other versions may hold names that it refuses, and pages must stand them.
  const searchSpace = { params: space, order: Object.keys(space), constraints: [] };
  const library: [number, number][] = [];
  for (let trial = 0; trial < trials; trial++) {
    if (options.totalSteps !== undefined && study.totalSteps >= options.totalSteps) break;
    const random = createRandom(seed, trial, 0);
    const params = sampleParams(searchSpace, random);
    record({ type: "trial-asked", trial, params, seed: random.integer(0, 2 ** 31 - 1), sampler: "random" });
    const left = trials - 1 - trial;
    if (unfinished && left === 0) continue;
    record({ type: "attempt-started", trial, attempt: 1, worker: `local-${trial % 2}`, fromStep: 0 }, 0.2);
    const fate = random.uniform();
    const last = unfinished && left < 3;
    const diverges = !last && fate > 1 - divergeShare;
    const failsAt =
      !last && fate < failShare ? random.integer(0, Math.min(8, maxSteps - 1)) : Number.POSITIVE_INFINITY;
    let over = false;
    let loss = 0;
    for (let step = 1; step <= maxSteps && !over; step++) {
      if (step > failsAt) break;
      loss = diverges && step > 4 ? Number.NaN : lossAt(params, step, random);
      const accuracy = Math.max(0.1, 0.97 - 0.26 * loss);
      const metrics = goal === "loss" ? { loss } : { loss, accuracy };
      record({ type: "reported", trial, attempt: 1, step, metrics }, 0.6);
      if (unfinished && left === 1 && step === 12) over = true;
      if (unfinished && left === 2 && step === 9) {
        const explanation: Explanation = { rule: "asha", reason: "It waits at rung 9.", values: { rung: 9 } };
        record({ type: "decided", trial, attempt: 1, step, action: "pause", explanation });
        record({ type: "paused", trial, attempt: 1 });
        over = true;
      }
      if (!stopping || over || library.length < 10 || step % 10 !== 0 || step === maxSteps) continue;
      const explanation = stopExplanation(step, loss, library);
      const stop = Number.isNaN(loss) || (explanation.values["rankPercentage"] ?? 0) > 0.5;
      record({ type: "decided", trial, attempt: 1, step, action: stop ? "stop" : "continue", explanation });
      if (!stop) continue;
      record({ type: "finished", trial, attempt: 1, state: "stopped" });
      over = true;
    }
    if (over) continue;
    if (failsAt < maxSteps) {
      const message = options.failure ?? "the program ended with exit code 1";
      const error = { code: "PROGRAM_FAILED", message, hint: "Its last output says why." };
      record({ type: "failed", trial, attempt: 1, error, output, retry: false });
      continue;
    }
    record({ type: "finished", trial, attempt: 1, state: "complete" });
    if (Number.isFinite(loss)) library.push([trial, loss]);
  }
  return { study, events };
}
