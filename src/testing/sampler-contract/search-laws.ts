import { expect } from "vitest";
import { isCurvewiseError } from "../../core/errors.js";
import { choice, float, int, ordinal, type Params, type ParamValue } from "../../core/param.js";
import { createSearchSpace, type SearchSpace, sampleParams } from "../../core/search-space.js";
import { createRandom } from "../../math/random.js";
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

const keyOf = (params: Params): string => JSON.stringify(Object.entries(params).sort());

/** The params of the trials that a sampler proposes in a study that tells nothing of its params. */
function proposed(
  { choose }: SamplerSubject,
  space: SearchSpace,
  seed: number,
  trials: number,
  candidates?: readonly Params[],
): Params[] {
  const study = playStudy({
    space,
    sampler: choose(space),
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
function inVain({ choose }: SamplerSubject, value: number | undefined): void {
  const trials = 30;
  const study = playStudy({
    space: WIDE,
    sampler: choose(WIDE),
    valueOf: () => value,
    seed: 1,
    trials,
    inFlight: 4,
  });
  const size = choose(WIDE).create({
    space: WIDE,
    goal: { metric: "value", direction: "minimize" },
    maxSteps: 1,
    seed: 1,
  }).size;
  expect(study.trials).toHaveLength(Math.min(trials, size ?? trials));
}

/** What is demanded of a search: that it looks everywhere, at what it may, and at nothing twice. */
export const searchLaws: readonly Law<SamplerSubject>[] = [
  {
    name: "looks into every part of the space",
    binds: ({ given }) => !given,
    check: (subject) => {
      for (const seed of SEEDS) {
        const seen = new Map<string, Set<string>>();
        for (const params of proposed(subject, WIDE, seed, 150)) {
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
    name: "proposes something new each time where there is no end of it",
    binds: ({ given }) => !given,
    check: (subject) => {
      for (const seed of SEEDS) {
        const asked = proposed(subject, WIDE, seed, 60);
        expect(asked.length).toBeGreaterThan(10);
        expect(new Set(asked.map(keyOf)).size).toBe(asked.length);
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
