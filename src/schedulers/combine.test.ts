import { describe, expect, it } from "vitest";
import type { Goal } from "../core/goal.js";
import type { SchedulerChoice } from "../core/scheduler.js";
import { recordStudy } from "../testing/recorded-study.js";
import { asha, combine, combined, discard, patience, schedulers, threshold } from "./index.js";

const LOSS: Goal = { metric: "loss", direction: "minimize" };

const record = (choice: SchedulerChoice) =>
  recordStudy(LOSS, choice.create({ goal: LOSS, maxSteps: 8, seed: 0 }));

describe("combine", () => {
  const both = combined(threshold({ bound: 5 }), asha({ eta: 2 }));

  it("follows the first scheduler that stops or pauses", () => {
    const recorded = record(both);
    const bad = recorded.start();
    expect(recorded.report(bad, 1, { loss: 9 }).explanation?.rule).toBe("threshold");
    const good = recorded.start();
    // The other trial still counts at the rung.
    const { action, explanation } = recorded.report(good, 1, { loss: 1 });
    expect(action).toBe("continue");
    expect(explanation?.rule).toBe("asha/promotion");
    expect(explanation?.values).toMatchObject({ reached: 2, rank: 1 });
    const next = recorded.start();
    expect(recorded.report(next, 1, { loss: 2 }).action).toBe("pause");
  });

  it("goes on after a restart as before it", () => {
    const recorded = record(both);
    for (const loss of [1, 2]) recorded.pause(recorded.decided(1, { loss }));
    const restarted = both.create({ goal: LOSS, maxSteps: 8, seed: 0 });
    restarted.restore(recorded.study);
    expect(restarted.resume?.(recorded.study)).toEqual(recorded.scheduler.resume?.(recorded.study));
  });

  it("resumes what the pausing scheduler resumes", () => {
    const recorded = record(both);
    for (const loss of [1, 2]) recorded.pause(recorded.decided(1, { loss }));
    expect(recorded.scheduler.resume?.(recorded.study)?.trial).toBe(0);
    expect(record(combined(threshold(), patience())).scheduler.resume).toBeUndefined();
  });

  it("refuses two schedulers that pause", () => {
    expect(() => record(combined(asha(), discard()))).toThrow(
      expect.objectContaining({
        code: "OPTIONS_INVALID",
        message: expect.stringContaining("asha and discard"),
        hint: expect.stringContaining("type: stopping"),
      }),
    );
    expect(() => record(combined(asha({ type: "stopping" }), discard()))).not.toThrow();
  });

  it("is the same from names as from choices, and its record can be read back", () => {
    const named = combine({ schedulers: [{ threshold: { bound: 5 } }, { asha: { eta: 2 } }] });
    expect(named.name).toBe("combine");
    expect(named.options).toEqual(both.options);
    expect(both.options).toEqual({
      schedulers: [
        { threshold: { bound: 5, from: 0 } },
        { asha: { type: "promotion", eta: 2, minSteps: 1, brackets: 1 } },
      ],
    });
    const schema = schedulers.combine.options;
    expect(schema.parse(both.options)).toEqual(both.options);
    expect(combine({ schedulers: ["none"] }).options).toEqual({ schedulers: [{ none: {} }] });
  });

  it.each([
    [{ schedulers: [] }],
    [{ schedulers: ["unknown"] }],
    [{ schedulers: ["combine"] }],
    [{ schedulers: [{ asha: { eta: 1 } }] }],
    [{ schedulers: [{ asha: {}, lcm: {} }] }],
  ])("refuses %j", (options) => {
    expect(() => combine(options)).toThrow(expect.objectContaining({ code: "OPTIONS_INVALID" }));
  });
});
