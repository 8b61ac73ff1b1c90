import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { studyAfter } from "../testing/earlier-studies.js";
import { SIMULATED_SPACE, simulateStudy, simulationSettings } from "../testing/simulated-study.js";
import { bestTrial } from "./best-trial.js";
import { forgetComplete } from "./forgetting.js";
import { NumberBits } from "./number-bits.js";
import type { Sampler } from "./sampler.js";
import { sampleParams } from "./search-space.js";
import { stepsSaved } from "./steps-saved.js";
import { applyEvent } from "./study-fold.js";
import { TRIAL_STATES } from "./trial.js";

describe("a study that forgets its complete trials", () => {
  it("still knows its best trial, its counts and all other trials after every event", () => {
    let forgotten = 0;
    fc.assert(
      fc.property(simulationSettings(), fc.double({ min: 0, max: 1, noNaN: true }), (settings, share) => {
        // One trial in ten is another one's, such as those that a user enqueues.
        const sampler: Sampler = { ask: (_trial, random) => sampleParams(SIMULATED_SPACE, random) };
        const simulation = simulateStudy(settings, { sampler, foreign: 0.1 });
        const first = 1 + Math.floor(share * (simulation.events.length - 1));
        const whole = studyAfter(simulation, first);
        const study = studyAfter(simulation, first);
        const forget = forgetComplete(study, settings.seed % 3);
        for (const event of simulation.events.slice(first - 1)) {
          applyEvent(whole, event);
          applyEvent(study, event);
          forget(event);
          expect(bestTrial(study)).toEqual(bestTrial(whole));
        }
        const counts = (of: typeof study) => TRIAL_STATES.map((state) => of.byState[state].size);
        expect(counts(study)).toEqual(counts(whole));
        const numbers = (of: typeof study) => [...of.byState.complete].sort((a, b) => a - b);
        expect(numbers(study)).toEqual(numbers(whole));
        expect([study.trials.length, study.totalSteps, study.askedBy]).toEqual([
          whole.trials.length,
          whole.totalSteps,
          whole.askedBy,
        ]);
        expect(stepsSaved(study)).toBe(stepsSaved(whole));
        const atHand = [...study.trials];
        expect(atHand).toEqual(atHand.map(({ number }) => whole.trials[number]));
        const open = whole.trials.filter(({ state }) => state !== "complete");
        expect(atHand.filter(({ state }) => state !== "complete")).toEqual(open);
        const others = whole.trials.filter(
          ({ state, sampler: by }) => state === "complete" && by === "another",
        );
        if (atHand.length < whole.trials.length) {
          expect(atHand.filter(({ sampler: by }) => by === "another")).toEqual(
            whole.trials.filter(({ sampler: by }) => by === "another"),
          );
        }
        const kept = atHand.length - open.length - others.length;
        expect(kept).toBeLessThanOrEqual(Math.max(1, settings.seed % 3));
        forgotten += whole.trials.length - atHand.length;
      }),
      { numRuns: 60 },
    );
    expect(forgotten).toBeGreaterThan(100);
  });
});

describe("trial numbers kept as bits", () => {
  it("match a set, in ascending order", () => {
    const change = fc.record({ number: fc.integer({ min: 0, max: 5000 }), adds: fc.boolean() });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 200 }), (changes) => {
        const bits = new NumberBits();
        const set = new Set<number>();
        for (const { number, adds } of changes) {
          const results = [bits, set].map((each) => (adds ? each.add(number) !== null : each.delete(number)));
          expect(results[0]).toBe(results[1]);
          expect(bits.has(number)).toBe(set.has(number));
        }
        expect(bits.size).toBe(set.size);
        expect([...bits]).toEqual([...set].sort((a, b) => a - b));
      }),
    );
  });
});
