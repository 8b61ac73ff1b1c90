import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { warped, warpRow, warpSlopes } from "./input-warp.js";

const exponent = fc.double({ min: 0.25, max: 4, noNaN: true });

describe("the warp of coordinates", () => {
  it("is Kumaraswamy's distribution function", () => {
    // 1 - (1 - x^a)^b by hand.
    expect(warped(0.5, 2, 3)).toBeCloseTo(1 - 0.75 ** 3, 15);
    expect(warped(0.25, 0.5, 2)).toBeCloseTo(0.75, 15);
    expect(warped(0.3, 1, 1)).toBeCloseTo(0.3, 15);
  });

  it("keeps the ends and the order", () => {
    fc.assert(
      fc.property(exponent, exponent, fc.double({ min: 0, max: 0.999, noNaN: true }), (a, b, x) => {
        expect(warped(0, a, b)).toBeLessThan(0.03);
        expect(warped(1, a, b)).toBeGreaterThan(0.97);
        expect(warped(x + 1e-3, a, b)).toBeGreaterThanOrEqual(warped(x, a, b));
      }),
    );
  });

  it("has derivatives that agree with differences", () => {
    for (const [x, a, b] of [
      [0.2, 0.7, 1.8],
      [0.5, 1, 1],
      [0.93, 3.1, 0.4],
    ] as const) {
      const h = 1e-6;
      const central = (at: (change: number) => number): number => (at(h) - at(-h)) / (2 * h);
      const { byCoordinate, byFirst, bySecond } = warpSlopes(x, a, b);
      expect(byCoordinate).toBeCloseTo(
        central((change) => warped(x + change, a, b)),
        7,
      );
      expect(byFirst).toBeCloseTo(
        central((change) => warped(x, a * Math.exp(change), b)),
        7,
      );
      expect(bySecond).toBeCloseTo(
        central((change) => warped(x, a, b * Math.exp(change))),
        7,
      );
    }
  });

  it("leaves columns without an order alone", () => {
    const warp = { first: Float64Array.of(2), second: Float64Array.of(1) };
    const row = warpRow(Float64Array.of(0.5, 2, -1), warp);
    expect(row[0]).toBeCloseTo(0.25, 15);
    expect([...row.subarray(1)]).toEqual([2, -1]);
    expect(warpRow(row, undefined)).toBe(row);
  });
});
