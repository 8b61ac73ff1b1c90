import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stepsSaved } from "../forecast/steps-saved.js";
import { studyAfter } from "../testing/earlier-studies.js";
import { SIMULATED_SPACE, simulateStudy, simulationSettings } from "../testing/simulated-study.js";
import { bestTrial } from "./best-trial.js";
import { sampleParams } from "./draw/sample-params.js";
import type { StudyEvent } from "./events.js";
import { forgetComplete, hasForgotten } from "./forgetting.js";
import { NumberBits } from "./number-bits.js";
import type { Sampler } from "./sampler.js";
import type { StudyDefinition } from "./study-definition.js";
import { applyEvent } from "./study-fold.js";
import { studyRecord } from "./study-record.js";
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
        const ofOthers = (all: typeof atHand) => all.filter(({ sampler: by }) => by === "another");
        expect(ofOthers(atHand)).toEqual(ofOthers([...whole.trials]));
        const kept = atHand.length - open.length - others.length;
        expect(kept).toBeLessThanOrEqual(Math.max(1, settings.seed % 3));
        forgotten += whole.trials.length - atHand.length;
      }),
      { numRuns: 60 },
    );
    expect(forgotten).toBeGreaterThan(100);
  });
});

describe("what is forgotten", () => {
  const definition: StudyDefinition = {
    name: "s",
    goal: { metric: "loss", direction: "minimize" },
    space: {},
    constraints: [],
    sampler: { name: "random", options: {} },
    scheduler: { name: "none", options: {} },
    budget: {},
    seed: 1,
    retries: 0,
  };

  /** The numbers at hand after each of these trials ended, with their losses and ends. */
  function play(
    fates: readonly (readonly [loss: number, state: "complete" | "stopped"])[],
    kept: number,
    begun = 0,
  ) {
    const study = studyRecord(definition, 0);
    const complete = (trial: number, loss: number, state: "complete" | "stopped"): StudyEvent[] => [
      { type: "trial-asked", trial, params: {}, seed: 1, sampler: "random", time: 0 },
      { type: "attempt-started", trial, attempt: 1, worker: "w", fromStep: 0, time: 0 },
      { type: "reported", trial, attempt: 1, step: 1, metrics: { loss }, time: 0 },
      { type: "finished", trial, attempt: 1, state, time: 0 },
    ];
    let forget: (event: StudyEvent) => void = () => {};
    const atHand: number[][] = [];
    for (const [trial, [loss, state]] of fates.entries()) {
      if (trial === begun) forget = forgetComplete(study, kept);
      for (const event of complete(trial, loss, state)) {
        applyEvent(study, event);
        forget(event);
      }
      atHand.push([...study.trials].map(({ number }) => number));
    }
    return { study, atHand };
  }
  const fates = [
    [3, "complete"],
    [5, "complete"],
    [Number.NaN, "complete"],
    [2, "complete"],
    [1, "stopped"],
    [2, "complete"],
  ] as const;

  it("is every complete trial but the best, and no other, from the first on", () => {
    expect(play(fates, 0).atHand).toEqual([[0], [0], [0], [3], [3, 4], [3, 4]]);
  });

  it("is nothing until more are complete than are kept", () => {
    const { study, atHand } = play(fates, 2);
    expect(atHand).toEqual([[0], [0, 1], [0], [3], [3, 4], [3, 4]]);
    expect(hasForgotten(study)).toBe(true);
    const few = play(fates.slice(0, 2), 2);
    expect([few.study.trials.length, hasForgotten(few.study)]).toEqual([2, false]);
  });

  it("is what was complete already, where a study is opened that has more than are kept", () => {
    expect(play(fates, 2, 4).atHand).toEqual([[0], [0, 1], [0, 1, 2], [0, 1, 2, 3], [3, 4], [3, 4]]);
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
