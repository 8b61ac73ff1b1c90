import { describe, expect, it } from "vitest";
import { choice, fixed, float, int, ordinal, type Param, type ParamValue } from "../param.js";
import { type Comparison, createSearchSpace } from "../search-space.js";
import { isApplicable, solveFor } from "./solve-comparison.js";

/** What x must be for `factor * x + rest` to be zero; x is drawn as something else. */
function solved(
  param: Param,
  value: ParamValue,
  difference: (x: number, rest: number) => number,
): ParamValue | undefined {
  const space = createSearchSpace({ x: param, rest: float(0, 100) });
  const comparison: Comparison = {
    names: ["x", "rest"],
    sign: "==",
    difference: ({ x, rest }) => difference(Number(x), Number(rest)),
  };
  return solveFor(space, { x: value, rest: 8 }, comparison, "x");
}

describe("the value that makes both sides of a comparison equal", () => {
  it.each<[string, Param, ParamValue, (x: number, rest: number) => number, ParamValue | undefined]>([
    ["a float", float(0, 10), 1, (x, rest) => 2 * x - rest, 4],
    ["a float with a negative factor", float(0, 10), 1, (x, rest) => rest - 1 - 2 * x, 3.5],
    ["a float at its end but for rounding", float(0, 4), 1, (x, rest) => 2 * x - rest - 1e-12, 4],
    ["a float at its beginning but for rounding", float(4, 9), 5, (x, rest) => 2 * x - rest + 1e-12, 4],
    ["a float above its range", float(0, 3.9), 1, (x, rest) => 2 * x - rest, undefined],
    ["a float below its range", float(4.1, 9), 5, (x, rest) => 2 * x - rest, undefined],
    // 0.1 * 3 is 0.30000000000000004; the value is written 0.3.
    ["a float with steps", float(0, 1, { step: 0.1 }), 0.9, (x, rest) => x - (0.1 * 3 * rest) / 8, 0.3],
    ["a float between its steps", float(0, 1, { step: 0.1 }), 0.9, (x, rest) => 32 * x - rest, undefined],
    ["an int", int(1, 64), 9, (x, rest) => x * rest - 64, 8],
    ["an int with steps", int(1, 10, { step: 3 }), 1, (x, rest) => x + 1 - rest, 7],
    ["an int between its steps", int(1, 10, { step: 3 }), 1, (x, rest) => x + 2 - rest, undefined],
    ["an int between two", int(1, 64), 9, (x, rest) => 3 * x - rest, undefined],
    ["a logarithmic int", int(1, 64, { log: true }), 9, (x, rest) => x * rest - 128, 16],
    ["an ordinal", ordinal([4, 8, 16]), 4, (x, rest) => x - rest, 8],
    ["an ordinal between its values", ordinal([4, 16]), 4, (x, rest) => x - rest, undefined],
    ["a choice of numbers", choice([3, 8]), 3, (x, rest) => x - rest, 8],
    ["a choice that has a word for a value", choice([8, "auto"]), "auto", (x, rest) => x - rest, undefined],
    ["a fixed param", fixed(3), 3, (x, rest) => x - rest, undefined],
    ["a square", float(0, 10), 1, (x, rest) => x * x - rest, undefined],
    ["a param that does not matter", float(0, 10), 1, (_x, rest) => rest, undefined],
    ["a param that divides by zero", float(0, 10), 1, (x, rest) => rest / x - 2, undefined],
  ])("is, of %s", (_, param, value, difference, expected) => {
    expect(solved(param, value, difference)).toBe(expected);
  });

  it("is looked for only if all params of the comparison are on", () => {
    const comparison: Comparison = { names: ["a", "b"], sign: "==", difference: () => 0 };
    expect(isApplicable(comparison, { a: 0, b: false })).toBe(true);
    expect(isApplicable(comparison, { a: 0 })).toBe(false);
  });

  it("does not exist for a param that is off or unknown", () => {
    const space = createSearchSpace({ x: float(0, 10) });
    const comparison: Comparison = { names: ["x"], sign: "==", difference: ({ x = 0 }) => Number(x) - 1 };
    expect(solveFor(space, {}, comparison, "x")).toBeUndefined();
    expect(solveFor(space, { y: 1 }, comparison, "y")).toBeUndefined();
  });
});
