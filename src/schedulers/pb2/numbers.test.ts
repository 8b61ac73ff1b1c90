import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sampleParams } from "../../core/draw/sample-params.js";
import { choice, fixed, float, int, ordinal } from "../../core/param.js";
import { createSearchSpace, problemsOf } from "../../core/search-space.js";
import { createRandom } from "../../math/random.js";
import { coordinatesOf, numbersOf, openNumbers } from "./numbers.js";

const mixed = createSearchSpace(
  {
    rate: float(1e-4, 1, { log: true }),
    momentum: float(0, 0.99),
    grid: float(0, 1, { step: 0.1 }),
    width: int(16, 512, { log: true }),
    depth: int(1, 9, { step: 2 }),
    optimizer: choice(["sgd", "adam", "rmsprop"]),
    batch: ordinal([16, 32, 64, 128]),
    beta: float(0.5, 0.999, { when: { optimizer: "adam" } }),
    dropout: float(0, 0.5, { when: { depth: { min: 5 } } }),
    skip: choice([true, false], { when: { depth: { min: 5 } } }),
    seed: fixed(3),
  },
  [{ name: "momentum <= grid + 0.6", holds: (p) => Number(p["momentum"]) <= Number(p["grid"]) + 0.6 }],
);
const numbers = ["rate", "momentum", "grid", "width", "depth", "beta", "dropout"];

describe("the numbers of a space", () => {
  it("are its floats and ints", () => {
    expect(numbersOf(mixed, Object.keys(mixed.params))).toEqual(numbers);
    expect(numbersOf(mixed, ["optimizer", "depth", "seed"])).toEqual(["depth"]);
  });
});

describe("coordinates", () => {
  it("have the same count in all trials, lie inside the unit cube, and leave fixed params out", () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const coordinates = coordinatesOf(mixed, sampleParams(mixed, createRandom(seed, 0, 0)));
        // 7 numbers, the ordinal, and the values of two choices.
        expect(coordinates).toHaveLength(7 + 1 + 3 + 2);
        expect(coordinates.every((each) => each >= 0 && each <= 1)).toBe(true);
      }),
    );
  });

  it("are on a param's own scale, and put two choices as far apart as the ends of a range", () => {
    const space = createSearchSpace({
      rate: float(1e-4, 1, { log: true }),
      optimizer: choice(["sgd", "adam"]),
    });
    const [rate, ...sgd] = coordinatesOf(space, { rate: 0.01, optimizer: "sgd" });
    expect(rate).toBeCloseTo(0.5, 12);
    const [, ...adam] = coordinatesOf(space, { rate: 0.01, optimizer: "adam" });
    expect(Math.hypot(...sgd.map((value, index) => value - (adam[index] ?? 0)))).toBeCloseTo(1, 12);
  });
});

describe("coordinates of params that are off", () => {
  it("are in the middle, and so are their places", () => {
    const space = createSearchSpace({
      kind: choice(["a", "b"]),
      rate: float(0, 1, { when: { kind: "b" } }),
    });
    const params = { kind: "a" };
    expect(coordinatesOf(space, params).at(-1)).toBe(0.5);
    expect(openNumbers(space, params, ["rate"], createRandom(0, 0, 0)).placesIn(params)).toEqual([0.5]);
  });
});

describe("open numbers", () => {
  const place = fc.double({ min: 0, max: 1, noNaN: true });
  const places = fc.array(place, { minLength: numbers.length, maxLength: numbers.length });

  it("give params of the space at any place, or none if a constraint forbids them", () => {
    fc.assert(
      fc.property(fc.nat(), places, (seed, given) => {
        const params = sampleParams(mixed, createRandom(seed, 0, 0));
        const open = openNumbers(mixed, params, numbers, createRandom(seed, 1, 0));
        const result = open.paramsAt(given);
        // Without constraints there is always a result.
        const free = openNumbers({ ...mixed, constraints: [] }, params, numbers, createRandom(seed, 1, 0));
        const unbound = free.paramsAt(given) ?? {};
        const [constraint] = mixed.constraints;
        expect(result).toEqual(constraint?.holds(unbound) ? unbound : undefined);
        expect(problemsOf({ ...mixed, constraints: [] }, unbound)).toEqual([]);
        expect(unbound["optimizer"]).toBe(params["optimizer"]);
        expect(unbound["batch"]).toBe(params["batch"]);
      }),
    );
  });

  it("reach both ends of their ranges", () => {
    const space = createSearchSpace({
      rate: float(1, 100, { log: true }),
      grid: float(0, 1, { step: 0.25 }),
      depth: int(1, 8),
      width: int(1, 64, { log: true }),
    });
    const low = { rate: 1, grid: 0, depth: 1, width: 1 };
    const { paramsAt } = openNumbers(space, low, Object.keys(low), createRandom(0, 0, 0));
    expect(paramsAt([0, 0, 0, 0])).toEqual(low);
    expect(paramsAt([1, 1, 1, 1])).toEqual({ rate: expect.closeTo(100, 9), grid: 1, depth: 8, width: 64 });
  });

  it("can be found again at their places", () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const params = sampleParams(mixed, createRandom(seed, 0, 0));
        const { paramsAt, placesIn } = openNumbers(mixed, params, numbers, createRandom(seed, 1, 0));
        const found = paramsAt(placesIn(params)) ?? {};
        expect(Object.keys(found)).toEqual(Object.keys(params));
        const rounded = (value: unknown) => (typeof value === "number" ? value.toPrecision(9) : value);
        expect(Object.values(found).map(rounded)).toEqual(Object.values(params).map(rounded));
      }),
    );
  });

  it("draw params that they switch on once", () => {
    const params = {
      rate: 0.1,
      momentum: 0,
      grid: 0,
      width: 32,
      depth: 1,
      optimizer: "sgd",
      batch: 16,
      seed: 3,
    };
    const open = openNumbers(mixed, params, ["depth"], createRandom(1, 1, 0));
    const deep = open.paramsAt([0.99]);
    expect(deep?.["skip"]).toBeTypeOf("boolean");
    expect(deep?.["dropout"]).toBeTypeOf("number");
    expect(open.paramsAt([0.9])).toEqual(deep);
    expect(open.paramsAt([0])).toEqual(params);
  });
});
