import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRandom } from "../math/random.js";
import { searchSpaces } from "../testing/sampler-contract/random-spaces.js";
import { drawParams, MAX_REJECTIONS, paramsAt } from "./draw/draw-params.js";
import { completeParams, sampleParams } from "./draw/sample-params.js";
import { isCurvewiseError } from "./errors.js";
import { choice, fixed, float, int, ordinal, type Param, type Params, type Space } from "./param.js";
import {
  contains,
  countValues,
  createSearchSpace,
  inUserOrder,
  isOn,
  ownParams,
  problemsOf,
  quantilesOf,
  valueAt,
} from "./search-space.js";

const quantile = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

const draws = (params: Space, count: number, seed = 1): Params[] => {
  const space = createSearchSpace(params);
  return Array.from({ length: count }, (_, trial) => sampleParams(space, createRandom(seed, trial, 0)));
};

const numbers = (param: Param, count: number): number[] =>
  draws({ x: param }, count).map(({ x }) => Number(x));

describe("defaults", () => {
  it("are values that their params can take", () => {
    expect(() => createSearchSpace({ x: float(0, 1, { default: 2 }) })).toThrow(
      'the default of "x" cannot be 2',
    );
    expect(() => createSearchSpace({ x: int(0, 8, { step: 4, default: 2 }) })).toThrow("cannot be 2");
    expect(() => createSearchSpace({ x: choice([[1], [2]], { default: [2] }) })).not.toThrow();
    expect(() => createSearchSpace({ x: ordinal([1, null], { default: null }) })).not.toThrow();
  });

  it("keep the constraints together, as far as they decide them", () => {
    const rule = { name: "a <= b", holds: ({ a, b }: Params) => Number(a ?? 0) <= Number(b ?? 1) };
    const given = (a: number, b?: number): Space => ({
      a: float(0, 1, { default: a }),
      b: float(0, 1, b === undefined ? {} : { default: b }),
    });
    expect(() => createSearchSpace(given(0.6, 0.5), [rule])).toThrow(
      "the defaults break the constraint a <= b",
    );
    expect(() => createSearchSpace(given(0.4, 0.5), [rule])).not.toThrow();
    expect(() => createSearchSpace(given(0.6), [rule])).not.toThrow();
  });

  it("count only where their params are on", () => {
    const params: Space = {
      kind: choice(["a", "b"], { default: "a" }),
      size: float(0, 1, { default: 0.9, when: { kind: "b" } }),
    };
    const rule = { name: "small", holds: ({ size }: Params) => Number(size ?? 0) < 0.5 };
    expect(() => createSearchSpace(params, [rule])).not.toThrow();
  });
});

describe("createSearchSpace", () => {
  it("puts params before those that depend on them, and otherwise keeps the user's order", () => {
    const space = createSearchSpace({
      c: int(1, 2, { when: { b: true } }),
      z: int(1, 2),
      b: choice([true, false], { when: { a: "x" } }),
      a: choice(["x", "y"]),
    });
    expect(space.order).toEqual(["a", "b", "c", "z"]);
  });

  it.each<[string, Space, string]>([
    ["an empty space", {}, "empty"],
    ["a name with a space", { "learning rate": int(1, 2) }, '"learning rate"'],
    ["a name that begins with a digit", { "1st": int(1, 2) }, '"1st"'],
    ["a name that every object has", { toString: int(1, 2) }, '"toString"'],
    ["the name of the prototype", Object.fromEntries([["__proto__", int(1, 2)]]), '"__proto__"'],
    ["a condition on an unknown param", { a: int(1, 2, { when: { b: 1 } }) }, '"b", which is not a param'],
    [
      "circular conditions",
      { a: int(1, 2, { when: { b: 1 } }), b: int(1, 2, { when: { a: 1 } }) },
      '"a", "b", "a" form a circle',
    ],
    ["a value that is never taken", { a: choice(["x"]), b: int(1, 2, { when: { a: "y" } }) }, 'never "y"'],
    ["a range outside", { a: int(1, 5), b: int(1, 2, { when: { a: { min: 6 } } }) }, "never"],
    [
      "a number between the steps",
      { a: int(0, 4, { step: 2 }), b: int(1, 2, { when: { a: 3 } }) },
      "never 3",
    ],
    ["a range on words", { a: choice(["x"]), b: int(1, 2, { when: { a: { min: 0 } } }) }, "never"],
  ])("refuses %s", (_, params, message) => {
    expect(() => createSearchSpace(params)).toThrow(
      expect.objectContaining({ code: "SPACE_INVALID", message: expect.stringContaining(message) }),
    );
  });
});

describe("sampling", () => {
  it("stays inside any space, in the user's order, and depends on the stream alone", () => {
    fc.assert(
      fc.property(searchSpaces(), fc.nat(), fc.nat({ max: 1000 }), (space, seed, trial) => {
        const sample = (): Params => sampleParams(space, createRandom(seed, trial, 0));
        try {
          const params = sample();
          expect(problemsOf(space, params)).toEqual([]);
          expect(Object.keys(params)).toEqual(Object.keys(inUserOrder(space, params)));
          expect(sample()).toEqual(params);
        } catch (error) {
          if (!isCurvewiseError(error) || error.code !== "SPACE_UNSATISFIABLE") throw error;
          fc.pre(false);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("leaves conditional params out exactly when their condition does not hold", () => {
    const all = draws(
      {
        optimizer: choice(["sgd", "adam", "lion"]),
        momentum: float(0, 1, { when: { optimizer: ["sgd", "lion"] } }),
        nesterov: choice([true, false], { when: { momentum: { min: 0.5 } } }),
      },
      300,
    );
    for (const params of all) {
      expect(Object.hasOwn(params, "momentum")).toBe(params["optimizer"] !== "adam");
      expect(Object.hasOwn(params, "nesterov")).toBe(Number(params["momentum"] ?? 0) >= 0.5);
    }
    expect(new Set(all.map((params) => Object.keys(params).length))).toEqual(new Set([1, 2, 3]));
  });

  // Kolmogorov-Smirnov: sqrt(n) * D exceeds 2.23 with probability 1e-4 under the right distribution.
  const distance = (values: readonly number[], distribution: (value: number) => number): number => {
    const sorted = values.toSorted((a, b) => a - b);
    const gaps = sorted.flatMap((value, i) => {
      const expected = distribution(value);
      return [Math.abs((i + 1) / sorted.length - expected), Math.abs(i / sorted.length - expected)];
    });
    return Math.sqrt(sorted.length) * gaps.reduce((worst, gap) => Math.max(worst, gap), 0);
  };

  it("draws plain floats uniformly and logarithmic ones uniformly in the logarithm", () => {
    expect(distance(numbers(float(-2, 6), 5000), (x) => (x + 2) / 8)).toBeLessThan(2.23);
    const logarithmic = numbers(float(1e-5, 10, { log: true }), 5000);
    expect(distance(logarithmic, (x) => (Math.log10(x) + 5) / 6)).toBeLessThan(2.23);
    // Shows that the test can fail: the same numbers are far from uniform.
    expect(distance(logarithmic, (x) => x / 10)).toBeGreaterThan(10);
  });

  it("draws all values of ints, choices and steps equally often", () => {
    for (const param of [int(1, 6), choice(["a", "b", "c", "d", "e", "f"]), float(0, 0.5, { step: 0.1 })]) {
      const counts = new Map<unknown, number>();
      for (const { x } of draws({ x: param }, 6000)) counts.set(x, (counts.get(x) ?? 0) + 1);
      expect(counts.size).toBe(6);
      // Binomial(6000, 1/6): mean 1000, standard deviation 29; five of them on either side.
      for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(145);
    }
  });

  it("reaches both ends of logarithmic ints, and draws each value in proportion to its share of the logarithmic range", () => {
    const values = numbers(int(1, 16, { log: true }), 8000);
    const share = (value: number): number => values.filter((each) => each === value).length / values.length;
    // A value v covers [v - 0.5, v + 0.5] of [0.5, 16.5]; three standard deviations of the share are below 0.016.
    for (const value of [1, 2, 8, 16]) {
      const expected = Math.log((value + 0.5) / (value - 0.5)) / Math.log(16.5 / 0.5);
      expect(Math.abs(share(value) - expected)).toBeLessThan(0.016);
    }
    expect(Math.min(...values)).toBe(1);
    expect(Math.max(...values)).toBe(16);
  });
});

describe("valueAt", () => {
  it("gives stepped values without the noise of binary fractions", () => {
    const param = float(0, 0.5, { step: 0.1 });
    expect([0, 0.2, 0.4, 0.5, 0.7, 0.9].map((q) => valueAt(param, q))).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5]);
    expect(valueAt(float(0.1, 0.3, { step: 0.2 }), 0.99)).toBe(0.3);
  });

  it("never leaves the range, for any ends, steps and quantiles", () => {
    const real = fc.double({ min: -1e6, max: 1e6, noNaN: true });
    const width = fc.double({ min: 1e-3, max: 1e3, noNaN: true });
    const parts = fc.double({ min: 1, max: 1000, noNaN: true });
    fc.assert(
      fc.property(real, width, parts, quantile, (low, span, count, q) => {
        const high = low + span;
        for (const param of [float(low, high), float(low, high, { step: span / count })]) {
          expect(contains(param, valueAt(param, q))).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("stays inside when the last step is rounded to slightly above the end", () => {
    const param = float(0, 2 / 3, { step: 1 / 3 });
    expect(countValues(param)).toBe(3);
    expect(valueAt(param, 0.999)).toBe(2 / 3);
  });

  it("reaches both ends", () => {
    const last = 1 - 2 ** -53;
    for (const param of [
      int(-3, 7),
      int(1, 1000, { log: true }),
      int(0, 9, { step: 3 }),
      float(0, 1, { step: 0.25 }),
    ]) {
      expect([valueAt(param, 0), valueAt(param, last)]).toEqual([param.low, param.high]);
    }
    expect(valueAt(float(2, 4, { log: true }), 0)).toBe(2);
    expect(valueAt(int(0, 2 ** 52), last)).toBe(2 ** 52);
    expect(valueAt(float(5, 5), 0.5)).toBe(5);
    expect(valueAt(ordinal([1, 2, 3]), last)).toBe(3);
    expect(valueAt(fixed("a"), 0.5)).toBe("a");
  });
});

describe("paramsAt", () => {
  const space = createSearchSpace(
    {
      nesterov: choice([true, false], { when: { optimizer: "sgd" } }),
      optimizer: choice(["sgd", "adam"]),
      rate: float(0, 10),
      kind: fixed("mlp"),
    },
    [{ name: "rate <= 5", holds: ({ rate }) => Number(rate) <= 5 }],
  );
  const at = (point: Readonly<Record<string, number>>) =>
    paramsAt(space, (name) => point[name] ?? Number.NaN);

  it("gives each param that is on the value at its quantile, in the user's order", () => {
    const params = at({ optimizer: 0.2, nesterov: 0.9, rate: 0.25, kind: 0 });
    expect(params).toEqual({ nesterov: false, optimizer: "sgd", rate: 2.5, kind: "mlp" });
    expect(Object.keys(params ?? {})).toEqual(["nesterov", "optimizer", "rate", "kind"]);
    expect(at({ optimizer: 0.7, rate: 0.25, kind: 0 })).toEqual({
      optimizer: "adam",
      rate: 2.5,
      kind: "mlp",
    });
  });

  it("gives none if a constraint refuses them", () => {
    expect(at({ optimizer: 0.7, rate: 0.75, kind: 0 })).toBeUndefined();
  });

  it.each([1, -0.1, Number.NaN])("refuses %d, which is not a quantile", (rate) => {
    expect(() => at({ optimizer: 0.7, rate, kind: 0 })).toThrow(`the quantile of "rate" is ${rate}`);
  });
});

describe("quantilesOf", () => {
  it("are those at which valueAt returns the value", () => {
    const share = fc.double({ min: 0.01, max: 0.99, noNaN: true });
    let discrete = 0;
    fc.assert(
      fc.property(searchSpaces(), quantile, share, (space, q, within) => {
        for (const param of Object.values(space.params)) {
          const value = valueAt(param, q);
          const [from, to] = quantilesOf(param, value);
          expect(from - 1e-9).toBeLessThanOrEqual(q);
          expect(to + 1e-9).toBeGreaterThanOrEqual(q);
          const isDiscrete = Number.isFinite(countValues(param));
          expect(from < to).toBe(isDiscrete);
          expect(isDiscrete ? valueAt(param, from + within * (to - from)) : value).toBe(value);
          discrete += Number(isDiscrete);
        }
      }),
      { numRuns: 300 },
    );
    expect(discrete).toBeGreaterThan(300);
  });

  it("divide [0, 1] among the values of a list, and [log 0.5, log 16.5] among the ints to 16", () => {
    const list = ordinal(["a", "b", "c", "d"]);
    expect(list.options.map((value) => quantilesOf(list, value))).toEqual([
      [0, 0.25],
      [0.25, 0.5],
      [0.5, 0.75],
      [0.75, 1],
    ]);
    const [from, to] = quantilesOf(int(1, 16, { log: true }), 2);
    expect(from).toBeCloseTo(Math.log(3) / Math.log(33), 14);
    expect(to).toBeCloseTo(Math.log(5) / Math.log(33), 14);
    expect(quantilesOf(float(1, 100, { log: true }), 10)).toEqual([0.5, 0.5]);
    expect(quantilesOf(float(3, 3), 3)).toEqual([0, 1]);
  });
});

describe("contains", () => {
  it.each<[Param, string | number | boolean, boolean]>([
    [float(0, 1), 0.5, true],
    [float(0, 1), 1.0000001, false],
    [float(0, 1), Number.NaN, false],
    [float(0, 1), "0.5", false],
    [float(0, 1, { step: 0.1 }), 0.1 + 0.2, true],
    [float(0, 1, { step: 0.1 }), 0.25, false],
    [int(0, 10, { step: 5 }), 5, true],
    [int(0, 10, { step: 5 }), 6, false],
    [int(0, 10), 2.5, false],
    [choice([1, "1"]), "1", true],
    [choice([1]), "1", false],
    [fixed(true), true, true],
    [fixed(true), "true", false],
  ])("%j and %j: %s", (param, value, expected) => {
    expect(contains(param, value)).toBe(expected);
  });

  it("agrees with countValues", () => {
    expect(countValues(float(0, 1))).toBe(Number.POSITIVE_INFINITY);
    expect(countValues(float(0, 0.3, { step: 0.1 }))).toBe(4);
    expect(countValues(int(1, 10, { step: 4 }))).toBe(3);
    expect(countValues(float(1, 1))).toBe(1);
  });
});

describe("isOn", () => {
  it("needs every named param to be on and to meet its requirement", () => {
    expect(isOn(undefined, {})).toBe(true);
    expect(isOn({ a: "x", b: { min: 2, max: 3 } }, { a: "x", b: 3 })).toBe(true);
    expect(isOn({ a: "x", b: { min: 2, max: 3 } }, { a: "x", b: 3.5 })).toBe(false);
    expect(isOn({ a: "x", b: { min: 2 } }, { a: "x" })).toBe(false);
    expect(isOn({ a: ["x", "y"] }, { a: "z" })).toBe(false);
    expect(isOn({ a: true }, { a: "true" })).toBe(false);
  });
});

it("orders a chain of conditions of any length", () => {
  const length = 20_000;
  const names = Array.from({ length }, (_, index) => `p${index}`);
  const entries = names.map((name, index) => [
    name,
    index === length - 1 ? choice([1, 2]) : choice([1, 2], { when: { [`p${index + 1}`]: 1 } }),
  ]);
  expect(createSearchSpace(Object.fromEntries(entries)).order).toEqual(names.toReversed());
});

describe("ownParams", () => {
  const layers = choice([[8], [64, 32]]);
  const base = fixed({ a: 1 });
  const space: Space = { layers, base, lr: float(0, 1), note: choice([null, "x"]) };

  it("has the lists and mappings of the space itself, and all else as it was given", () => {
    const other = [1, 2];
    const given = { layers: [64, 32], base: { a: 1 }, lr: 0.5, note: null, unknown: other };
    const own = ownParams(space, given);
    expect(own).toEqual(given);
    expect(own["layers"]).toBe(layers.options[1]);
    expect(own["base"]).toBe(base.value);
    expect(own["unknown"]).toBe(other);
    const strange = [9];
    expect(ownParams(space, { layers: strange })["layers"]).toBe(strange);
  });

  it("is the same object without any of those", () => {
    const given = { lr: 0.5, note: null };
    expect(ownParams(space, given)).toBe(given);
  });
});

describe("problemsOf", () => {
  const space = createSearchSpace(
    { a: choice(["x", "y"]), b: int(1, 3, { when: { a: "x" } }), c: int(1, 3) },
    [{ name: "b <= c", holds: ({ b = 0, c }) => Number(b) <= Number(c) }],
  );
  it.each<[Params, string[]]>([
    [{ a: "x", b: 1, c: 1 }, []],
    [{ a: "y", c: 1 }, []],
    [{ a: "x", c: 1 }, ['"b" is missing']],
    [{ a: "y", b: 1, c: 1 }, ['"b" is set, but its condition does not hold']],
    [{ a: "x", b: 1.5, c: 9 }, ['"b" cannot be 1.5', '"c" cannot be 9']],
    [{ a: "y", c: 1, d: 2 }, ['"d" is not in the search space']],
    [{ a: "x", b: 3, c: 2 }, ["the constraint b <= c does not hold"]],
    [{ a: "x", b: 9, c: 1 }, ['"b" cannot be 9']],
  ])("%j: %j", (params, problems) => {
    expect(problemsOf(space, params)).toEqual(problems);
  });
});

describe("completeParams", () => {
  const space = createSearchSpace(
    {
      optimizer: choice(["sgd", "adam"]),
      momentum: float(0, 1, { when: { optimizer: "sgd" } }),
      nesterov: choice([true, false], { when: { momentum: { min: 0.5 } } }),
      width: int(1, 9),
    },
    [{ name: "width is odd", holds: ({ width }) => Number(width) % 2 === 1 }],
  );
  const complete = (given: Params, trial = 0): Params =>
    completeParams(space, given, createRandom(1, trial, 0));

  it("keeps what is given and draws the rest until its conditions and the constraints hold", () => {
    for (let trial = 0; trial < 50; trial++) {
      const params = complete({ nesterov: true }, trial);
      expect(params).toMatchObject({ optimizer: "sgd", nesterov: true });
      expect(problemsOf(space, params)).toEqual([]);
    }
    expect(new Set(Array.from({ length: 200 }, (_, trial) => complete({}, trial)["width"]))).toEqual(
      new Set([1, 3, 5, 7, 9]),
    );
  });

  it("returns complete params in the user's order", () => {
    expect(Object.keys(complete({ width: 3, optimizer: "adam" }))).toEqual(["optimizer", "width"]);
  });

  it.each<[Params, string]>([
    [{ depth: 1 }, '"depth" is not in the search space'],
    [{ width: 10 }, '"width" cannot be 10'],
    [{ optimizer: "adam", momentum: 0.5 }, '"momentum" is set, but its condition does not hold'],
    [{ momentum: 0.1, nesterov: true }, '"nesterov" is set, but its condition does not hold'],
    [{ optimizer: "adam", width: 2 }, "the constraint width is odd does not hold"],
  ])("refuses %j", (given, problem) => {
    expect(() => complete(given)).toThrow(
      expect.objectContaining({ code: "PARAMS_INVALID", message: expect.stringContaining(problem) }),
    );
  });

  it("says when nothing can be drawn to go with what is given", () => {
    expect(() => complete({ width: 2 })).toThrow(
      expect.objectContaining({
        code: "SPACE_UNSATISFIABLE",
        message: expect.stringContaining("width is odd"),
      }),
    );
    expect(() => complete({ optimizer: "adam", nesterov: true })).toThrow(
      expect.objectContaining({
        code: "SPACE_UNSATISFIABLE",
        message: expect.stringContaining('"nesterov"'),
      }),
    );
  });
});

describe("constraints", () => {
  it("are met by drawing again", () => {
    const space = createSearchSpace({ a: int(1, 9), b: int(1, 9) }, [
      { name: "a >= b", holds: ({ a, b }) => Number(a) >= Number(b) },
    ]);
    const all = Array.from({ length: 500 }, (_, trial) => sampleParams(space, createRandom(1, trial, 0)));
    expect(all.every(({ a, b }) => Number(a) >= Number(b))).toBe(true);
    expect(new Set(all.map(({ a, b }) => `${Number(a)} ${Number(b)}`)).size).toBe(45);
  });

  it("that cannot be met end in an error that says how often each refused", () => {
    const space = createSearchSpace({ a: int(1, 2) }, [
      { name: "a < 2", holds: ({ a = 0 }) => Number(a) < 2 },
      { name: "a > 1", holds: ({ a = 0 }) => Number(a) > 1 },
    ]);
    let turn = 0;
    const alternate = (): number => 1 + (turn++ % 2);
    expect(() => drawParams(space, alternate)).toThrow(
      expect.objectContaining({
        code: "SPACE_UNSATISFIABLE",
        message: expect.stringContaining(
          `a > 1 refused ${MAX_REJECTIONS / 2}; a < 2 refused ${MAX_REJECTIONS / 2}`,
        ),
        hint: expect.stringContaining("Loosen"),
      }),
    );
  });
});
