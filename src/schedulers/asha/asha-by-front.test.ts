import { describe, expect, it } from "vitest";
import type { Goal } from "../../core/goal.js";
import { type RecordedStudy, recordStudy } from "../../testing/recorded-study.js";
import { asha } from "./asha.js";

const TWO: Goal = {
  metric: "loss",
  direction: "minimize",
  others: [{ metric: "latency", direction: "minimize" }],
};

const record = (options: Parameters<typeof asha>[0], goal: Goal): RecordedStudy =>
  recordStudy(goal, asha(options).create({ goal, maxSteps: 8, seed: 0 }));

describe("asha with several goals: an example computed by hand", () => {
  it("lets the best half of a rung go on: fronts first, then what each adds to the hypervolume of those before it", () => {
    const recorded = record({ eta: 2 }, TWO);
    const { scheduler, study } = recorded;
    const at = (loss: number, latency: number) => recorded.report(recorded.start(), 1, { loss, latency });
    /** But for those that are told to go on. */
    const pauseAll = (): void => {
      for (const number of study.byState.running) {
        const trial = study.trials[number];
        if (trial !== undefined && trial.number !== 1 && trial.number !== 3) recorded.pause(trial);
      }
    };
    // One trial: the best floor(1 / 2) = 0 may go on.
    expect(at(4, 4)).toEqual({
      action: "pause",
      explanation: {
        rule: "asha/promotion-by-front",
        reason:
          "With loss 4 and latency 4 at rung 1 it is on front 1 and has rank 1 of the 1 trial that reached it, of which the best 0 (one in 2) may go on.",
        values: { loss: 4, latency: 4, rank: 1, front: 1, rung: 1, bracket: 0, reached: 1, promotable: 0 },
      },
    });
    pauseAll();
    // It dominates the first one, so it is the better half.
    expect(at(1, 3).action).toBe("continue");
    // On the same front; the reference is (4.3, 4.3): (1, 3) covers 3.3 * 1.3 = 4.29, (3, 1) as much, and the earlier one
    // is ahead. Of three, one may go on, and that is (1, 3), which has gone on already.
    expect(at(3, 1).action).toBe("pause");
    pauseAll();
    // Of four, two may go on. (2, 2) covers most of all, 2.3 * 2.3 = 5.29; each end then adds 1 * 1.3 = 1.3.
    const { action, explanation } = at(2, 2);
    expect(action).toBe("continue");
    expect(explanation?.values).toMatchObject({ rank: 1, front: 1, promotable: 2, reached: 4 });
    expect(scheduler.resume?.(study)).toBeUndefined();
    // Of six, three may go on: after (2, 2), up to (6.5, 6.5) each end adds 1 * 3.5, and (3, 1) is left.
    expect(at(5, 5).action).toBe("pause");
    expect(at(6, 6).action).toBe("pause");
    pauseAll();
    expect(scheduler.resume?.(study)?.trial).toBe(2);
  });

  it("leaves out a goal that some trial at the rung has not reported yet", () => {
    const recorded = record({ eta: 2 }, TWO);
    recorded.pause(recorded.decided(1, { loss: 1 }));
    const second = recorded.start();
    const { action, explanation } = recorded.report(second, 1, { loss: 2, latency: 0 });
    expect(action).toBe("pause");
    expect(explanation?.values).toMatchObject({ rank: 2, front: 2 });
    const third = recorded.start();
    expect(recorded.report(third, 1, { loss: 0.5 }).explanation?.reason).toContain(
      "loss 0.5 and no latency yet",
    );
  });

  it("stops a trial of which one goal diverged", () => {
    const recorded = record({ eta: 2 }, TWO);
    expect(recorded.report(recorded.start(), 1, { loss: 1, latency: Number.NaN }).action).toBe("stop");
  });

  it("goes on with the best trial at the deepest rung rather than end without a result", () => {
    const recorded = record({ eta: 3 }, TWO);
    for (const [loss, latency] of [
      [3, 3],
      [1, 2],
    ] as const)
      recorded.pause(recorded.decided(1, { loss, latency }));
    expect(recorded.scheduler.resume?.(recorded.study)).toBeUndefined();
    expect(recorded.scheduler.resume?.(recorded.study, true)?.trial).toBe(1);
  });

  it("stops what is beyond the best half where programs cannot be paused", () => {
    const recorded = record({ eta: 2, type: "stopping" }, TWO);
    const at = (loss: number, latency: number) =>
      recorded.report(recorded.start(), 1, { loss, latency }).action;
    expect(at(2, 2)).toBe("continue");
    // Of two, the best ceil(2 / 2) = 1 goes on.
    expect(at(3, 3)).toBe("stop");
    // Of three, the best two do.
    expect(at(1, 4)).toBe("continue");
    expect(at(2.5, 2.5)).toBe("stop");
  });
});

describe("asha with a constraint on a metric", () => {
  const LIMITED: Goal = {
    metric: "loss",
    direction: "minimize",
    constraints: [{ metric: "memory", comparison: "<=", limit: 16 }],
  };

  it("puts a trial that breaks it behind all that do not, and lets it wait", () => {
    const recorded = record({ eta: 2 }, LIMITED);
    recorded.pause(recorded.decided(1, { loss: 5, memory: 8 }));
    const second = recorded.report(recorded.start(), 1, { loss: 1, memory: 20 });
    expect(second.action).toBe("pause");
    expect(second.explanation?.reason).toContain("it is breaking a constraint and has rank 2");
    expect(second.explanation?.values).toMatchObject({ violation: 0.25, rank: 2 });
    expect(recorded.scheduler.resume?.(recorded.study)?.trial).toBe(0);
  });
});
