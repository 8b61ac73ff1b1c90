import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Goal } from "../core/goal.js";
import { type RecordedStudy, recordStudy } from "../testing/recorded-study.js";
import { median } from "./median.js";

type Options = Parameters<typeof median>[0];

const LOSS: Goal = { metric: "loss", direction: "minimize" };

const record = (options: Options, goal = LOSS, maxSteps?: number): RecordedStudy =>
  recordStudy(goal, median(options).create({ goal, maxSteps, seed: 0 }));

const rows = (losses: readonly (number | null)[], stride = 1) =>
  Object.fromEntries(losses.map((loss, index) => [stride * (index + 1), loss === null ? {} : { loss }]));

const train = (recorded: RecordedStudy, losses: readonly (number | null)[], stride = 1): void =>
  recorded.complete(recorded.start(rows(losses, stride)));

describe("median: an example computed by hand", () => {
  // Running averages up to the steps 1, 2, 3:
  //   (1, 0.5, 0.3): 1, 0.75, 0.6
  //   (2, 1.0, 0.9): 2, 1.5,  1.3   <- the median at every step
  //   (3, 2.0, 1.0): 3, 2.5,  2
  const example = (): RecordedStudy => {
    const recorded = record({ startup: 3 });
    train(recorded, [1, 0.5, 0.3]);
    train(recorded, [2, 1, 0.9]);
    train(recorded, [3, 2, 1]);
    return recorded;
  };

  it("stops a trial that is strictly worse than the median", () => {
    const recorded = example();
    const decision = recorded.report(recorded.start(), 1, { loss: 2.5 });
    expect(decision).toEqual({
      action: "stop",
      explanation: {
        rule: "median",
        reason:
          "Its best loss up to step 1, 2.5, is worse than 2, the median of the running averages of 3 complete trainings.",
        values: { step: 1, trainings: 3, best: 2.5, median: 2, margin: 0.5 },
      },
    });
  });

  it("lets a trial equal to it go on, and says why", () => {
    const recorded = example();
    const { action, explanation } = recorded.report(recorded.start({ 1: { loss: 1.9 } }), 2, { loss: 1.5 });
    expect(action).toBe("continue");
    expect(explanation?.values).toMatchObject({ best: 1.5, median: 1.5, margin: 0 });
  });

  it("judges the best value so far, not the newest", () => {
    const recorded = example();
    const trial = recorded.start({ 1: { loss: 1.4 } });
    expect(recorded.report(trial, 2, { loss: 9 }).action).toBe("continue");
    expect(recorded.report(trial, 3, { loss: 9 }).action).toBe("stop");
  });

  it("reverses if the goal is maximized", () => {
    const recorded = record({ startup: 1 }, { metric: "loss", direction: "maximize" });
    train(recorded, [1, 3]);
    expect(recorded.report(recorded.start({ 1: { loss: 1 } }), 2, { loss: 2 }).action).toBe("continue");
    const worse = recorded.report(recorded.start({ 1: { loss: 1 } }), 2, { loss: 1.5 });
    expect(worse.action).toBe("stop");
    expect(worse.explanation?.values).toMatchObject({ best: 1.5, median: 2, margin: 0.5 });
  });
});

describe("median: equality with the definition", () => {
  const value = fc.oneof(
    { weight: 10, arbitrary: fc.integer({ min: 0, max: 8 }).map((n) => n / 4) },
    { weight: 1, arbitrary: fc.constantFrom(null, Number.NaN) },
  );
  const curve = fc.array(value, { minLength: 1, maxLength: 8 });

  it("holds for random curves", () => {
    fc.assert(
      fc.property(fc.array(curve, { minLength: 1, maxLength: 12 }), curve, (library, own) => {
        const recorded = record({ startup: 1 });
        for (const each of library) train(recorded, each);
        const costs = (values: readonly (number | null)[]): number[] =>
          values.flatMap((each) =>
            each === null ? [] : [Number.isNaN(each) ? Number.POSITIVE_INFINITY : each],
          );
        const counted = library.filter((each) => costs(each).length > 0).length;
        const trial = recorded.start();
        for (const [index, loss] of own.entries()) {
          const decision = recorded.report(trial, index + 1, loss === null ? {} : { loss });
          const best = Math.min(...costs(own.slice(0, index + 1)));
          const averages = library
            .map((each) => costs(each.slice(0, index + 1)))
            .filter((each) => each.length > 0)
            .map((each) => each.reduce((sum, cost) => sum + cost, 0) / each.length)
            .toSorted((a, b) => (a === b ? 0 : a - b));
          const lower = averages[Math.floor((averages.length - 1) / 2)] ?? Number.POSITIVE_INFINITY;
          const upper = averages[Math.floor(averages.length / 2)] ?? Number.POSITIVE_INFINITY;
          const middle = (lower + upper) / 2;
          const isDiverged = best === Number.POSITIVE_INFINITY && costs(own.slice(0, index + 1)).length > 0;
          // The mean is computed in another order here: skip cases that differ only by rounding.
          fc.pre(best === middle || !(Math.abs(best - middle) < 1e-9));
          const isWorse = Number.isFinite(best) && best > middle;
          expect(decision.action).toBe(counted > 0 && (isDiverged || isWorse) ? "stop" : "continue");
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe("median: when it decides", () => {
  const decisionsAt = (options: Options, steps: readonly number[], maxSteps?: number): number[] => {
    const recorded = record({ startup: 1, ...options }, LOSS, maxSteps);
    train(recorded, [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
    const trial = recorded.start();
    return steps.filter((step) => recorded.report(trial, step, { loss: 1 }).explanation !== undefined);
  };
  const each = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

  it("decides at every report by default, but not at the end of a training", () => {
    expect(decisionsAt({}, each)).toEqual(each);
    expect(decisionsAt({}, each, 10)).toEqual(each.slice(0, -1));
  });
  it("waits for the warm-up, then decides every few steps", () => {
    expect(decisionsAt({ warmup: 4 }, each)).toEqual([4, 5, 6, 7, 8, 9, 10]);
    expect(decisionsAt({ warmup: 4, every: 3 }, each)).toEqual([4, 7, 10]);
    expect(decisionsAt({ every: 3 }, each)).toEqual([3, 6, 9]);
  });
  it("catches up on a decision due between two reports", () => {
    expect(decisionsAt({ every: 5 }, [3, 6, 9, 12, 15])).toEqual([6, 12, 15]);
    expect(decisionsAt({ warmup: 4, every: 4 }, [3, 6, 9, 12, 15])).toEqual([6, 9, 12]);
  });
  it("waits for `startup` trials that ended by themselves with the goal metric", () => {
    const recorded = record({ startup: 2 });
    train(recorded, [1, 1]);
    train(recorded, [null, null]);
    recorded.start({ 1: { loss: 1 } });
    const trial = recorded.start();
    expect(recorded.report(trial, 1, { loss: 100 })).toEqual({ action: "continue" });
    train(recorded, [1]);
    expect(recorded.report(trial, 2, { loss: 100 }).action).toBe("stop");
  });
});

describe("median: gaps and diverged values", () => {
  it("continues while there is nothing to compare, and says so", () => {
    const recorded = record({ startup: 1 });
    train(recorded, [1, 1], 10);
    const trial = recorded.start();
    expect(recorded.report(trial, 1, {}).explanation?.reason).toBe("It has not reported loss yet.");
    expect(recorded.report(trial, 5, { loss: 9 }).explanation?.reason).toBe(
      "No complete training reported loss up to step 5.",
    );
    expect(recorded.report(trial, 10, { loss: 9 }).action).toBe("stop");
  });
  it("stops a trial with only diverged values", () => {
    const recorded = record({ startup: 1 });
    train(recorded, [Number.NaN]);
    const decision = recorded.report(recorded.start(), 1, { loss: Number.NaN });
    expect(decision.action).toBe("stop");
    expect(decision.explanation?.values).toEqual({ step: 1, trainings: 1 });
  });
  it("counts a diverged training as infinitely bad from then on", () => {
    const recorded = record({ startup: 3 });
    train(recorded, [1, 1]);
    train(recorded, [2, Number.NaN, 2]);
    train(recorded, [3, Number.POSITIVE_INFINITY]);
    const trial = recorded.start({});
    expect(recorded.report(trial, 1, { loss: 2.5 }).action).toBe("stop");
    const { action, explanation } = recorded.report(trial, 2, { loss: 1e9 });
    expect(action).toBe("continue");
    expect(explanation?.reason).toContain("which diverged");
  });
  it("never stops a trial because of rounding: the mean of a constant is that constant", () => {
    const recorded = record({ startup: 1 });
    train(
      recorded,
      Array.from({ length: 50 }, () => 0.1),
    );
    const trial = recorded.start();
    for (let step = 1; step <= 50; step++)
      expect(recorded.report(trial, step, { loss: 0.1 }).action).toBe("continue");
  });
  it("refuses invalid options", () => {
    for (const options of [{ startup: 0 }, { every: 0 }, { warmup: -1 }]) {
      expect(() => median(options)).toThrow(expect.objectContaining({ code: "OPTIONS_INVALID" }));
    }
  });
});
