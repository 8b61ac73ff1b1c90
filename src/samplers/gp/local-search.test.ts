import { describe, expect, it } from "vitest";
import { choice, float, int, ordinal, type Params } from "../../core/param.js";
import { createSearchSpace, isAllowed } from "../../core/search-space.js";
import { createRandom } from "../../math/random.js";
import type { Acquisition } from "./acquisition.js";
import { createBeliefTerm } from "./belief-term.js";
import { createEncoding } from "./encoding.js";
import { createLocalSearch } from "./local-search.js";

const space = createSearchSpace(
  {
    x: float(0, 1),
    y: float(0, 1),
    width: int(1, 200),
    batch: ordinal([8, 16, 32, 64]),
    kind: choice(["a", "b", "c"]),
  },
  [{ name: "small", holds: ({ x, y }) => Number(x) + Number(y) <= 1.2 }],
);
const encoding = createEncoding(space);
const names = [...encoding.numeric, ...encoding.choices].map(({ name }) => name);
const [xAt, yAt, widthAt, batchAt, kindAt] = ["x", "y", "width", "batch", "kind"].map((name) =>
  names.indexOf(name),
);

/** A hill whose top is at x = 0.7, y = 0.4, width 121, batch 32 and kind b. */
const top: Readonly<Record<number, number>> = {
  [xAt ?? 0]: 0.7,
  [yAt ?? 0]: 0.4,
  [widthAt ?? 0]: 120 / 199,
  [batchAt ?? 0]: 2 / 3,
  [kindAt ?? 0]: 1,
};
const height = (row: Float64Array): number =>
  -row.reduce((sum, value, column) => sum + (value - (top[column] ?? 0)) ** 2, 0);
const hill: Acquisition = {
  values: (rows) => Float64Array.from(rows, height),
  slopes: (row, columns) => ({
    value: height(row),
    gradient: Float64Array.from(columns, (column) => -2 * ((row[column] ?? 0) - (top[column] ?? 0))),
  }),
};
const start: Params = { x: 0.1, y: 0.9, width: 3, batch: 8, kind: "c" };
const placeOf = (params: Params) => {
  const row = encoding.encode(params);
  return { params, row, value: height(row) };
};
const climb = (isTried: (params: Params) => boolean) =>
  createLocalSearch({ space, encoding, isTried }, hill, createRandom(1, 0, 0))(placeOf(start));

describe("the local search", () => {
  it("moves floats together, and all others one after the other, to the top", () => {
    const { params, value } = climb(() => false);
    expect(params).toMatchObject({ batch: 32, kind: "b" });
    expect(params["x"]).toBeCloseTo(0.7, 2);
    expect(params["y"]).toBeCloseTo(0.4, 2);
    // Far values of a long list are reached by steps that double, which stop short of small gains.
    expect(Math.abs(Number(params["width"]) - 121)).toBeLessThan(10);
    expect(value).toBeCloseTo(height(encoding.encode(params)), 12);
  });

  it("takes nothing that was tried or that the constraints refuse", () => {
    const { params } = climb(({ kind }) => kind === "b");
    expect(params["kind"]).not.toBe("b");
    expect(isAllowed(space, params)).toBe(true);
    const stuck = climb(() => true);
    expect(stuck.params).toBe(start);
  });

  it("knows a list of the space in a study that was opened again", () => {
    // More moves than are looked at, so that it matters how many there are.
    const widths = { a: int(1, 200), b: int(1, 200), c: int(1, 200), d: int(1, 200) };
    const layers = createSearchSpace({ layers: choice([[64], [64, 64], null]), ...widths });
    const coded = createEncoding(layers);
    const slope: Acquisition = {
      values: (rows) => Float64Array.from(rows, (row) => -row.reduce((sum, each) => sum + each, 0)),
      slopes: () => ({ value: 0, gradient: new Float64Array(0) }),
    };
    const ends = [layers.params["layers"], structuredClone(layers.params["layers"])].map((param) => {
      const random = createRandom(1, 0, 0);
      const given = param?.kind === "choice" ? (param.options[1] ?? null) : null;
      const params: Params = { layers: given, a: 180, b: 170, c: 160, d: 150 };
      const row = coded.encode(params);
      const from = { params, row, value: slope.values([row])[0] ?? 0 };
      const end = createLocalSearch(
        { space: layers, encoding: coded, isTried: () => false },
        slope,
        random,
      )(from);
      return [end.params, random.uniform()];
    });
    expect(ends[1]).toEqual(ends[0]);
  });

  it("climbs towards where priors expect the best, and to the hill's own top without them", () => {
    const expecting = createSearchSpace({
      x: float(0, 1, { prior: { around: 0.2, within: 0.05 } }),
      kind: choice(["a", "b", "c"], { prior: { weights: { c: 50 } } }),
    });
    const coded = createEncoding(expecting);
    const low: Acquisition = {
      values: (rows) =>
        Float64Array.from(rows, ([x = 0, kind = 0]) => -((x - 0.7) ** 2) - Number(kind !== 0)),
      slopes: ([x = 0, kind = 0], columns) => ({
        value: -((x - 0.7) ** 2) - Number(kind !== 0),
        gradient: Float64Array.from(columns, () => -2 * (x - 0.7)),
      }),
    };
    const endAt = (trial: number | undefined): Params => {
      const belief = trial === undefined ? undefined : createBeliefTerm(expecting)?.(trial);
      const params: Params = { x: 0.4, kind: "b" };
      const row = coded.encode(params);
      const from = { params, row, value: (low.values([row])[0] ?? 0) + (belief?.of(params) ?? 0) };
      const grounds = { space: expecting, encoding: coded, isTried: () => false, belief };
      return createLocalSearch(grounds, low, createRandom(2, 0, 0))(from).params;
    };
    expect(endAt(1)).toMatchObject({ kind: "c", x: expect.closeTo(0.2, 1) });
    expect(endAt(1e6)).toMatchObject({ kind: "a", x: expect.closeTo(0.7, 2) });
    expect(endAt(undefined)).toMatchObject({ kind: "a", x: expect.closeTo(0.7, 2) });
  });
});
