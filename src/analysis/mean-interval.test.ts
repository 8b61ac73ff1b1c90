import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRandom } from "../math/random.js";
import { meanInterval } from "./mean-interval.js";

describe("the interval of a mean", () => {
  it("contains the true mean about as often as it claims", () => {
    let held = 0;
    const samples = 500;
    for (let sample = 0; sample < samples; sample++) {
      const random = createRandom(7, sample, 0);
      // Exponential: as skewed as regrets are; its mean is 1.
      const { low, high } = meanInterval(Array.from({ length: 30 }, () => -Math.log(1 - random.uniform())));
      if (low <= 1 && 1 <= high) held += 1;
    }
    expect(held / samples).toBeGreaterThan(0.88);
    expect(held / samples).toBeLessThan(0.98);
  });

  it("is as wide as normal theory predicts for many values: 2 x 1.96 standard errors", () => {
    const random = createRandom(1, 0, 0);
    const values = Array.from({ length: 400 }, () => random.normal());
    const { low, high } = meanInterval(values);
    expect(high - low).toBeGreaterThan(0.17);
    expect(high - low).toBeLessThan(0.22);
  });

  it("surrounds the mean, and moves with the values", () => {
    const values = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(values, (given) => {
        const { mean, low, high } = meanInterval(given);
        expect(low).toBeLessThanOrEqual(mean + 1e-12);
        expect(high).toBeGreaterThanOrEqual(mean - 1e-12);
        const moved = meanInterval(given.map((value) => value + 3));
        expect(moved.low).toBeCloseTo(low + 3, 9);
        expect(meanInterval(given)).toEqual({ mean, low, high });
      }),
      { numRuns: 50 },
    );
  });

  it("is narrower at lower confidence", () => {
    const values = [1, 2, 3, 4, 9];
    expect(meanInterval(values, 0.5).high).toBeLessThan(meanInterval(values).high);
  });

  it("is a point for one value, and NaN for none or NaN", () => {
    expect(meanInterval([5])).toEqual({ mean: 5, low: 5, high: 5 });
    const nothing = { mean: Number.NaN, low: Number.NaN, high: Number.NaN };
    expect(meanInterval([])).toEqual(nothing);
    expect(meanInterval([1, Number.NaN])).toEqual(nothing);
  });
});
