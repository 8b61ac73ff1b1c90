import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRandom } from "../../math/random.js";
import { choice, fixed, float, int, ordinal, type Params } from "../param.js";
import { type Comparison, createSearchSpace, problemsOf } from "../search-space.js";
import { createWalk } from "./walk-params.js";

describe("a move of one param", () => {
  const space = createSearchSpace({
    rate: float(1, 100, { log: true }),
    size: int(1, 8),
    kind: choice(["a", "b"]),
    batch: ordinal([1, 2, 3], { when: { kind: "b" } }),
    seed: fixed(3),
  });
  const { move } = createWalk(space);
  const start: Params = { rate: 10, size: 4, kind: "a", seed: 3 };

  it("draws it anew within reach, to both sides, and leaves the others", () => {
    const reach = 0.2;
    const rates = Array.from({ length: 400 }, (_, seed) => {
      const moved = move(start, "rate", reach, createRandom(seed, 0, 0));
      expect({ ...moved, rate: 10 }).toEqual(start);
      // 10 lies in the middle of its scale.
      return Math.log(Number(moved["rate"])) / Math.log(100) - 0.5;
    });
    // The difference of two uniform numbers: a triangle, 1 in 32 of which lies beyond 0.15 on either side.
    expect(Math.max(...rates.map(Math.abs))).toBeLessThan(reach);
    expect(Math.max(...rates)).toBeGreaterThan(0.15);
    expect(Math.min(...rates)).toBeLessThan(-0.15);
    const mean = rates.reduce((sum, each) => sum + each, 0) / rates.length;
    expect(Math.abs(mean)).toBeLessThan(0.02);
  });

  it("reaches every value with a reach of the whole range", () => {
    const sizes = Array.from(
      { length: 200 },
      (_, seed) => move(start, "size", 1, createRandom(seed, 0, 0))["size"],
    );
    expect(new Set(sizes)).toEqual(new Set([1, 2, 3, 4, 5, 6, 7, 8]));
  });

  it("draws params that it switches on, and drops those that it switches off", () => {
    const ends = Array.from({ length: 60 }, (_, seed) => move(start, "kind", 1, createRandom(seed, 0, 0)));
    for (const each of ends) expect(problemsOf(space, each)).toEqual([]);
    expect(new Set(ends.map(({ batch }) => batch))).toEqual(new Set([undefined, 1, 2, 3]));
    const back = Array.from({ length: 20 }, (_, seed) =>
      move({ ...start, kind: "b", batch: 2 }, "kind", 1, createRandom(seed, 0, 0)),
    );
    expect(new Set(back.map(({ batch }) => batch))).toEqual(new Set([undefined, 2]));
  });

  it.each(["batch", "unknown"])("changes nothing of a param without a value: %s", (name) => {
    expect(move(start, name, 1, createRandom(1, 0, 0))).toBe(start);
  });

  it("changes nothing of a param whose value is outside of the space", () => {
    const foreign = { ...start, size: 9 };
    expect(move(foreign, "size", 1, createRandom(1, 0, 0))).toBe(foreign);
  });

  it("is made so many times, of params that are not fixed", () => {
    const ofMany = createSearchSpace({
      a: fixed(1),
      b: fixed(2),
      x: float(0, 1),
      c: fixed(3),
      y: float(0, 1),
    });
    const unmoved = { a: 1, b: 2, x: 0.5, c: 3, y: 0.5 };
    const walk = createWalk(ofMany);
    const changed = (count: number, seed: number): number => {
      const end = walk.moves(unmoved, count, 1, createRandom(seed, 0, 0));
      expect(Object.keys(end)).toEqual(Object.keys(unmoved));
      return Number(end["x"] !== 0.5) + Number(end["y"] !== 0.5);
    };
    const seeds = Array.from({ length: 20 }, (_, seed) => seed);
    expect(new Set(seeds.map((seed) => changed(0, seed)))).toEqual(new Set([0]));
    expect(new Set(seeds.map((seed) => changed(1, seed)))).toEqual(new Set([1]));
    expect(new Set(seeds.map((seed) => changed(40, seed)))).toEqual(new Set([2]));
    const idle = createSearchSpace({ seed: fixed(3) });
    expect(createWalk(idle).moves({ seed: 3 }, 5, 1, createRandom(1, 0, 0))).toEqual({ seed: 3 });
  });
});

describe("a move within constraints", () => {
  it("shrinks until it finds room, however little there is", () => {
    const space = createSearchSpace({ x: float(0, 1) }, [
      { name: "thin", holds: ({ x }) => Math.abs(Number(x) - 0.5) < 1e-4 },
    ]);
    const { move } = createWalk(space);
    const ends = Array.from({ length: 100 }, (_, seed) => move({ x: 0.5 }, "x", 1, createRandom(seed, 0, 0)));
    expect(ends.filter(({ x }) => x !== 0.5).length).toBeGreaterThan(90);
    for (const each of ends) expect(problemsOf(space, each)).toEqual([]);
  });

  it("is none where nothing else is allowed", () => {
    const space = createSearchSpace({ x: int(1, 9) }, [{ name: "five", holds: ({ x }) => x === 5 }]);
    const start = { x: 5 };
    expect(createWalk(space).move(start, "x", 1, createRandom(1, 0, 0))).toEqual(start);
  });

  it("lets another param of an equality follow", () => {
    const sum: Comparison = {
      names: ["a", "b"],
      sign: "==",
      difference: ({ a, b }) => Number(a) + Number(b) - 1,
    };
    const space = createSearchSpace({ a: float(0, 1), b: float(0, 1), c: float(0, 1) }, [
      { name: "sum", holds: ({ a, b }) => Math.abs(Number(a) + Number(b) - 1) < 1e-9, comparisons: [sum] },
    ]);
    const { move } = createWalk(space);
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom("a", "b"), (seed, name) => {
        const moved = move({ a: 0.25, b: 0.75, c: 0.5 }, name, 1, createRandom(seed, 0, 0));
        expect(moved["a"]).not.toBe(0.25);
        expect(moved["c"]).toBe(0.5);
        expect(problemsOf(space, moved)).toEqual([]);
      }),
    );
    // A param of no equality moves alone.
    const moved = move({ a: 0.25, b: 0.75, c: 0.5 }, "c", 1, createRandom(1, 0, 0));
    expect(moved).toMatchObject({ a: 0.25, b: 0.75 });
  });

  it.each([0.3, 1])("leaves all that is allowed equally likely, with a reach of %d", (reach) => {
    const space = createSearchSpace({ x: int(1, 4), y: int(1, 4), kind: choice(["a", "b", "c"]) }, [
      { name: "order", holds: ({ x, y }) => Number(x) <= Number(y) },
      { name: "not 1b", holds: ({ x, kind }) => x !== 1 || kind !== "b" },
    ]);
    // Ten pairs with three kinds each, but for the four pairs with x = 1 and b.
    const possible = 10 * 3 - 4;
    const { moves } = createWalk(space);
    const random = createRandom(2, 0, 0);
    const counts = new Map<string, number>();
    const visits = 400 * possible;
    let present: Params = { x: 1, y: 1, kind: "a" };
    for (let visit = 0; visit < visits; visit++) {
      present = moves(present, 6, reach, random);
      const key = JSON.stringify(present);
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    expect(counts.size).toBe(possible);
    // Visits depend on each other, which makes the counts vary more than the 20 of independent ones.
    for (const count of counts.values()) expect(Math.abs(count - 400)).toBeLessThan(120);
  });
});
