import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sampleParams } from "../../core/draw/sample-params.js";
import { choice, fixed, float, int, ordinal, type Params } from "../../core/param.js";
import type { SamplerChoice } from "../../core/sampler.js";
import { createSearchSpace } from "../../core/search-space.js";
import type { Study } from "../../core/study.js";
import { createRandom, PURPOSE, type Random } from "../../math/random.js";
import {
  type SimulationSettings,
  simulatedGoal,
  simulateSampler,
  simulationSettings,
} from "../../testing/simulated-study.js";
import { differentialEvolution } from "../differential-evolution.js";
import { regularizedEvolution } from "../regularized-evolution.js";
import { type PlainSetup, plainDifferential, plainRegularized } from "./plain-evolution.js";

const wide = createSearchSpace(
  {
    rate: float(1e-4, 1, { log: true }),
    shift: float(-1, 1),
    grid: float(0, 1, { step: 0.25 }),
    depth: int(1, 9, { step: 2 }),
    width: int(1, 64, { log: true }),
    optimizer: choice(["sgd", "adam", "rmsprop"]),
    batch: ordinal([16, 32, 64]),
    beta: float(0.5, 0.999, { when: { optimizer: "adam" } }),
    epochs: fixed(3),
    one: choice(["only"]),
  },
  [{ name: "small", holds: ({ depth, batch }) => Number(depth) * Number(batch) <= 320 }],
);
const narrow = createSearchSpace({ kind: choice(["a", "b"]), size: int(1, 4), flag: choice([true, false]) }, [
  { name: "not both", holds: ({ kind, size }) => kind === "a" || Number(size) < 4 },
]);
/** Here a child of a child may break what its parent keeps. */
const tight = createSearchSpace({ x: int(1, 12), y: int(1, 12) }, [
  { name: "near", holds: ({ x, y }) => Math.abs(Number(x) - Number(y)) <= 1 },
]);

const studies = fc.record({
  settings: simulationSettings(),
  space: fc.constantFrom(wide, wide, narrow, tight),
  /** Among so many candidates; 0: all of the space. */
  candidates: fc.constantFrom(0, 0, 0, 30),
  foreign: fc.constantFrom(0, 0, 0.3),
});
type Played = typeof studies extends fc.Arbitrary<infer Value> ? Value : never;

type Ask = (setup: PlainSetup, trial: number, random: Random, study: Study) => Params | undefined;

function candidatesOf({ candidates, space, settings }: Played): { readonly candidates?: readonly Params[] } {
  const random = createRandom(settings.seed, 0, 99);
  const drawn = Array.from({ length: candidates }, () => sampleParams(space, random));
  return candidates === 0 ? {} : { candidates: drawn };
}

/** Plays a study; where params were proposed that are not those of the definition, and how many were. */
function played(
  study: Played,
  product: SamplerChoice,
  ask: Ask,
): { readonly found: string[]; asked: number } {
  const { space, foreign } = study;
  const settings: SimulationSettings = study.settings;
  const { seed, maxSteps } = settings;
  const goal = simulatedGoal(settings);
  const setup: PlainSetup = { space, goal, seed, ...candidatesOf(study) };
  const sampler = product.create({ ...setup, maxSteps });
  const found: string[] = [];
  let asked = 0;
  simulateSampler(settings, product.name, {
    space,
    foreign,
    sampler: {
      ...sampler,
      ask: (trial, random, at) => {
        const wanted = ask(setup, trial, createRandom(seed, trial, PURPOSE.params), at);
        const params = sampler.ask(trial, random, at);
        const [said, meant] = [JSON.stringify(params), JSON.stringify(wanted)];
        if (said !== meant) found.push(`trial ${trial}: ${said}, by definition ${meant}`);
        asked += 1;
        return params;
      },
    },
  });
  return { found, asked };
}

describe("evolution: equality with the definition", () => {
  it("holds for the proposals of differential evolution in 10 random studies", () => {
    const options = fc.record({
      population: fc.constantFrom(4, 5, 8),
      strategy: fc.constantFrom("best1bin", "rand1bin"),
      mutation: fc.constantFrom(0.5, 1.5),
      crossover: fc.constantFrom(0, 0.5, 1),
    });
    let asked = 0;
    fc.assert(
      fc.property(studies, options, (study, chosen) => {
        const ask: Ask = (setup, ...rest) => plainDifferential(setup, chosen, ...rest);
        const answers = played(study, differentialEvolution(chosen), ask);
        expect(answers.found).toEqual([]);
        asked += answers.asked;
      }),
      { numRuns: 10 },
    );
    expect(asked).toBeGreaterThan(10);
  });

  it("holds for the proposals of regularized evolution in 10 random studies", () => {
    const options = fc.record({
      population: fc.constantFrom(2, 5, 10),
      sample: fc.constantFrom(1, 2),
      removal: fc.constantFrom("oldest", "worst"),
      spread: fc.constantFrom(0.01, 0.1, 1),
    });
    let asked = 0;
    fc.assert(
      fc.property(studies, options, (study, chosen) => {
        const ask: Ask = (setup, ...rest) => plainRegularized(setup, chosen, ...rest);
        const answers = played(study, regularizedEvolution(chosen), ask);
        expect(answers.found).toEqual([]);
        asked += answers.asked;
      }),
      { numRuns: 10 },
    );
    expect(asked).toBeGreaterThan(10);
  });
});
