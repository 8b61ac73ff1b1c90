import { describe, expect, it } from "vitest";
import { choice, fixed, float, int, ordinal, type Param, type ParamValue } from "../core/param.js";
import { createRandom, type Random } from "../math/random.js";
import { nearValue } from "./near-value.js";

/** A stream whose normal deviates and uniform numbers are this one. */
const always = (value: number): Random => ({
  ...createRandom(0, 0, 0),
  normal: () => value,
  uniform: () => value,
});

const moved = (param: Param, value: ParamValue, spread: number, deviate: number): ParamValue =>
  nearValue(param, value, spread, always(deviate));

describe("a value near another one", () => {
  it("is a deviate away, on the param's own scale", () => {
    expect(moved(float(0, 10), 4, 0.1, 2)).toBeCloseTo(6, 12);
    expect(moved(float(1, 1e4, { log: true }), 100, 0.25, -1)).toBeCloseTo(10, 9);
  });

  it("is reflected at the ends, and never beyond them", () => {
    expect(moved(float(0, 10), 9, 0.1, 3)).toBeCloseTo(8, 12);
    expect(moved(float(0, 10), 1, 0.1, -3)).toBeCloseTo(2, 12);
    // From 0.9 by 1.3 to 2.2, and back from 0 at 2: 0.2.
    expect(moved(float(0, 10), 9, 0.1, 13)).toBeCloseTo(2, 12);
    // From 0.1 by -1.3: 1.2 away from 0, 0.8.
    expect(moved(float(0, 10), 1, 0.1, -13)).toBeCloseTo(8, 12);
    expect(moved(int(1, 4), 3, 0.25, 1.5)).toBe(4);
  });

  it("is a neighbour at least, where there are few", () => {
    // From the middle of its quarter a quarter up.
    expect(moved(ordinal([16, 32, 64, 128]), 32, 0.01, 1)).toBe(64);
    expect(moved(int(1, 5), 2, 0.01, -1)).toBe(1);
    // Of many a millionth of the range.
    expect(moved(int(0, 2e9), 1e9, 1e-12, 1)).toBe(1e9 + 2000);
  });

  it("is any value of a choice, and the only one of a fixed param", () => {
    expect(moved(choice(["a", "b", "c"]), "a", 0.1, 0.7)).toBe("c");
    expect(moved(fixed("a"), "a", 0.1, 0.7)).toBe("a");
  });
});
