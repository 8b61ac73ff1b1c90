import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { choice, fixed, float, int, ordinal, type Params } from "../../core/param.js";
import type { Scheduler } from "../../core/scheduler.js";
import { createSearchSpace, sampleParams } from "../../core/search-space.js";
import { createRandom, PURPOSE } from "../../math/random.js";
import { earlierStudies } from "../../testing/earlier-studies.js";
import { simulateSampler, simulationSettings } from "../../testing/simulated-study.js";
import { curve } from "./curve.js";
import { type PlainCurveSettings, plainCurve } from "./plain-curve.js";

const mixed = createSearchSpace(
  {
    lr: float(1e-4, 1, { log: true }),
    shift: float(-1, 1),
    depth: int(1, 4),
    batch: ordinal([16, 32, 64], { when: { depth: { min: 2 } } }),
    optimizer: choice(["sgd", "adam"]),
    momentum: float(0, 0.99, { when: { optimizer: "sgd" } }),
    epochs: fixed(30, { when: { optimizer: "adam" } }),
  },
  [{ name: "small", holds: ({ lr, depth }) => Number(lr) * Number(depth) <= 2 }],
);

const studies = fc.record({
  settings: simulationSettings(),
  startup: fc.constantFrom(2, 5, 12),
  random: fc.constantFrom(0.1, 0.5),
  eta: fc.constantFrom(2, 4),
  transfer: fc.constantFrom<string[]>([], [], ["one"], ["one", "two"]),
  /** Among so many candidates; 0: all of the space. */
  candidates: fc.constantFrom(0, 25),
  /** Whether a scheduler changes params of trials that were made. */
  isRestless: fc.boolean(),
});

/** Has trials go on with the models of others and params drawn at random. */
function restless(seed: number): Scheduler {
  return {
    snapshotEvery: 1,
    restore: () => {},
    observe: () => {},
    decide: (trial, _step, study) => {
      const parent = study.trials.find(({ number, snapshot }) => number !== trial.number && snapshot);
      if (parent?.snapshot === undefined || study.events % 3 > 0) return { action: "continue" };
      const params = sampleParams(mixed, createRandom(seed, study.events, 98));
      const explanation = { rule: "restless", reason: "By chance.", values: {} };
      const exploit = { parent: parent.number, snapshot: parent.snapshot, value: 0.5, params };
      return { action: "exploit", explanation, exploit };
    },
  };
}

describe("curve: equality with the definition", () => {
  it("holds for all proposals of 5 random studies", () => {
    let learnt = 0;
    fc.assert(
      fc.property(studies, ({ settings, candidates: count, isRestless, ...options }) => {
        const { seed, maxSteps, direction } = settings;
        const goal = { metric: "loss", direction } as const;
        const draws = createRandom(seed, 0, 99);
        const candidates: Params[] = Array.from({ length: count }, () => sampleParams(mixed, draws));
        const given = count === 0 ? {} : { candidates };
        const setup: PlainCurveSettings = { space: mixed, goal, maxSteps, seed, ...given, ...options };
        const { transfer, ...others } = options;
        const sampler = curve({ ...others, ...(transfer.length === 0 ? {} : { transfer }) }).create(setup);
        expect(sampler.size).toBe(count === 0 ? undefined : count);
        const found: string[] = [];
        const few = { ...settings, trials: Math.min(settings.trials, 20) };
        simulateSampler(few, "curve", {
          space: mixed,
          transferred: earlierStudies(few, transfer, mixed),
          ...(isRestless ? { scheduler: restless(seed) } : {}),
          sampler: {
            ...sampler,
            ask: (trial, random, study) => {
              const wanted = plainCurve(setup, trial, createRandom(seed, trial, PURPOSE.params), study);
              const params = sampler.ask(trial, random, study);
              const [said, meant] = [JSON.stringify(params), JSON.stringify(wanted)];
              if (said !== meant) found.push(`trial ${trial}: ${said}, by definition ${meant}`);
              if (trial >= options.startup) learnt += 1;
              return params;
            },
          },
        });
        expect(found).toEqual([]);
      }),
      { numRuns: 5 },
    );
    expect(learnt).toBeGreaterThan(0);
  });
});
