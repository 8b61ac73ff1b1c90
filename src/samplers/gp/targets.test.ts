import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { targetsOf } from "./targets.js";

const exact = (costs: readonly number[]) => costs.map((cost) => ({ cost, deviation: 0 }));
const valuesOf = (costs: readonly number[]): number[] => [...targetsOf(exact(costs)).values];
const numbers = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 2, maxLength: 30 });

describe("targets of costs", () => {
  it("replace the bad half by deviates of its ranks, with the spread of the good half", () => {
    const spread = Math.sqrt((4 + 1 + 0) / 3);
    // The deviates below which 70 % and 90 % of a normal distribution lie, from a table.
    const expected = [1, 2, 3, 3 + spread * 0.5244005127080407, 3 + spread * 1.2815515655446004];
    const mean = expected.reduce((sum, each) => sum + each, 0) / 5;
    const unit = Math.sqrt(expected.reduce((sum, each) => sum + (each - mean) ** 2, 0) / 5);
    for (const [place, value] of valuesOf([1, 2, 3, 50, 1e9]).entries())
      expect(value).toBeCloseTo(((expected[place] ?? 0) - mean) / unit, 12);
  });

  it("have a mean of 0 and a deviation of 1, and keep the order", () => {
    fc.assert(
      fc.property(numbers, (costs) => {
        fc.pre(new Set(costs).size > 1);
        const values = valuesOf(costs);
        const sum = values.reduce((total, value) => total + value, 0);
        const squares = values.reduce((total, value) => total + value * value, 0);
        expect(sum / costs.length).toBeCloseTo(0, 8);
        expect(squares / costs.length).toBeCloseTo(1, 6);
        const places = costs.map((_, place) => place).toSorted((a, b) => (costs[a] ?? 0) - (costs[b] ?? 0));
        const inOrder = places.map((place) => values[place] ?? 0);
        expect(inOrder).toEqual(inOrder.toSorted((a, b) => a - b));
      }),
    );
  });

  it("do not depend on how bad the bad ones are, nor on the unit of the costs", () => {
    const values = valuesOf([1, 2, 3, 4, 5, 6]);
    for (const [place, value] of valuesOf([1, 2, 3, 40, 500, Number.MAX_VALUE]).entries())
      expect(value).toBeCloseTo(values[place] ?? 0, 10);
    for (const [place, value] of valuesOf([-700, -600, -500, -400, -300, -200]).entries())
      expect(value).toBeCloseTo(values[place] ?? 0, 10);
  });

  it("take an infinite cost for the worst of the others", () => {
    const values = valuesOf([3, Number.POSITIVE_INFINITY, 1, 2]);
    expect(values[1]).toBe(values[0]);
    expect(Math.max(...values)).toBe(values[1]);
  });

  it.each([
    ["the same", [2, 2, 2]],
    ["all zero", [0, 0]],
    ["one finite", [Number.POSITIVE_INFINITY, 4]],
    ["as large as doubles get", [Number.MAX_VALUE, -Number.MAX_VALUE, 1]],
    ["as small as doubles get", [Number.MIN_VALUE, 0, Number.MIN_VALUE]],
    ["mostly the same", [1, 1, 1, 1, 5]],
  ])("are finite for costs that are %s", (_name, costs) => {
    for (const value of valuesOf(costs)) expect(Number.isFinite(value)).toBe(true);
  });

  it("have a variance where the cost is a forecast, in the scale of the targets", () => {
    const costs = [1, 2, 3, 4, 5].map((cost) => ({ cost, deviation: cost === 2 ? 0.5 : 0 }));
    const { values, variances } = targetsOf(costs);
    // Below the median the scale is linear.
    const slope = (values[1] ?? 0) - (values[0] ?? 0);
    expect(variances[1]).toBeCloseTo((0.5 * slope) ** 2, 12);
    expect([...variances].filter((variance) => variance !== 0)).toHaveLength(1);
    const wild = targetsOf([
      { cost: 1, deviation: Number.POSITIVE_INFINITY },
      { cost: Number.POSITIVE_INFINITY, deviation: 1 },
      ...exact([2, 3]),
    ]);
    expect([...wild.variances]).toEqual([1e4, 0, 0, 0]);
  });
});
