import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { integerPower, rateAt } from "./learning-rate.js";

describe("the learning rate", () => {
  it("is multiplied by the factor after each interval", () => {
    const rate = { initial: 0.1, decay: { factor: 0.5, every: 100 } };
    const at = [0, 99, 100, 199, 200, 1000].map((iteration) => rateAt(rate, iteration));
    expect(at).toEqual([0.1, 0.1, 0.05, 0.05, 0.025, 0.1 / 1024]);
  });

  it("stays as it is without decay", () => {
    expect(rateAt({ initial: 0.3 }, 12345)).toBe(0.3);
  });

  it("may be any function of the iteration", () => {
    expect(rateAt((iteration) => 1 / (1 + iteration), 3)).toBe(0.25);
  });

  it("has powers as exact as Math.pow's", () => {
    fc.assert(
      fc.property(fc.double({ min: 0.5, max: 1.5, noNaN: true }), fc.nat(200), (base, exponent) => {
        const expected = base ** exponent;
        expect(Math.abs(integerPower(base, exponent) / expected - 1)).toBeLessThan(1e-13);
      }),
    );
  });
});
