import { describe, expect, it } from "vitest";
import { choice, fixed, float, int, type Params, type Space } from "../param.js";
import { type Comparison, createSearchSpace, problemsOf, type SearchSpace } from "../search-space.js";
import { findParams } from "./find-params.js";

/** A space whose only rule is that something computed from params, in [-2, 2], is below a limit. */
function limited(params: Space, limit: number, excess: (params: Params) => number): SearchSpace {
  const difference = (each: Params): number => excess(each) - limit;
  const comparison: Comparison = { names: Object.keys(params), sign: "<", difference };
  return createSearchSpace(params, [
    { name: "limit", holds: (each) => difference(each) < 0, comparisons: [comparison] },
  ]);
}
const square: Space = { a: float(-1, 1), b: float(-1, 1), seed: fixed(3) };
const ring = (): SearchSpace =>
  limited(square, 1e-6, ({ a, b }) => Math.abs(Number(a) ** 2 + Number(b) ** 2 - 0.5));

describe("params that random draws rarely hit", () => {
  it("are searched for several times, each time from elsewhere, and depend on the space alone", () => {
    const space = ring();
    const points = findParams(space);
    // Of random draws one in a million lies in the ring.
    expect(points.flatMap((params) => problemsOf(space, params))).toEqual([]);
    expect(new Set(points.map(({ a }) => a)).size).toBe(4);
    expect(findParams(ring())).toEqual(points);
    expect(findParams(space)).toBe(points);
  });

  it("are found where several rules lead to them", () => {
    const near = (name: string, at: number): Comparison => ({
      names: [name],
      sign: "<=",
      difference: (params) => Math.abs(Number(params[name]) - at) - 1e-3,
    });
    const rules = [near("a", 0.25), near("b", -0.75)].map((comparison) => ({
      name: `near ${comparison.names[0]}`,
      holds: (params: Params) => comparison.difference(params) <= 0,
      comparisons: [comparison],
    }));
    const space = createSearchSpace({ ...square, kind: choice(["x", "y"]) }, rules);
    const points = findParams(space);
    expect(points).toHaveLength(4);
    for (const { a, b } of points) {
      expect(Math.abs(Number(a) - 0.25)).toBeLessThanOrEqual(1e-3);
      expect(Math.abs(Number(b) + 0.75)).toBeLessThanOrEqual(1e-3);
    }
  });

  it("are drawn where nothing is known of a rule but whether it holds", () => {
    const secret = (value: unknown): boolean => value === 77_777;
    const space = createSearchSpace({ x: int(1, 100_000) }, [
      { name: "secret", holds: ({ x }) => secret(x) },
    ]);
    const points = findParams(space);
    expect(points.length).toBeGreaterThan(0);
    expect(new Set(points.map(({ x }) => x))).toEqual(new Set([77_777]));
  });

  it("are the only ones, or none, where all params are fixed", () => {
    const all = (isAllowed: boolean): SearchSpace =>
      createSearchSpace({ seed: fixed(3) }, [{ name: "rule", holds: () => isAllowed }]);
    expect(findParams(all(true))).toEqual([{ seed: 3 }]);
    expect(findParams(all(false))).toEqual([]);
  });
});
