import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Goal } from "../core/goal.js";
import { type RecordedStudy, recordStudy } from "../testing/recorded-study.js";
import { patience } from "./patience.js";

type Options = Parameters<typeof patience>[0];

const LOSS: Goal = { metric: "loss", direction: "minimize" };

const record = (options: Options, goal = LOSS): RecordedStudy =>
  recordStudy(goal, patience(options).create({ goal, maxSteps: undefined, seed: 0 }));

/** The step at which a trial with these values at steps 1, 2, .. is stopped. */
function stoppedAt(options: Options, losses: readonly (number | null)[], goal = LOSS): number | undefined {
  const recorded = record(options, goal);
  const trial = recorded.start();
  const index = losses.findIndex(
    (loss, each) => recorded.report(trial, each + 1, loss === null ? {} : { loss }).action === "stop",
  );
  return index < 0 ? undefined : index + 1;
}

describe("patience", () => {
  it("counts reports since the last improvement", () => {
    expect(stoppedAt({ patience: 2 }, [3, 2, 2.5, 1, 1, 1])).toBe(6);
    expect(stoppedAt({ patience: 2 }, [3, 2, 2.5, 2.1])).toBe(4);
    expect(stoppedAt({ patience: 2 }, [3, 4, 2, 3, 1, 2, 0])).toBeUndefined();
  });
  it("requires an improvement of more than minDelta over the last improvement", () => {
    // 0.5 below 3, and then again: small steps add up.
    expect(stoppedAt({ patience: 2, minDelta: 0.75 }, [3, 2.5, 2, 1.5, 1])).toBeUndefined();
    expect(stoppedAt({ patience: 2, minDelta: 1 }, [3, 2.5, 2, 1.5, 1])).toBe(3);
    expect(stoppedAt({ patience: 1, minDelta: 1 }, [3, 2])).toBe(2);
  });
  it("reverses if the goal is maximized", () => {
    const goal: Goal = { metric: "loss", direction: "maximize" };
    expect(stoppedAt({ patience: 2 }, [1, 2, 3, 2, 3], goal)).toBe(5);
  });
  it("counts neither reports without the metric nor those before `from`", () => {
    expect(stoppedAt({ patience: 2 }, [1, null, null, 2, null, 2])).toBe(6);
    expect(stoppedAt({ patience: 2, from: 3 }, [1, 2, 3, 4, 5])).toBe(5);
  });
  it("does not count a diverged value as an improvement", () => {
    expect(stoppedAt({ patience: 2 }, [Number.NaN, Number.NEGATIVE_INFINITY])).toBe(2);
    expect(stoppedAt({ patience: 2 }, [Number.NaN, 5, Number.NaN, 4])).toBeUndefined();
  });
  it("explains", () => {
    const recorded = record({ patience: 2 });
    const trial = recorded.start({ 1: { loss: 3 }, 2: { loss: 2 }, 3: { loss: 2 } });
    expect(recorded.report(trial, 4, { loss: 2.5 })).toEqual({
      action: "stop",
      explanation: {
        rule: "patience",
        reason: "Its loss has not improved for 2 reports: the last improvement was 2 at step 2.",
        values: { since: 2, patience: 2, best: 2, bestStep: 2 },
      },
    });
    const diverged = record({ patience: 1 });
    expect(diverged.report(diverged.start(), 1, { loss: Number.NaN }).explanation).toEqual({
      rule: "patience",
      reason: "Its loss has been NaN or infinite for 1 report.",
      values: { since: 1, patience: 1 },
    });
  });
  it("stops if and only if the last `patience` values contain no new minimum", () => {
    const losses = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(losses, fc.integer({ min: 1, max: 5 }), (values, limit) => {
        const expected = values.findIndex((_, index) => {
          const [older, newer] = [
            values.slice(0, index + 1 - limit),
            values.slice(index + 1 - limit, index + 1),
          ];
          return index >= limit && Math.min(...newer) >= Math.min(...older);
        });
        expect(stoppedAt({ patience: limit }, values)).toBe(expected < 0 ? undefined : expected + 1);
      }),
      { numRuns: 150 },
    );
  });
});
