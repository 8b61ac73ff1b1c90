import { describe, expect, it } from "vitest";
import { LEARNED_NOISE } from "./learned-noise.js";
import { noiseBetween, priorNoise, unknownSpread } from "./prior-noise.js";

const KNOWN = [
  [0.1, 5],
  [0.5, 0.2],
] as const;

describe("the noise expected a priori", () => {
  it("is what is known at a place", () => {
    expect(noiseBetween(KNOWN, 0.1)).toBe(5);
    expect(noiseBetween(KNOWN, 0.5)).toBe(0.2);
  });

  it("is between two places in proportion, in logarithms", () => {
    // The root of 0.1 * 0.5 is halfway between both by factors, and 1 halfway between 5 and 0.2.
    expect(noiseBetween(KNOWN, Math.sqrt(0.05))).toBeCloseTo(1, 12);
  });

  it("stays beyond the outermost places", () => {
    expect(noiseBetween(KNOWN, 0.001)).toBe(5);
    expect(noiseBetween(KNOWN, 0.9)).toBe(0.2);
  });

  it("was learned to be large early and small late", () => {
    const places = LEARNED_NOISE.map(([place]) => place);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    // The values at a rung say more the later it is.
    const shares = Array.from({ length: 100 }, (_, percent) => priorNoise((percent + 1) / 100));
    expect(shares).toEqual(shares.toSorted((a, b) => b - a));
    expect(shares[0]).toBeGreaterThan(1);
    expect(shares.at(-1)).toBeLessThan(0.01);
  });
});

it("a single value is taken to differ from others by a tenth", () => {
  expect(unknownSpread(-30, false)).toBeCloseTo(9, 12);
  // A tenth in what it is the logarithm of, independent of the logarithm itself.
  expect(unknownSpread(-30, true)).toBeCloseTo(0.01, 12);
});
