import { describe, expect, it } from "vitest";
import { CurvewiseError } from "../errors.js";
import { choice, fixed, float, int, type Params } from "../param.js";
import { createSearchSpace } from "../search-space.js";
import { createCandidatePool } from "./candidate-pool.js";
import { keyOf } from "./params-key.js";
import { createPermutation } from "./permutation.js";
import { refuseCandidates } from "./refuse-candidates.js";

const space = createSearchSpace({
  kind: choice(["a", "b", "c"]),
  depth: int(1, 4, { when: { kind: "a" } }),
  rate: float(0, 10),
  seed: fixed(1),
});
const none = () => false;

describe("the candidate that is most like some params", () => {
  const nearest = (candidates: readonly Params[], wanted: Params) =>
    createCandidatePool(space, candidates, 1).nearest(wanted, none);

  it("differs least in its quantiles", () => {
    const candidates = [1, 4, 9].map((rate): Params => ({ kind: "b", rate, seed: 1 }));
    expect(nearest(candidates, { kind: "b", rate: 6, seed: 1 })).toBe(candidates[1]);
    expect(nearest(candidates, { kind: "b", rate: 7, seed: 1 })).toBe(candidates[2]);
    expect(nearest(candidates, { kind: "b", rate: 0, seed: 1 })).toBe(candidates[0]);
  });

  it("puts any other choice at distance 1", () => {
    const other: Params = { kind: "c", rate: 5, seed: 1 };
    const far: Params = { kind: "b", rate: 9, seed: 1 };
    expect(nearest([other, far], { kind: "b", rate: 5, seed: 1 })).toBe(far);
    const [next, last]: Params[] = [
      { kind: "b", rate: 5, seed: 1 },
      { kind: "c", rate: 4.9, seed: 1 },
    ];
    // Of the choices b and c none is nearer to a: the rate decides.
    for (const rate of [5, 4.9]) {
      expect(nearest([next ?? {}, last ?? {}], { kind: "a", depth: 1, rate, seed: 1 })).toBe(
        rate === 5 ? next : last,
      );
    }
  });

  it("counts a param that is on in one of both as the whole way, and one that is off in both as none", () => {
    const off: Params = { kind: "b", rate: 0, seed: 1 };
    const on: Params = { kind: "a", depth: 4, rate: 9, seed: 1 };
    // From {a, depth 1, rate 0}: to `off` 1 for the kind and 1 for the depth; to `on` 3/4 and 9/10.
    expect(nearest([off, on], { kind: "a", depth: 1, rate: 0, seed: 1 })).toBe(on);
    // From {c, rate 0}: to `off` 1 for the kind; to `on` 1, 1 and 9/10.
    expect(nearest([off, on], { kind: "c", rate: 0, seed: 1 })).toBe(off);
  });

  it("weighs numbers and choices alike, each from 0 to 1", () => {
    const flat = createSearchSpace({ kind: choice(["a", "b"]), x: float(0, 10), y: float(0, 10) });
    const other: Params = { kind: "b", x: 0, y: 0 };
    const far: Params = { kind: "a", x: 6, y: 6 };
    const near: Params = { kind: "a", x: 4, y: 4 };
    // To `other` 1 for its kind; to `far` 0.6 twice, to `near` 0.4 twice.
    const wanted: Params = { kind: "a", x: 0, y: 0 };
    expect(createCandidatePool(flat, [far, other], 1).nearest(wanted, none)).toBe(other);
    expect(createCandidatePool(flat, [near, other], 1).nearest(wanted, none)).toBe(near);
  });

  it("does not mind fixed params, nor values that the space does not know", () => {
    const known: Params = { kind: "b", rate: 5, seed: 7 };
    const unknown: Params = { kind: "b", rate: 11, seed: 1 };
    expect(nearest([known, unknown], { kind: "b", rate: 5.5, seed: 1 })).toBe(known);
    expect(nearest([known, unknown], { kind: "b", rate: 99, seed: 1 })).toBe(unknown);
  });

  it("is the first of equals in an order that the seed shuffles", () => {
    const candidates = Array.from({ length: 9 }, (_, place): Params => ({ kind: "b", rate: 5, seed: place }));
    const firsts = new Set<unknown>();
    for (let seed = 0; seed < 20; seed++) {
      const pool = createCandidatePool(space, candidates, seed);
      const first = candidates[createPermutation(9, seed).at(0)];
      expect(pool.nearest({ kind: "c", rate: 1 }, none)).toBe(first);
      expect(pool.next(none)).toBe(first);
      firsts.add(first?.["seed"]);
    }
    expect(firsts.size).toBeGreaterThan(3);
  });
});

it("candidates are given each once, and then none", () => {
  const candidates = [1, 2, 3].map((rate): Params => ({ kind: "b", rate, seed: 1 }));
  for (const take of ["next", "nearest"] as const) {
    const pool = createCandidatePool(space, candidates, 1);
    const tried = new Set<string>();
    const isTried = (key: string) => tried.has(key);
    const given: (Params | undefined)[] = [];
    for (let count = 0; count < 4; count++) {
      const params = take === "next" ? pool.next(isTried) : pool.nearest({ kind: "b", rate: 2 }, isTried);
      given.push(params);
      if (params !== undefined) tried.add(keyOf(params));
    }
    expect(new Set(given.slice(0, 3))).toEqual(new Set(candidates));
    expect(given[3]).toBeUndefined();
  }
});

it("the key of params is the same for the same params, in whatever order, and for no others", () => {
  expect(keyOf({ b: 1, a: "x" })).toBe(keyOf({ a: "x", b: 1 }));
  expect(keyOf({ c: 1, a: 2, b: 3 })).toBe('[["a",2],["b",3],["c",1]]');
  const keys = [{}, { a: 1 }, { a: "1" }, { a: true }, { a: 1, b: 1 }, { b: 1 }].map((params) =>
    keyOf(params),
  );
  expect(new Set(keys).size).toBe(6);
});

it("a permutation covers any small size, both ways", () => {
  for (let size = 1; size <= 40; size++) {
    const { at, placeOf } = createPermutation(size, size);
    const numbers = Array.from({ length: size }, (_, place) => at(place));
    expect(new Set(numbers).size).toBe(size);
    expect(numbers.every((number) => Number.isInteger(number) && number >= 0 && number < size)).toBe(true);
    expect(numbers.map(placeOf)).toEqual(Array.from({ length: size }, (_, place) => place));
  }
});

it("a sampler that cannot choose refuses candidates, even when there are none among them", () => {
  expect(() => refuseCandidates("cma", undefined)).not.toThrow();
  for (const candidates of [[], [{}]]) {
    expect(() => refuseCandidates("cma", candidates)).toThrow(
      expect.objectContaining({ code: "OPTIONS_INVALID", message: expect.stringContaining("sampler cma") }),
    );
  }
  expect(() => refuseCandidates("cma", [])).toThrow(CurvewiseError);
});
