import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Trial } from "../core/trial.js";
import { rungSteps } from "../forecast/rung-steps.js";
import { createLadder, recordOf, recordsOf } from "./rungs.js";

const trialOf = (steps: readonly number[], losses: readonly (number | null)[]): Trial => ({
  number: 0,
  params: {},
  seed: 0,
  sampler: "random",
  state: "running",
  attempt: 1,
  failures: 0,
  worker: undefined,
  curve: { steps, metrics: new Map([["loss", losses]]) },
  replicates: [],
  unspared: false,
  pauses: [],
  parked: false,
  decision: undefined,
  snapshot: undefined,
  bestSnapshot: undefined,
  exploiting: undefined,
  inheritances: [],
  failure: undefined,
  askedAt: 0,
  startedAt: 0,
  endedAt: undefined,
  completion: undefined,
  trainedFor: 0,
});

describe("rungs", () => {
  it("record the same one by one as all at once, and match the definition", () => {
    const report = fc.record({
      stride: fc.integer({ min: 1, max: 6 }),
      loss: fc.oneof(
        { weight: 3, arbitrary: fc.nat(9) },
        { weight: 1, arbitrary: fc.constantFrom(null, Number.NaN) },
      ),
    });
    fc.assert(
      fc.property(
        fc.array(report, { maxLength: 20 }),
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 2, max: 3 }),
        fc.integer({ min: 1, max: 40 }),
        (reports, first, eta, maxSteps) => {
          const setup = {
            goal: { metric: "loss", direction: "minimize" } as const,
            steps: rungSteps({ minSteps: first, eta, maxSteps }),
            maxSteps,
          };
          let step = 0;
          const steps = reports.map(({ stride }) => {
            step += stride;
            return step;
          });
          const losses = reports.map(({ loss }) => loss);
          const ladder = createLadder(setup);
          const one = steps.flatMap((_, index) => {
            const trial = trialOf(steps.slice(0, index + 1), losses.slice(0, index + 1));
            const record = ladder.climb(trial);
            expect(recordOf(trial, setup)).toEqual(record);
            return record === undefined ? [] : [record];
          });
          const whole = trialOf(steps, losses);
          expect(recordsOf(whole, setup)).toEqual(one);
          expect(ladder.highest(0)).toEqual(one.at(-1));
          // The first report with the metric at or after the rung and before the next one, or the end.
          const defined = setup.steps.flatMap((rung, place) => {
            const end = Math.min(setup.steps[place + 1] ?? maxSteps, maxSteps);
            const at = steps.findIndex((each, index) => each >= rung && each < end && losses[index] !== null);
            const value = losses[at] ?? null;
            return value === null ? [] : [{ rung: place, value }];
          });
          expect(one).toEqual(defined);
        },
      ),
      { numRuns: 150 },
    );
  });
});
