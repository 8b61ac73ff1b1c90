import { describe, expect, it } from "vitest";
import { choice, float, int, type Params, type Space } from "../param.js";
import { type Comparison, createSearchSpace } from "../search-space.js";
import { createRepair } from "./repair-params.js";

/** The comparison `left <= right` of two params, or another one. */
const order = (left: string, right: string, sign: "<" | "<=" | "==" = "<="): Comparison => ({
  names: [left, right],
  sign,
  sides: [left, right],
  difference: (params) => Number(params[left]) - Number(params[right]),
});
/** What params add up to. */
const total = (sum: number, ...names: readonly string[]): Comparison => ({
  names,
  sign: "==",
  difference: (params) => names.reduce((left, name) => left + Number(params[name]), 0) - sum,
});

const repairOf = (params: Space, ...comparisons: readonly Comparison[]) =>
  createRepair(createSearchSpace(params, [{ name: "rule", holds: () => true, comparisons }]));

const size = int(1, 9);
const share = float(0, 1);

describe("a repair of params that must be in an order", () => {
  const sizes = { a: size, b: size, c: size, d: size };

  it.each<[string, readonly Comparison[], Params]>([
    ["sorts a pair", [order("a", "b")], { a: 2, b: 8, c: 5, d: 1 }],
    ["sorts a strict pair", [order("b", "a", "<")], { a: 8, b: 2, c: 5, d: 1 }],
    ["sorts a chain", [order("b", "c"), order("a", "b"), order("c", "d")], { a: 1, b: 2, c: 5, d: 8 }],
    ["sorts a chain that leads back", [order("d", "c"), order("c", "b")], { a: 8, b: 5, c: 2, d: 1 }],
    ["sorts two chains", [order("a", "b"), order("c", "d")], { a: 2, b: 8, c: 1, d: 5 }],
    [
      "sorts a chain with a short cut",
      [order("a", "b"), order("b", "c"), order("a", "c")],
      { a: 2, b: 5, c: 8, d: 1 },
    ],
    [
      "leaves two that are below the same one",
      [order("a", "c"), order("b", "c")],
      { a: 8, b: 2, c: 5, d: 1 },
    ],
    ["leaves what must be equal to the sums", [], { a: 8, b: 2, c: 5, d: 1 }],
  ])("%s", (_, comparisons, expected) => {
    expect(repairOf(sizes, ...comparisons)({ a: 8, b: 2, c: 5, d: 1 }, 0)).toEqual(expected);
  });

  it("loses no value where the order is a circle", () => {
    const repaired = repairOf(
      sizes,
      order("a", "b"),
      order("b", "c"),
      order("c", "a"),
    )({ a: 8, b: 2, c: 5 }, 0);
    expect(new Set(Object.values(repaired))).toEqual(new Set([2, 5, 8]));
  });

  it("leaves params that are not drawn alike", () => {
    const params = { a: 8, b: 2 };
    expect(repairOf({ a: size, b: int(1, 10) }, order("a", "b"))(params, 0)).toEqual(params);
  });

  it("leaves params of which one is off", () => {
    const rules = [order("a", "b"), order("b", "c")];
    const params = { a: 8, b: 2 };
    expect(repairOf({ a: size, b: size, c: size }, ...rules)(params, 0)).toEqual(params);
  });

  it.each(["a", "b"])("leaves params of which one decides whether others are on: %s", (parent) => {
    const space = { a: size, b: size, depth: int(1, 2, { when: { [parent]: { min: 3 } } }) };
    const params = { a: 8, b: 2 };
    expect(repairOf(space, order("a", "b"))(params, 0)).toEqual(params);
  });
});

describe("a repair of params that must add up", () => {
  const shares = { a: share, b: share, c: share };

  it("replaces another one in each turn", () => {
    const repair = repairOf(shares, total(1, "a", "b", "c"));
    const drawn = { a: 0.25, b: 0.125, c: 0.0625 };
    expect([0, 1, 2, 3].map((turn) => repair(drawn, turn))).toEqual([
      { ...drawn, a: 0.8125 },
      { ...drawn, b: 0.6875 },
      { ...drawn, c: 0.625 },
      { ...drawn, a: 0.8125 },
    ]);
  });

  it("replaces the next one if a value would leave its range, or none", () => {
    const repair = repairOf({ ...shares, a: float(0, 0.5) }, total(1, "a", "b", "c"));
    const drawn = { a: 0.25, b: 0.125, c: 0.0625 };
    expect(repair(drawn, 0)).toEqual({ ...drawn, b: 0.6875 });
    expect(repairOf(shares, total(7, "a", "b", "c"))(drawn, 0)).toEqual(drawn);
  });

  it("solves one equality after the other, without breaking those before", () => {
    const repair = repairOf(shares, total(1, "a", "b"), total(0.75, "b", "c"));
    for (const turn of [0, 1, 2, 3]) {
      const { a, b, c } = repair({ a: 0.5, b: 0.625, c: 0.75 }, turn);
      expect(Number(a) + Number(b)).toBe(1);
      expect(Number(b) + Number(c)).toBe(0.75);
    }
  });

  it("does not touch an equality of which a param is off, nor params that decide whether others are on", () => {
    const space = { ...shares, kind: choice([0, 1]), rate: float(0, 1, { when: { kind: 1 } }) };
    const drawn = { a: 0.25, b: 0.125, c: 0.0625, kind: 0 };
    expect(repairOf(space, total(1, "a", "rate"))(drawn, 0)).toEqual(drawn);
    expect(repairOf(space, total(1, "kind", "a"))(drawn, 0)).toEqual({ ...drawn, a: 1 });
    expect(repairOf(space, total(1, "kind"))(drawn, 0)).toEqual(drawn);
  });
});
