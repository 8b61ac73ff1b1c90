import { describe, expect, it } from "vitest";
import { regretAt, summarizeRegrets } from "./regret.js";

describe("regret", () => {
  it("is normalised by the distance from the best to the median final value", () => {
    const table = { best: 0.2, medianFinal: 0.6, maxSteps: 10 };
    const improvements = [
      { spent: 3, value: 0.8, trial: 0 },
      { spent: 20, value: 0.4, trial: 2 },
    ];
    expect(regretAt(table, improvements, 1)).toBeCloseTo(1.5, 12);
    expect(regretAt(table, improvements, 2)).toBeCloseTo(0.5, 12);
    expect(regretAt({ ...table, medianFinal: 0.2 }, improvements, 2)).toBe(undefined);
  });

  it("is summarized by budget, with no figure if a replay has none", () => {
    const { mean, low, high } = summarizeRegrets([
      [1, 0.5, undefined],
      [3, 0.5, 0.2],
    ]);
    expect(mean).toEqual([2, 0.5, Number.NaN]);
    expect([low[1], high[1]]).toEqual([0.5, 0.5]);
    expect(low[0]).toBeLessThan(2);
    expect(high[0]).toBeGreaterThan(2);
  });
});
