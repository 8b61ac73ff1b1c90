import { expect } from "vitest";
import { isCurvewiseError } from "../../core/errors.js";
import { choice, float, int, ordinal, type Params, type ParamValue } from "../../core/param.js";
import type { Sampler } from "../../core/sampler.js";
import { createSearchSpace, type SearchSpace, sampleParams } from "../../core/search-space.js";
import type { TransferredStudy } from "../../core/study.js";
import type { LearningCurve } from "../../core/trial.js";
import { createRandom } from "../../math/random.js";
import { earlierStudies } from "../earlier-studies.js";
import type { Law } from "../laws.js";
import { playStudy } from "../played-study.js";
import type { SamplerSubject } from "./simulated-sampler.js";

const SEEDS = [1, 2, 3] as const;

/** A purpose of its own keeps these random numbers apart from those of the product. */
const NOISE = 0xffe0;

/** Params of every kind, one of them only for some trials; too many combinations to run out of. */
const WIDE = createSearchSpace({
  rate: float(1e-4, 1, { log: true }),
  share: float(0, 1),
  optimizer: choice(["sgd", "adam", "rmsprop"]),
  momentum: float(0, 1, { when: { optimizer: ["sgd", "rmsprop"] } }),
  width: int(16, 1024, { log: true }),
  layers: int(1, 8),
  batch: ordinal([16, 32, 64, 128]),
});

/** The halves of each number's scale, and each option: what a search of {@link WIDE} must have tried. */
const PLACES: Readonly<Record<string, (value: ParamValue) => string>> = {
  rate: (value) => (Number(value) < 1e-2 ? "low" : "high"),
  share: (value) => (Number(value) < 0.5 ? "low" : "high"),
  optimizer: String,
  momentum: (value) => (Number(value) < 0.5 ? "low" : "high"),
  width: (value) => (Number(value) < 128 ? "low" : "high"),
  layers: (value) => (Number(value) <= 4 ? "low" : "high"),
  batch: String,
};
const PLACES_COUNT: Readonly<Record<string, number>> = {
  rate: 2,
  share: 2,
  optimizer: 3,
  momentum: 2,
  width: 2,
  layers: 2,
  batch: 4,
};

/** Twelve combinations, some with a conditional param. */
const FEW = createSearchSpace({
  optimizer: choice(["sgd", "adam", "rmsprop"]),
  layers: int(1, 2),
  batch: ordinal([16, 32], { when: { optimizer: ["sgd", "adam"] } }),
  norm: choice([true, false], { when: { optimizer: "rmsprop" } }),
});
const FEW_COMBINATIONS = 12;

/** What earlier studies were like. */
const CALM = {
  inFlight: 4,
  trials: 20,
  maxSteps: 4,
  stride: 1,
  direction: "minimize",
  trouble: 0,
} as const;

const renamed = ({ steps, metrics }: LearningCurve): LearningCurve => ({
  steps,
  metrics: new Map([...metrics].map(([name, column]) => [name === "loss" ? "value" : name, column])),
});

const keyOf = (params: Params): string =>
  JSON.stringify(Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1)));

/** The sampler as it is made for a study of {@link playStudy}. */
function made({ choose }: SamplerSubject, space: SearchSpace, seed: number): Sampler {
  const goal = { metric: "value", direction: "minimize" } as const;
  return choose(space).create({ space, goal, maxSteps: 1, seed });
}

/** The earlier studies that it wants; their metric is another one, since no other is simulated. */
function transferredTo(subject: SamplerSubject, space: SearchSpace, seed: number): TransferredStudy[] {
  const { transfer } = made(subject, space, seed);
  const settings = { ...CALM, seed } as const;
  return earlierStudies(settings, transfer?.studies ?? [], space).map((study) => ({
    ...study,
    trials: study.trials.map((trial) => ({ ...trial, curve: renamed(trial.curve) })),
  }));
}

/** The params of the trials that a sampler proposes in a study that tells nothing of its params. */
function proposed(
  subject: SamplerSubject,
  space: SearchSpace,
  seed: number,
  trials: number,
  candidates?: readonly Params[],
): Params[] {
  const study = playStudy({
    space,
    sampler: subject.choose(space),
    transferred: transferredTo(subject, space, seed),
    valueOf: (_params, trial) => createRandom(seed, trial, NOISE).uniform(),
    seed,
    trials,
    ...(candidates === undefined ? {} : { candidates }),
  });
  return study.trials.map(({ params }) => params);
}

const isRefusal = (error: unknown): boolean => isCurvewiseError(error) && error.code === "OPTIONS_INVALID";

function amongCandidates(subject: SamplerSubject, seed: number): void {
  const candidates = Array.from({ length: 25 }, (_, index) =>
    Object.freeze(sampleParams(WIDE, createRandom(seed, index, NOISE))),
  );
  let asked: Params[];
  try {
    asked = proposed(subject, WIDE, seed, 2 * candidates.length, candidates);
  } catch (error) {
    // One that cannot choose among given params may say so, and nothing else.
    if (isRefusal(error)) return;
    throw error;
  }
  expect(new Set(asked.map(keyOf))).toEqual(new Set(candidates.map(keyOf)));
  expect(asked).toHaveLength(candidates.length);
}

/** Plays a study in which nothing can be learnt: all trainings fail, diverge, or come to the same. */
function inVain(subject: SamplerSubject, value: number | undefined): void {
  const trials = 30;
  const study = playStudy({
    space: WIDE,
    sampler: subject.choose(WIDE),
    transferred: transferredTo(subject, WIDE, 1),
    valueOf: () => value,
    seed: 1,
    trials,
    inFlight: 4,
  });
  const { size } = made(subject, WIDE, 1);
  expect(study.trials).toHaveLength(Math.min(trials, size ?? trials));
}

/** What is demanded of a search: that it looks everywhere, at what it may, and at nothing twice. */
export const searchLaws: readonly Law<SamplerSubject>[] = [
  {
    name: "looks into every part of the space",
    binds: ({ local }) => !local,
    check: (subject) => {
      for (const seed of SEEDS) {
        const seen = new Map<string, Set<string>>();
        // A grid goes through its levels in their order, so it is looked at whole.
        const trials = Math.min(2000, made(subject, WIDE, seed).size ?? 150);
        for (const params of proposed(subject, WIDE, seed, trials)) {
          for (const [name, value] of Object.entries(params)) {
            const places = seen.get(name) ?? new Set();
            places.add(PLACES[name]?.(value) ?? "");
            seen.set(name, places);
          }
        }
        const counts = Object.fromEntries([...seen].map(([name, places]) => [name, places.size]));
        expect(counts).toEqual(PLACES_COUNT);
      }
    },
  },
  {
    name: "hardly ever repeats itself where there is no end of it",
    binds: ({ local }) => !local,
    check: (subject) => {
      for (const seed of SEEDS) {
        const asked = proposed(subject, WIDE, seed, 60);
        expect(asked.length).toBeGreaterThan(10);
        expect(new Set(asked.map(keyOf)).size).toBeGreaterThan(0.9 * asked.length);
      }
    },
  },
  {
    name: "proposes nothing twice while there is anything else",
    binds: ({ repeats }) => !repeats,
    check: (subject) => {
      for (const seed of SEEDS) {
        const asked = proposed(subject, FEW, seed, FEW_COMBINATIONS).map(keyOf);
        expect(new Set(asked).size).toBe(asked.length);
      }
    },
  },
  {
    name: "chooses among candidates, each once, until none is left; or refuses them",
    check: (subject) => {
      for (const seed of SEEDS) amongCandidates(subject, seed);
    },
  },
  {
    name: "goes on where every training fails, diverges or comes to the same",
    check: (subject) => {
      for (const value of [undefined, Number.NaN, Number.POSITIVE_INFINITY, 1]) inVain(subject, value);
    },
  },
];
