import { describe, expect, it } from "vitest";
import type { StudyEvent } from "../core/events.js";
import { heldIntervals } from "./held-intervals.js";

const decided = (step: number, values: Readonly<Record<string, number>>): StudyEvent => ({
  type: "decided",
  trial: 0,
  attempt: 1,
  step,
  action: "continue",
  explanation: { rule: "lcm/promote", reason: "", values },
  time: step,
});

describe("how often intervals held", () => {
  it("counts each rung's first forecast, and its bounds as inside", () => {
    const events = [
      decided(1, { rung: 1, low: 0.2, high: 0.5 }),
      decided(3, { rung: 3, low: 0.5, high: 0.7 }),
      decided(9, { rung: 9, low: 0.3, high: 0.4 }),
      decided(9, { rung: 9, low: 0.4, high: 0.6 }),
    ];
    expect(heldIntervals(0.5, events)).toEqual({ forecasts: 3, held: 2 });
    expect(heldIntervals(0.6, events)).toEqual({ forecasts: 3, held: 1 });
    expect(heldIntervals(0.35, events)).toEqual({ forecasts: 3, held: 2 });
  });

  it("passes over decisions without an interval, and events that are none", () => {
    const reported: StudyEvent = {
      type: "reported",
      trial: 0,
      attempt: 1,
      step: 1,
      metrics: { low: 0, high: 1 },
      time: 0,
    };
    const events = [reported, decided(1, { rung: 1, forecast: 0.5 }), decided(3, { low: 0 })];
    expect(heldIntervals(0.5, events)).toEqual({ forecasts: 0, held: 0 });
  });
});
