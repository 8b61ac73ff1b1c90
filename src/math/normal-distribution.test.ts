import { describe, expect, it } from "vitest";
import { normalDensity, normalQuantile, normalShare } from "./normal-distribution.js";

describe("the normal distribution", () => {
  it("has the shares of mpmath's ncdf", () => {
    // mpmath 1.4.1: mpmath.ncdf(z)
    expect(normalShare(0)).toBe(0.5);
    expect(normalShare(1)).toBeCloseTo(0.8413447460685429, 15);
    expect(normalShare(-2.5)).toBeCloseTo(0.006209665325776134, 15);
    expect(normalShare(6)).toBeCloseTo(0.9999999990134123, 15);
    expect([normalShare(40), normalShare(-40)]).toEqual([1, 0]);
    expect(normalDensity(1)).toBeCloseTo(0.24197072451914334, 15);
  });

  it("has quantiles that are the inverse of its shares", () => {
    for (const z of [-4, -1.3, 0, 0.1, 2.2, 4]) expect(normalQuantile(normalShare(z))).toBeCloseTo(z, 9);
    expect(normalQuantile(0.975)).toBeCloseTo(1.959963984540054, 12);
    expect([normalQuantile(0), normalQuantile(1)].every((z) => Math.abs(z) < 9.1)).toBe(true);
  });
});
