import { describe, expect, it } from "vitest";
import { createRandom } from "../math/random.js";
import { drawParams, MAX_REJECTIONS } from "./draw/draw-params.js";
import { completeParams } from "./draw/sample-params.js";
import { isCurvewiseError } from "./errors.js";
import { choice, fixed, float, int, ordinal, type Param, type Params } from "./param.js";
import {
  contains,
  countValues,
  createSearchSpace,
  isOn,
  problemsOfGiven,
  quantilesOf,
  valueAt,
} from "./search-space.js";

describe("a condition", () => {
  const isPossible = (parent: Param, requirement: NonNullable<Param["when"]>[string]): boolean => {
    try {
      createSearchSpace({ parent, child: int(1, 2, { when: { parent: requirement } }) });
      return true;
    } catch (error) {
      if (isCurvewiseError(error) && error.code === "SPACE_INVALID") return false;
      throw error;
    }
  };

  it.each<[Param, NonNullable<Param["when"]>[string], boolean]>([
    [int(2, 5), { min: 5 }, true],
    [int(2, 5), { min: 6 }, false],
    [int(2, 5), { max: 2 }, true],
    [int(2, 5), { max: 1 }, false],
    [float(2, 5), { min: 3, max: 4 }, true],
    [float(2, 5), {}, true],
    [int(2, 5), 5, true],
    [int(2, 5), 6, false],
    [int(2, 5), [9, 3], true],
    [int(2, 5), [9, 1], false],
    [int(2, 5), "3", false],
    [choice(["x", "y"]), ["z", "y"], true],
    [ordinal([1, 2]), { min: 2 }, true],
    [ordinal([1, 2]), { min: 3 }, false],
    [fixed(3), { max: 3 }, true],
    [fixed(3), { max: 2 }, false],
    [fixed("x"), "x", true],
    [fixed("x"), ["y"], false],
  ])("on %j that needs %j can be met: %s", (parent, requirement, expected) => {
    expect(isPossible(parent, requirement)).toBe(expected);
  });

  it.each<[NonNullable<Param["when"]>[string], string | number | boolean, boolean]>([
    [{ min: 2 }, 2, true],
    [{ min: 2 }, 1.9, false],
    [{ max: 3 }, 3, true],
    [{ max: 3 }, 3.1, false],
    [{ min: 2, max: 3 }, 9, false],
    [{ min: 2, max: 3 }, 0, false],
    [{ min: 0 }, "5", false],
    [["x", 3], 3, true],
    [["x", 3], "3", false],
  ])("of %j holds for %j: %s", (requirement, value, expected) => {
    expect(isOn({ parent: requirement }, { parent: value })).toBe(expected);
  });

  it("may go through several params, in whatever order they are written, and on one that two depend on", () => {
    const space = createSearchSpace({
      d: int(1, 2, { when: { b: 1, c: 1 } }),
      c: int(1, 2, { when: { a: 1 } }),
      b: int(1, 2, { when: { a: 1 } }),
      a: int(1, 2),
    });
    expect(space.order).toEqual(["a", "b", "c", "d"]);
  });
});

describe("the values of a param", () => {
  it.each<[Param, number]>([
    [int(1, 10), 10],
    [int(1, 10, { step: 3 }), 4],
    [int(1, 9, { step: 3 }), 3],
    [int(5, 5), 1],
    [float(0, 1, { step: 0.3 }), 4],
    [float(0, 0.9, { step: 0.3 }), 4],
    [float(2, 2, { step: 0.5 }), 1],
    [choice(["a", "b"]), 2],
    [ordinal([1, 2, 3]), 3],
    [fixed(7), 1],
  ])("of %j are %d", (param, count) => {
    expect(countValues(param)).toBe(count);
    const values = new Set(Array.from({ length: 120 }, (_, place) => valueAt(param, (place + 0.5) / 120)));
    expect(values.size).toBe(count);
    for (const value of values) expect(contains(param, value)).toBe(true);
  });

  it("are those at equal shares of [0, 1), from the first to the last", () => {
    const at = (param: Param, count: number) =>
      Array.from({ length: count }, (_, place) => valueAt(param, place / count));
    expect(at(int(1, 10, { step: 3 }), 4)).toEqual([1, 4, 7, 10]);
    expect(at(int(-2, 1), 4)).toEqual([-2, -1, 0, 1]);
    expect(at(float(1, 2, { step: 0.5 }), 3)).toEqual([1, 1.5, 2]);
    expect(at(float(-4, 4), 4)).toEqual([-4, -2, 0, 2]);
    expect(at(choice(["a", "b", "c"]), 3)).toEqual(["a", "b", "c"]);
    // Equal factors: 1, 10, 100.
    const [one, ten, hundred] = at(float(1, 1000, { log: true }), 3).map(Number);
    expect([one, ten, hundred]).toEqual([1, expect.closeTo(10, 9), expect.closeTo(100, 9)]);
  });

  it("have their shares in the middle of which the value lies", () => {
    expect(quantilesOf(int(1, 10, { step: 3 }), 7)).toEqual([0.5, 0.75]);
    expect(quantilesOf(float(1, 2, { step: 0.25 }), 1.5)).toEqual([0.4, 0.6]);
    expect(quantilesOf(float(-4, 4), 2)).toEqual([0.75, 0.75]);
    expect(quantilesOf(fixed("a"), "a")).toEqual([0, 1]);
    expect(quantilesOf(int(3, 3), 3)).toEqual([0, 1]);
    expect(quantilesOf(choice(["a", "b"]), "b")).toEqual([0.5, 1]);
    expect(quantilesOf(float(0, 1), 1.5)).toEqual([1, 1]);
    expect(quantilesOf(float(0, 1), -1)).toEqual([0, 0]);
    const [from, to] = quantilesOf(int(1, 9, { log: true }), 1);
    expect([from, to]).toEqual([0, expect.closeTo(Math.log(3) / Math.log(19), 12)]);
  });

  it.each<[Param, string | number | boolean, boolean]>([
    [float(0, 1), 0, true],
    [float(0, 1), 1, true],
    [float(0, 1), -1e-12, false],
    [int(0, 10, { step: 5 }), 0, true],
    [int(0, 10), 11, false],
    [int(0, 10), "5", false],
    // A relative 1e-9 of a step is rounding, more is not.
    [float(0, 1, { step: 0.1 }), 0.3 + 5e-11, true],
    [float(0, 1, { step: 0.1 }), 0.3 + 5e-10, false],
    // Far from zero, doubles are coarser: about 1.2e-7 apart at 1e9.
    [float(1e9, 1e9 + 1, { step: 1e-3 }), 1e9 + 0.003, true],
    [float(1e9, 1e9 + 1, { step: 1e-3 }), 1e9 + 0.0035, false],
    [float(-1e9 - 1, -1e9, { step: 1e-3 }), -1e9 - 0.003, true],
    [ordinal([1, 2]), 2, true],
    [ordinal([1, 2]), 3, false],
  ])("of %j include %j: %s", (param, value, expected) => {
    expect(contains(param, value)).toBe(expected);
  });
});

describe("params that are given in part", () => {
  const space = createSearchSpace(
    {
      optimizer: choice(["sgd", "adam"]),
      momentum: float(0, 1, { when: { optimizer: "sgd" } }),
      nesterov: choice([true, false], { when: { momentum: { min: 0.5 }, optimizer: "sgd" } }),
      width: int(1, 9),
    },
    [{ name: "width is odd", holds: ({ width }) => Number(width) % 2 === 1 }],
  );

  it.each<[Params, string[]]>([
    [{}, []],
    [{ width: 2 }, []],
    [{ nesterov: true }, []],
    [{ momentum: 0.9, nesterov: true }, []],
    [{ momentum: 0.1, nesterov: true }, ['"nesterov" is set, but its condition does not hold']],
    [{ optimizer: "adam", nesterov: true }, ['"nesterov" is set, but its condition does not hold']],
    [
      { width: 0, depth: 1, momentum: 2 },
      ['"width" cannot be 0', '"depth" is not in the search space', '"momentum" cannot be 2'],
    ],
    [{ toString: 1 }, ['"toString" is not in the search space']],
    [{ optimizer: "adam", width: 2 }, ["the constraint width is odd does not hold"]],
    [{ optimizer: "adam", width: 3 }, []],
  ])("%j break the space only by themselves: %j", (given, problems) => {
    expect(problemsOfGiven(space, given)).toEqual(problems);
  });

  it("are whole when all that is missing is off", () => {
    expect(completeParams(space, { width: 3, optimizer: "adam" }, createRandom(1, 0, 0))).toEqual({
      optimizer: "adam",
      width: 3,
    });
  });

  it("are completed at random, but always from the same stream", () => {
    const draw = (trial: number) => completeParams(space, { optimizer: "sgd" }, createRandom(1, trial, 0));
    expect(draw(3)).toEqual(draw(3));
    expect(new Set(Array.from({ length: 20 }, (_, trial) => draw(trial)["momentum"])).size).toBe(20);
  });
});

describe("names of params", () => {
  it.each(["lr", "_lr", "l.r-2_x", "L"])("may be %s", (name) => {
    expect(createSearchSpace({ [name]: int(1, 2) }).order).toEqual([name]);
  });

  it.each(["", "-lr", "l r", "lr!", "lr\n", "é"])("may not be %j", (name) => {
    expect(() => createSearchSpace({ [name]: int(1, 2) })).toThrow(
      expect.objectContaining({ code: "SPACE_INVALID", kind: "user" }),
    );
  });
});

it("draws are rejected up to the limit and no further", () => {
  let draws = 0;
  const space = createSearchSpace({ a: int(1, 2) }, [
    { name: "last", holds: () => draws === MAX_REJECTIONS },
  ]);
  const draw = (): number => {
    draws += 1;
    return 1;
  };
  expect(drawParams(space, draw)).toEqual({ a: 1 });
  expect(() => drawParams(space, draw)).toThrow(`last refused ${MAX_REJECTIONS}`);
  expect(draws).toBe(2 * MAX_REJECTIONS);
});
