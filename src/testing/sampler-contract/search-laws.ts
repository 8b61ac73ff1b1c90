import { expect } from "vitest";
import { sampleParams } from "../../core/draw/sample-params.js";
import { isCurvewiseError } from "../../core/errors.js";
import type { Direction } from "../../core/goal.js";
import { choice, float, int, ordinal, type Params, type ParamValue } from "../../core/param.js";
import type { Sampler } from "../../core/sampler.js";
import { createSearchSpace, type SearchSpace } from "../../core/search-space.js";
import type { TransferredStudy } from "../../core/study.js";
import type { LearningCurve, Trial } from "../../core/trial.js";
import { createRandom } from "../../math/random.js";
import { earlierStudies } from "../earlier-studies.js";
import type { Law } from "../laws.js";
import { type PlayedStudy, playStudy } from "../played-study.js";
import { sharedSimulations } from "../shared-simulations.js";
import type { SamplerSubject } from "./simulated-sampler.js";

const SEEDS = [1, 2, 3] as const;

/** A separate purpose keeps these random numbers apart from the product's. */
const NOISE = 0xffe0;

/** Params of every kind, one of them conditional; more combinations than can be used up. */
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

/** Endless, but with four combinations wherever the condition of its float does not hold. */
const BRANCHED = createSearchSpace({
  solver: choice(["direct", "blocked", "iterative"]),
  block: int(1, 3, { when: { solver: "blocked" } }),
  relaxation: float(0, 2, { when: { solver: "iterative" } }),
});
const BRANCHED_TRIALS = 30;

/**
 * The number of trials in which a sampler must show that it learns, by how much closer to the best the last ones are
 * than the first.
 */
const LEARNING_TRIALS = 60;
const LEARNT = 0.85;

/** A smooth loss of {@link WIDE}, 0 at best. */
const wideLoss = ({ rate, share, width, layers }: Params): number =>
  Math.abs(Math.log10(Number(rate)) + 2) / 2 +
  Math.abs(Number(share) - 0.3) +
  Math.abs(Math.log2(Number(width)) - 7) / 3 +
  Math.abs(Number(layers) - 3) / 5;

/** The settings of earlier studies. */
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

/** The sampler, created for a study of {@link playStudy}. */
function made({ choose }: SamplerSubject, space: SearchSpace, seed: number): Sampler {
  const goal = { metric: "value", direction: "minimize" } as const;
  return choose(space).create({ space, goal, maxSteps: 1, seed });
}

/** The earlier studies that it wants; their metric differs, since no other is simulated. */
function transferredTo(subject: SamplerSubject, space: SearchSpace, seed: number): TransferredStudy[] {
  const { transfer } = made(subject, space, seed);
  const settings = { ...CALM, seed } as const;
  return earlierStudies(settings, transfer?.studies ?? [], space).map((study) => ({
    ...study,
    trials: study.trials.map((trial) => ({ ...trial, curve: renamed(trial.curve) })),
  }));
}

type Played = Pick<
  PlayedStudy,
  "space" | "seed" | "trials" | "inFlight" | "direction" | "candidates" | "repeats"
>;

/** A study with a sampler; by default its values say nothing about the params. */
export function play(
  subject: SamplerSubject,
  played: Played,
  valueOf: PlayedStudy["valueOf"] = (_params, trial) => createRandom(played.seed, trial, NOISE).uniform(),
): readonly Trial[] {
  const { space, seed } = played;
  const transferred = transferredTo(subject, space, seed);
  return playStudy({ sampler: subject.choose(space), transferred, valueOf, ...played }).trials;
}

const proposed = (subject: SamplerSubject, played: Played): Params[] =>
  play(subject, played).map(({ params }) => params);

const searched = sharedSimulations<readonly Params[][]>();

/** How many trials show what it does in a wide space: all of a grid's, since it goes through them in order. */
const trialsIn = (subject: SamplerSubject, seed: number): number =>
  Math.min(2000, Math.max(60, made(subject, WIDE, seed).size ?? 60));

/** What it proposes in a wide space, for each seed; played once for all laws. */
const searches = (subject: SamplerSubject): readonly Params[][] =>
  searched(subject).simulated("wide", () =>
    SEEDS.map((seed) => proposed(subject, { space: WIDE, seed, trials: trialsIn(subject, seed) })),
  );

const isRefusal = (error: unknown): boolean => isCurvewiseError(error) && error.code === "OPTIONS_INVALID";

function amongCandidates(subject: SamplerSubject, seed: number, inFlight: number): void {
  const candidates = Object.freeze(
    Array.from({ length: 25 }, (_, index) =>
      Object.freeze(sampleParams(WIDE, createRandom(seed, index, NOISE))),
    ),
  );
  const goal = { metric: "value", direction: "minimize" } as const;
  try {
    subject.choose(WIDE).create({ space: WIDE, goal, maxSteps: 1, seed, candidates });
  } catch (error) {
    // A sampler that cannot choose from given params may only say so.
    if (isRefusal(error)) return;
    throw error;
  }
  const asked = proposed(subject, { space: WIDE, seed, trials: 2 * candidates.length, inFlight, candidates });
  expect(new Set(asked.map(keyOf))).toEqual(new Set(candidates.map(keyOf)));
  expect(asked).toHaveLength(candidates.length);
}

/** How far its last proposals are from the best of {@link WIDE}, relative to its first ones: 1 without learning. */
function remainderOf(subject: SamplerSubject, direction: Direction): number {
  const sign = direction === "minimize" ? 1 : -1;
  const played = { space: WIDE, direction, trials: LEARNING_TRIALS, inFlight: 2 };
  const losses = SEEDS.map((seed) =>
    play(subject, { ...played, seed }, (params) => sign * wideLoss(params)).map(({ params }) =>
      wideLoss(params),
    ),
  );
  const part = Math.floor(LEARNING_TRIALS / 3);
  const first = losses.flatMap((each) => each.slice(0, part));
  const last = losses.flatMap((each) => each.slice(-part));
  const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
  return sum(last) / sum(first);
}

/** Laws for a search: it must look everywhere, only where it may, nowhere twice, and where it is good. */
export const searchLaws: readonly Law<SamplerSubject>[] = [
  {
    name: "explores every part of the space",
    binds: ({ local }) => !local,
    check: (subject) => {
      const seen = new Map<string, Set<string>>();
      for (const [name, value] of searches(subject)
        .flat()
        .flatMap(Object.entries<ParamValue>)) {
        const places = seen.get(name) ?? new Set();
        places.add(PLACES[name]?.(value) ?? "");
        seen.set(name, places);
      }
      const counts = Object.fromEntries([...seen].map(([name, places]) => [name, places.size]));
      expect(counts).toEqual(PLACES_COUNT);
    },
  },
  {
    name: "hardly ever repeats itself in an endless space",
    binds: ({ local }) => !local,
    check: (subject) => {
      for (const asked of searches(subject)) {
        expect(new Set(asked.map(keyOf)).size).toBeGreaterThan(0.9 * asked.length);
      }
    },
  },
  {
    name: "proposes nothing twice while there is anything new",
    binds: ({ repeats }) => !repeats,
    check: (subject) => {
      for (const asked of searches(subject)) expect(new Set(asked.map(keyOf)).size).toBe(asked.length);
      for (const seed of SEEDS) {
        for (const inFlight of [1, 4]) {
          for (const [space, trials] of [
            [FEW, FEW_COMBINATIONS],
            [BRANCHED, BRANCHED_TRIALS],
          ] as const) {
            const asked = proposed(subject, { space, seed, trials, inFlight });
            expect(new Set(asked.map(keyOf)).size).toBe(asked.length);
          }
        }
      }
    },
  },
  {
    name: "ends when every combination was tried, unless it may repeat them",
    binds: ({ local, repeats }) => !local && !repeats,
    check: (subject) => {
      for (const seed of SEEDS) {
        const played = { space: FEW, seed, trials: 2 * FEW_COMBINATIONS, inFlight: seed };
        expect(proposed(subject, played)).toHaveLength(FEW_COMBINATIONS);
        const { size = played.trials } = made(subject, FEW, seed);
        const again = proposed(subject, { ...played, repeats: true });
        // A grid never goes through its combinations twice.
        expect([FEW_COMBINATIONS, played.trials]).toContain(again.length);
        expect(again.length).toBeGreaterThanOrEqual(Math.min(size, FEW_COMBINATIONS));
      }
    },
  },
  {
    name: "goes on as long as there is anything to propose, or says how many trials there are",
    check: (subject) => {
      for (const [space, count] of [
        [WIDE, 60],
        [FEW, FEW_COMBINATIONS],
      ] as const) {
        const { size = count } = made(subject, space, 1);
        expect(proposed(subject, { space, seed: 1, trials: count })).toHaveLength(Math.min(size, count));
      }
    },
  },
  {
    name: "chooses from candidates, each once, until none are left, or refuses them",
    check: (subject) => {
      for (const seed of SEEDS) amongCandidates(subject, seed, 2 * seed - 1);
    },
  },
  {
    name: "goes on if every training fails, diverges or reports the same values",
    check: (subject) => {
      const trials = Math.min(30, made(subject, WIDE, 1).size ?? 30);
      for (const value of [undefined, Number.NaN, Number.POSITIVE_INFINITY, 1]) {
        const played = { space: WIDE, seed: 1, trials: 30, inFlight: 4 };
        expect(play(subject, played, () => value)).toHaveLength(trials);
      }
    },
  },
  {
    name: "gets closer to the goal, in either direction",
    binds: ({ learns }) => learns,
    check: (subject) => {
      for (const direction of ["minimize", "maximize"] as const) {
        expect([direction, remainderOf(subject, direction) < LEARNT]).toEqual([direction, true]);
      }
    },
  },
];
