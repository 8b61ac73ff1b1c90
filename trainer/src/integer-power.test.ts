import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { integerPower } from "./integer-power.js";

describe("integerPower", () => {
  it("is as exact as Math.pow", () => {
    fc.assert(
      fc.property(fc.double({ min: 0.5, max: 1.5, noNaN: true }), fc.nat(200), (base, exponent) => {
        const expected = base ** exponent;
        expect(Math.abs(integerPower(base, exponent) / expected - 1)).toBeLessThan(1e-13);
      }),
    );
  });
});
