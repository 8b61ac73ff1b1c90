import { describe, expect, it } from "vitest";
import type { Goal } from "../../core/goal.js";
import { type RecordedStudy, recordStudy } from "../../testing/recorded-study.js";
import { lcm } from "./lcm.js";

const LOSS: Goal = { metric: "loss", direction: "minimize" };

const promoted = (): RecordedStudy =>
  recordStudy(LOSS, lcm({ audit: 0 }).create({ goal: LOSS, maxSteps: 64, seed: 0 }));

describe("lcm, mode promote: many trials in flight", () => {
  it("sends the first eight on, and pauses the others at the first rung until one of those comes back", () => {
    const recorded = promoted();
    const trials = Array.from({ length: 40 }, () => recorded.start());
    const actions = trials.map((trial, place) => recorded.report(trial, 1, { loss: 1 + place / 40 }).action);
    expect(actions).toEqual([...Array(8).fill("continue"), ...Array(32).fill("pause")]);
  });

  it("sends trials on from the first rung once it has shown to tell little", () => {
    const recorded = promoted();
    const trials = Array.from({ length: 8 }, () => recorded.start());
    const last = recorded.start();
    for (const [place, trial] of trials.entries()) recorded.report(trial, 1, { loss: 1 + place / 1000 });
    // What follows has nothing to do with the first step.
    for (const [place, trial] of trials.entries()) {
      const loss = [0.9, 0.2, 0.6, 0.4][place % 4] ?? 1;
      for (const step of [2, 3, 4]) recorded.report(trial, step, { loss });
    }
    const decision = recorded.report(last, 1, { loss: 1.0045 });
    expect(decision.action).toBe("continue");
    expect(decision.explanation?.values["firstRung"]).toBe(4);
  });
});
