import { expect, it } from "vitest";
import { quantile } from "./quantile.js";

it("interpolates as numpy 2.4.6 does: numpy.percentile([3, 1, 2, 10], [0, 25, 75, 100])", () => {
  expect([0, 0.25, 0.75, 1].map((share) => quantile([1, 2, 3, 10], share))).toEqual([1, 1.75, 4.75, 10]);
});
