import { describe, expect, it } from "vitest";
import { defaultSize } from "./selection.js";

describe("the size of a generation", () => {
  it.each([
    [0, 4],
    [1, 4],
    [2, 4],
    // 3 + 2 ln 10 = 7.6, and 3 + 2 ln 40 = 10.4.
    [10, 7],
    [40, 10],
  ])("with %i dimensions is %i unless it is given", (dimensions, size) => {
    expect(defaultSize(dimensions)).toBe(size);
  });
});
