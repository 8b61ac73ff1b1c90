import type { EventBody } from "../core/events.js";
import type { Direction } from "../core/goal.js";
import { choice, float, int, ordinal, type Params } from "../core/param.js";
import type { SamplerChoice } from "../core/sampler.js";
import { createSearchSpace, type SearchSpace } from "../core/search-space.js";
import type { TransferredStudy } from "../core/study.js";
import { applyEvent } from "../core/study-fold.js";
import { type StudyRecord, studyRecord } from "../core/study-record.js";
import { encodeTransferred } from "../core/transferred-study.js";
import { createRandom, PURPOSE } from "../math/random.js";

/** What to play: a sampler on a function of the params. */
export interface PlayedStudy {
  readonly space: SearchSpace;
  readonly sampler: SamplerChoice;
  /** The value of a trial's only report; undefined if its training fails. */
  readonly valueOf: (params: Params, trial: number) => number | undefined;
  readonly seed: number;
  /** The maximum number of trials. */
  readonly trials: number;
  /** How many trials are under way when another one is asked for; the first to begin ends first. */
  readonly inFlight?: number;
  readonly direction?: Direction;
  readonly candidates?: readonly Params[];
  /** Whether params may be proposed again once all were; not unless given. */
  readonly repeats?: boolean;
  /** Earlier studies whose curves join the study at its beginning. */
  readonly transferred?: readonly TransferredStudy[];
  /** Stops once a trial has such a value. */
  readonly isEnough?: (value: number) => boolean;
}

/** Plays a study without engine, clock or scheduler: each trial reports once, at step 1, and is complete. */
export function playStudy(played: PlayedStudy): StudyRecord {
  const { space, sampler: choice, valueOf, seed, trials, inFlight = 1, candidates } = played;
  const goal = { metric: "value", direction: played.direction ?? "minimize", of: "best" } as const;
  const study = studyRecord(
    {
      name: "played",
      goal,
      space: space.params,
      constraints: space.constraints.map(({ name }) => name),
      maxSteps: 1,
      sampler: { name: choice.name, options: choice.options },
      scheduler: { name: "none", options: {} },
      budget: {},
      seed,
      retries: 0,
    },
    0,
  );
  const given = { repeats: played.repeats ?? false, ...(candidates === undefined ? {} : { candidates }) };
  const sampler = choice.create({ space, goal, maxSteps: 1, seed, ...given });
  sampler.restore?.(study);
  const push = (body: EventBody): void => {
    const event = { ...body, time: study.events };
    applyEvent(study, event);
    sampler.observe?.(event, study);
  };
  for (const each of played.transferred ?? []) push(encodeTransferred(each));
  const underWay: { readonly trial: number; readonly value: number | undefined }[] = [];
  /** Ends the trial that began first; returns true if its value is enough. */
  const end = (): boolean => {
    const first = underWay.shift();
    if (first === undefined) return false;
    const { trial, value } = first;
    if (value === undefined) {
      const error = { code: "PROGRAM_FAILED", message: "exit code 1" };
      push({ type: "failed", trial, attempt: 1, error, output: [], retry: false });
      return false;
    }
    push({ type: "reported", trial, attempt: 1, step: 1, metrics: { value } });
    push({ type: "finished", trial, attempt: 1, state: "complete" });
    return played.isEnough?.(value) ?? false;
  };
  for (let trial = 0; trial < trials; trial++) {
    const params = sampler.ask(trial, createRandom(seed, trial, PURPOSE.params), study);
    if (params === undefined) break;
    push({ type: "trial-asked", trial, params, seed: trial, sampler: choice.name });
    push({ type: "attempt-started", trial, attempt: 1, worker: "w1", fromStep: 0 });
    underWay.push({ trial, value: valueOf(params, trial) });
    if (underWay.length >= inFlight && end()) return study;
  }
  while (underWay.length > 0) if (end()) return study;
  return study;
}

/** A space with params of every kind, a condition and a constraint, for {@link mixedLoss}. */
export const mixed = createSearchSpace(
  {
    rate: float(1e-5, 1, { log: true }),
    optimizer: choice(["sgd", "adam", "rmsprop"]),
    momentum: float(0, 0.99, { when: { optimizer: "sgd" } }),
    layers: int(1, 6),
    width: int(16, 1024, { log: true }),
    batch: ordinal([16, 32, 64, 128, 256]),
  },
  [{ name: "small", holds: ({ layers, width }) => Number(layers) * Number(width) <= 2048 }],
);
/** A smooth loss of the mixed space, 0 at best; with the optimizer sgd, 0.1 at best. */
export const mixedLoss = ({ rate, optimizer, momentum = 0, layers, width, batch }: Params): number =>
  (Math.log10(Number(rate)) + (optimizer === "sgd" ? 1.2 + Number(momentum) : 3)) ** 2 +
  (optimizer === "adam" ? 0 : 0.1) +
  Math.abs(Number(layers) - 3) / 4 +
  (Math.log2(Number(width)) - 8) ** 2 / 4 +
  Math.abs(Math.log2(Number(batch)) - 5) / 4;
