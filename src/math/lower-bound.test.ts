import { expect, it } from "vitest";
import { lowerBound } from "./lower-bound.js";

it("is the first place whose number is not below a value", () => {
  const numbers = [1, 2, 2, 5];
  for (const value of [0, 1, 1.5, 2, 3, 5, 6]) {
    expect(lowerBound(numbers, value)).toBe(numbers.filter((number) => number < value).length);
    expect(lowerBound(Float64Array.from(numbers), value)).toBe(lowerBound(numbers, value));
  }
  expect(lowerBound([], 1)).toBe(0);
});
