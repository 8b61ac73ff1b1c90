import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sampleParams } from "../../core/draw/sample-params.js";
import { choice, fixed, float, int, ordinal, type Params } from "../../core/param.js";
import { createSearchSpace, problemsOf, type SearchSpace } from "../../core/search-space.js";
import { createRandom } from "../../math/random.js";
import { changeText, type Evolution, perturb } from "./perturb.js";

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
    seed: fixed(3),
  },
  [{ name: "momentum <= grid + 0.9", holds: (p) => Number(p["momentum"]) <= Number(p["grid"]) + 0.9 }],
);

const all = (space: SearchSpace, evolution: Evolution): Map<string, Evolution> =>
  new Map(Object.keys(space.params).map((name) => [name, evolution]));

const perturbed = (space: SearchSpace, params: Params, evolution: Evolution, seed: number): Params =>
  perturb(space, params, all(space, evolution), createRandom(seed, 0, 0));

describe("perturb", () => {
  it("draws a value in place of one from before a change of the space", () => {
    const before = createSearchSpace({ rate: float(2, 3), optimizer: choice(["lion"]), depth: int(1, 9) });
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (from, seed) => {
        const params = sampleParams(before, createRandom(from, 0, 0));
        const result = perturb(mixed, params, new Map(), createRandom(seed, 0, 0));
        expect(problemsOf(mixed, result)).toEqual([]);
      }),
    );
  });

  it("stays inside the space, its conditions and its constraints", () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.constantFrom(0, 0.25, 1), (from, seed, resample) => {
        const params = sampleParams(mixed, createRandom(from, 0, 0));
        const result = perturbed(mixed, params, { factors: [0.8, 1.2], resample }, seed);
        expect(problemsOf(mixed, result)).toEqual([]);
        expect(result["seed"]).toBe(3);
      }),
    );
  });

  it("gives the same result with the same stream", () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const params = sampleParams(mixed, createRandom(seed, 0, 0));
        const evolution = { factors: [0.5, 2], resample: 0.25 };
        expect(perturbed(mixed, params, evolution, seed)).toEqual(perturbed(mixed, params, evolution, seed));
      }),
    );
  });

  it("leaves every number as it is at factor 1", () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (from, seed) => {
        const params = sampleParams(mixed, createRandom(from, 0, 0));
        const result = perturbed(mixed, params, { factors: [1], resample: 0 }, seed);
        for (const name of ["rate", "momentum", "grid", "width", "depth"]) {
          expect(result[name]).toBe(params[name]);
        }
      }),
    );
    const zero = createSearchSpace({ depth: int(-3, 3), rate: float(-1, 1) });
    expect(perturbed(zero, { depth: 0, rate: 0 }, { factors: [1], resample: 0 }, 1)).toEqual({
      depth: 0,
      rate: 0,
    });
  });

  it("multiplies numbers by one of the factors", () => {
    const space = createSearchSpace({ rate: float(1e-4, 1, { log: true }) });
    const seen = new Set(
      Array.from({ length: 50 }, (_, seed) =>
        perturbed(space, { rate: 0.1 }, { factors: [0.8, 1.2], resample: 0 }, seed),
      ).map(({ rate }) => rate),
    );
    expect(seen).toEqual(new Set([0.1 * 0.8, 0.1 * 1.2]));
  });

  it("stops at the ends of a range", () => {
    const space = createSearchSpace({ rate: float(0.1, 1) });
    const ends = { factors: [0.5, 2], resample: 0 };
    for (let seed = 0; seed < 20; seed++) {
      expect([0.1, 0.2]).toContain(perturbed(space, { rate: 0.1 }, ends, seed)["rate"]);
      expect([0.5, 1]).toContain(perturbed(space, { rate: 1 }, ends, seed)["rate"]);
    }
  });

  it("moves whole numbers and grids by at least a step if a factor would not", () => {
    const space = createSearchSpace({ depth: int(1, 9, { step: 2 }), grid: float(0, 1, { step: 0.1 }) });
    const depths = new Set<unknown>();
    const grids = new Set<unknown>();
    for (let seed = 0; seed < 60; seed++) {
      const result = perturbed(space, { depth: 3, grid: 0.2 }, { factors: [0.9, 1.1], resample: 0 }, seed);
      depths.add(result["depth"]);
      grids.add(result["grid"]);
    }
    expect(depths).toEqual(new Set([1, 5]));
    expect(grids).toEqual(new Set([0.1, 0.3]));
  });

  it("moves away from zero, which no factor does", () => {
    const space = createSearchSpace({ decay: float(-1, 1) });
    for (let seed = 0; seed < 20; seed++) {
      const { decay } = perturbed(space, { decay: 0 }, { factors: [0.8, 1.2], resample: 0 }, seed);
      expect(Math.abs(Number(decay))).toBeCloseTo(0.4, 12);
    }
  });

  it("takes a neighbour from a list", () => {
    const space = createSearchSpace({ batch: ordinal([16, 32, 64, 128]), kind: choice(["a", "b"]) });
    for (let seed = 0; seed < 30; seed++) {
      const evolution = { factors: [0.8, 1.2], resample: 0 };
      expect([16, 64]).toContain(perturbed(space, { batch: 32, kind: "a" }, evolution, seed)["batch"]);
      expect(perturbed(space, { batch: 128, kind: "a" }, evolution, seed)).toEqual({ batch: 64, kind: "b" });
    }
  });

  it("leaves params that do not evolve alone, and draws those that a change switches on", () => {
    const params: Params = { ...sampleParams(mixed, createRandom(1, 0, 0)), optimizer: "sgd" };
    const evolutions = new Map([["optimizer", { factors: [2], resample: 0 }]]);
    const { beta, optimizer, ...rest } = perturb(mixed, params, evolutions, createRandom(0, 0, 0));
    expect(optimizer).toBe("adam");
    expect(beta).toBeTypeOf("number");
    const { optimizer: _before, beta: _off, ...kept } = params;
    expect(rest).toEqual(kept);
  });

  it("gives up if nothing satisfies the constraints", () => {
    const space = createSearchSpace({ rate: float(0, 1) }, [
      { name: "never", holds: (p) => p["rate"] === 0.5 },
    ]);
    expect(perturbed(space, { rate: 0.5 }, { factors: [0.8], resample: 0 }, 0)).toEqual({ rate: 0.5 });
  });

  it("tells what changed", () => {
    expect(changeText({ lr: 0.1, kind: "a", off: 1 }, { lr: 0.08, kind: "a", on: true })).toBe(
      "lr 0.1 -> 0.08, off 1 -> off, on off -> true",
    );
    expect(changeText({ lr: 1 }, { lr: 1 })).toBe("the same params");
  });
});
