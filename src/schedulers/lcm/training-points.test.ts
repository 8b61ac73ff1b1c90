import { describe, expect, it } from "vitest";
import { checkpoints, cumulativePoints, lastPointWithin } from "./training-points.js";

describe("training points", () => {
  it("are the ends of equal parts, in whole steps", () => {
    expect(cumulativePoints(10, 100)).toEqual([10, 20, 30, 40, 50, 60, 70, 80, 90, 100]);
    expect(checkpoints(10, 100)).toEqual([10, 20, 30, 40, 50, 60, 70, 80, 90]);
    expect(checkpoints(10, 30)).toEqual([3, 6, 9, 12, 15, 18, 21, 24, 27]);
    expect(cumulativePoints(10, 25)).toEqual([3, 5, 8, 10, 13, 15, 18, 20, 23, 25]);
  });
  it("are every step of a training with fewer steps", () => {
    expect(cumulativePoints(10, 3)).toEqual([1, 2, 3]);
    expect(checkpoints(10, 3)).toEqual([1, 2]);
    expect(checkpoints(10, 1)).toEqual([]);
  });
  it("are sorted if they are listed", () => {
    expect(checkpoints([7, 3, 7], 10)).toEqual([3, 7]);
  });
  it("count as passed from after one report up to and including the next", () => {
    expect(lastPointWithin([3, 6, 9], 3, 6)).toBe(6);
    expect(lastPointWithin([3, 6, 9], 0, 100)).toBe(9);
    expect(lastPointWithin([3, 6, 9], 6, 8)).toBeUndefined();
  });
});
