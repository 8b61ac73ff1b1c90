import { describe, expect, it } from "vitest";
import type { Metrics } from "../core/events.js";
import type { Goal } from "../core/goal.js";
import { recordStudy } from "../testing/recorded-study.js";
import { threshold } from "./threshold.js";

type Options = Parameters<typeof threshold>[0];

const LOSS: Goal = { metric: "loss", direction: "minimize" };
const ACCURACY: Goal = { metric: "accuracy", direction: "maximize" };

function decisionAt(options: Options, step: number, metrics: Metrics, goal = LOSS) {
  const recorded = recordStudy(goal, threshold(options).create({ goal, maxSteps: undefined, seed: 0 }));
  return recorded.report(recorded.start(), step, metrics);
}

describe("threshold", () => {
  it("stops a trial that is strictly worse than the bound", () => {
    expect(decisionAt({ bound: 2 }, 1, { loss: 2.5 })).toEqual({
      action: "stop",
      explanation: {
        rule: "threshold",
        reason: "Its loss at step 1, 2.5, is worse than the bound 2.",
        values: { step: 1, bound: 2, value: 2.5 },
      },
    });
    expect(decisionAt({ bound: 2 }, 1, { loss: 2 })).toEqual({ action: "continue" });
    expect(decisionAt({ bound: 0.5 }, 1, { accuracy: 0.4 }, ACCURACY).action).toBe("stop");
    expect(decisionAt({ bound: 0.5 }, 1, { accuracy: 0.6 }, ACCURACY).action).toBe("continue");
  });
  it("waits for the step", () => {
    expect(decisionAt({ bound: 2, from: 3 }, 2, { loss: 9 }).action).toBe("continue");
    expect(decisionAt({ bound: 2, from: 3 }, 3, { loss: 9 }).action).toBe("stop");
  });
  it("judges another metric, in the other direction, if told to", () => {
    const options = { metric: "seconds", direction: "minimize", bound: 60 } as const;
    expect(decisionAt(options, 1, { accuracy: 0, seconds: 61 }, ACCURACY).action).toBe("stop");
    expect(decisionAt(options, 1, { accuracy: 0, seconds: 59 }, ACCURACY).action).toBe("continue");
    expect(decisionAt(options, 1, { accuracy: 0 }, ACCURACY).action).toBe("continue");
  });
  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    "stops a trial that has diverged, %d, even without a bound",
    (loss) => {
      expect(decisionAt({}, 1, { loss })).toEqual({
        action: "stop",
        explanation: {
          rule: "threshold",
          reason: `Its loss at step 1 has diverged (${loss}).`,
          values: { step: 1 },
        },
      });
      expect(decisionAt({ bound: 5 }, 1, { loss }).explanation?.values).toEqual({ step: 1, bound: 5 });
      expect(decisionAt({}, 1, { loss: 1e300 }).action).toBe("continue");
    },
  );
});
