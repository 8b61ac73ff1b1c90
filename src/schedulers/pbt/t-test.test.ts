import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { welchProbability } from "./t-test.js";

/** p-values of scipy 1.15.2: scipy.stats.ttest_ind(a, b, equal_var=False). */
const GOLDENS: readonly (readonly [readonly number[], readonly number[], number])[] = [
  [[0.91, 0.93, 0.92, 0.95, 0.94], [0.9, 0.91, 0.89, 0.92], 0.03493878235996372],
  [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], [2, 2.5, 3, 4, 4.5, 5.5], 0.10424325109949811],
  [[0.5, 0.7], [0.2, 0.9], 0.9106281885477665],
];

const sample = fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: 2, maxLength: 10 });

describe("Welch's t-test", () => {
  it.each(GOLDENS)("agrees with scipy on %j and %j", (a, b, probability) => {
    expect(welchProbability(a, b)).toBeCloseTo(probability, 7);
  });

  it("is symmetric, and a probability", () => {
    fc.assert(
      fc.property(sample, sample, (a, b) => {
        const probability = welchProbability(a, b);
        expect(probability).toBeGreaterThanOrEqual(0);
        expect(probability).toBeLessThanOrEqual(1);
        expect(welchProbability(b, a)).toBeCloseTo(probability, 12);
      }),
    );
  });

  it("is sure of constants", () => {
    expect(welchProbability([1, 1], [2, 2])).toBe(0);
    expect(welchProbability([1, 1], [1, 1])).toBe(1);
  });
});
