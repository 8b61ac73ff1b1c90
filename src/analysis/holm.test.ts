import { expect, it } from "vitest";
import { holm } from "./holm.js";

it("agrees with statsmodels 0.15.0: multipletests(p, method='holm')", () => {
  const round = (values: readonly number[]): number[] => values.map((value) => Number(value.toFixed(12)));
  expect(round(holm([0.01, 0.04, 0.03, 0.005]))).toEqual([0.03, 0.06, 0.06, 0.02]);
  expect(round(holm([0.5, 0.2, 0.001, 0.001, 0.9]))).toEqual([1, 0.6, 0.005, 0.005, 1]);
  expect(holm([])).toEqual([]);
});
