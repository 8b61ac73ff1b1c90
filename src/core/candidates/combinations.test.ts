import { describe, expect, it } from "vitest";
import { choice, fixed, float, int, type Params, type Space } from "../param.js";
import { createSearchSpace } from "../search-space.js";
import { createCombinations, MAX_COMBINATIONS } from "./combinations.js";
import { combinationsOf } from "./finite-space.js";
import { type Levels, listedLevels } from "./levels.js";

function combinationsIn(params: Space) {
  const combinations = combinationsOf(createSearchSpace(params));
  if (combinations === undefined) throw new Error("the space is not finite");
  const all = Array.from({ length: combinations.count }, (_, index) => combinations.at(index));
  expect(all.map((each) => combinations.indexOf(each))).toEqual(all.map((_, index) => index));
  return { ...combinations, all };
}

/** A param's levels, of which only the number counts. */
const many = (count: number): Levels => ({
  count,
  value: (index) => index,
  indexOf: (value) => Number(value),
});

describe("combinations", () => {
  it("count like the digits of a number: the last param changes fastest", () => {
    expect(combinationsIn({ a: int(0, 1), b: fixed("x"), c: int(1, 3) }).all).toEqual([
      { a: 0, b: "x", c: 1 },
      { a: 0, b: "x", c: 2 },
      { a: 0, b: "x", c: 3 },
      { a: 1, b: "x", c: 1 },
      { a: 1, b: "x", c: 2 },
      { a: 1, b: "x", c: 3 },
    ]);
  });

  it("leave out params that are off, also below params that are off themselves", () => {
    const space = {
      depth: int(1, 2),
      momentum: choice([0, 0.9], { when: { optimizer: "sgd" } }),
      nesterov: choice([true, false], { when: { momentum: 0.9 } }),
      optimizer: choice(["sgd", "adam"]),
    };
    const { all } = combinationsIn(space);
    // A param with a condition waits for the one that it depends on; each is written in the order of the space.
    const heads: Params[] = [
      { momentum: 0, optimizer: "sgd" },
      { momentum: 0.9, nesterov: true, optimizer: "sgd" },
      { momentum: 0.9, nesterov: false, optimizer: "sgd" },
      { optimizer: "adam" },
    ];
    expect(all).toEqual([1, 2].flatMap((depth) => heads.map((head) => ({ depth, ...head }))));
    expect(Object.keys(all[1] ?? {})).toEqual(["depth", "momentum", "nesterov", "optimizer"]);
  });

  it.each<[string, Params]>([
    ["a value that is not a level", { optimizer: "sgd", momentum: 0.5, depth: 1 }],
    ["a value of the condition that is not a level", { optimizer: "lion", depth: 1 }],
    ["a param left out", { optimizer: "sgd", depth: 1 }],
    ["the param of the condition left out", { momentum: 0.9, depth: 1 }],
    ["a param that should be off", { optimizer: "adam", momentum: 0.9, depth: 1 }],
    ["a param without conditions left out", { optimizer: "adam" }],
  ])("do not include params with %s", (_, params) => {
    const { indexOf } = combinationsIn({
      optimizer: choice(["sgd", "adam"]),
      momentum: choice([0, 0.9], { when: { optimizer: "sgd" } }),
      depth: int(1, 2),
    });
    expect(indexOf(params)).toBe(-1);
  });

  it("count through several params of each case", () => {
    const { all, indexOf } = combinationsIn({
      optimizer: choice(["lion", "sgd", "adam"]),
      momentum: choice([0, 0.9], { when: { optimizer: "sgd" } }),
      warmup: int(1, 3, { when: { optimizer: "sgd" } }),
      beta: choice([0.9, 0.95, 0.99], { when: { optimizer: "adam" } }),
      amsgrad: choice([true, false], { when: { optimizer: "adam" } }),
    });
    expect(all).toEqual([
      { optimizer: "lion" },
      { optimizer: "sgd", momentum: 0, warmup: 1 },
      { optimizer: "sgd", momentum: 0, warmup: 2 },
      { optimizer: "sgd", momentum: 0, warmup: 3 },
      { optimizer: "sgd", momentum: 0.9, warmup: 1 },
      { optimizer: "sgd", momentum: 0.9, warmup: 2 },
      { optimizer: "sgd", momentum: 0.9, warmup: 3 },
      { optimizer: "adam", beta: 0.9, amsgrad: true },
      { optimizer: "adam", beta: 0.9, amsgrad: false },
      { optimizer: "adam", beta: 0.95, amsgrad: true },
      { optimizer: "adam", beta: 0.95, amsgrad: false },
      { optimizer: "adam", beta: 0.99, amsgrad: true },
      { optimizer: "adam", beta: 0.99, amsgrad: false },
    ]);
    // A value that is not a level is not taken for the last combination before it.
    expect(indexOf({ optimizer: "sgd", momentum: 0.9, warmup: 9 })).toBe(-1);
    expect(indexOf({ optimizer: "adam", beta: 0.95, amsgrad: "x" })).toBe(-1);
    expect(indexOf({ optimizer: "adam", beta: 0.95 })).toBe(-1);
  });

  it("join params that one condition ties together, wherever they stand", () => {
    const { all } = combinationsIn({
      a: choice([0, 1]),
      b: choice([0, 1]),
      d: choice(["x", "y"]),
      c: choice(["on"], { when: { a: 1, b: 1 } }),
    });
    const tied: Params[] = [
      { a: 0, b: 0 },
      { a: 0, b: 1 },
      { a: 1, b: 0 },
      { a: 1, b: 1, c: "on" },
    ];
    expect(all).toEqual(tied.flatMap((each) => ["x", "y"].map((d) => ({ ...each, d }))));
  });

  it("are refused when they are too many for exact indices, and not one earlier", () => {
    const space = createSearchSpace({ x: float(0, 1), y: float(0, 1) });
    const count = (x: number, y: number) =>
      createCombinations(
        space,
        new Map([
          ["x", many(x)],
          ["y", many(y)],
        ]),
      ).count;
    expect(count(2 ** 26, 2 ** 26)).toBe(MAX_COMBINATIONS);
    expect(() => count(2 ** 26, 2 ** 26 + 1)).toThrow(expect.objectContaining({ code: "GRID_TOO_LARGE" }));
    // Already in one of the params.
    expect(count(1, MAX_COMBINATIONS)).toBe(MAX_COMBINATIONS);
    expect(() => count(1, MAX_COMBINATIONS + 1)).toThrow(expect.objectContaining({ code: "GRID_TOO_LARGE" }));
  });

  it("may have conditions that distinguish 100,000 cases, and not one more", () => {
    const space = createSearchSpace({ n: int(1, 1_000_000), x: float(0, 1, { when: { n: 1 } }) });
    const count = (cases: number) =>
      createCombinations(
        space,
        new Map([
          ["n", many(cases)],
          ["x", listedLevels([0.1, 0.2])],
        ]),
      ).count;
    // Both values of x where n is 1; it is off in the others.
    expect(count(100_000)).toBe(100_001);
    expect(() => count(100_001)).toThrow(
      expect.objectContaining({
        code: "GRID_TOO_LARGE",
        message: expect.stringContaining("conditions of n"),
      }),
    );
  });

  it("are undefined for a space with a continuous param", () => {
    expect(combinationsOf(createSearchSpace({ depth: int(1, 2), rate: float(0, 1) }))).toBeUndefined();
  });
});
