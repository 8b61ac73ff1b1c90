import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { choice, float, int, ordinal, type Param, type Space } from "../../core/param.js";
import { createRandom } from "../../math/random.js";
import { type Dimension, dimensionOf } from "../dimension.js";
import { type Clip, inKernelOrder } from "./kernels.js";
import { createParzen, type Parzen } from "./parzen.js";

const OPTUNA = { exponent: 1, floor: 0.01 };
const WIDE = { ...OPTUNA, spread: 0.2, step: 0.5 };

const dimensionsOf = (space: Space): Dimension[] =>
  inKernelOrder(Object.entries(space).flatMap(([name, param]) => dimensionOf(name, param) ?? []));

interface Golden {
  readonly cases: readonly {
    readonly observations: Readonly<Record<string, readonly number[]>>;
    readonly points: Readonly<Record<string, readonly number[]>>;
    readonly logDensities: readonly number[];
  }[];
}
const golden: Golden = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../../tests/goldens/tpe.json"), "utf8"),
);

const optunaSpace = dimensionsOf({
  rate: float(1e-4, 1, { log: true }),
  momentum: float(0, 0.99),
  dropout: float(0, 0.5, { step: 0.125 }),
  layers: int(1, 8),
  width: int(16, 1024, { log: true }),
  optimizer: choice([0, 1, 2]),
});

const rowsOf = (dimensions: readonly Dimension[], columns: Readonly<Record<string, readonly number[]>>) =>
  (Object.values(columns)[0] ?? []).map((_, index) =>
    Float64Array.from(dimensions, ({ name, placeOf }) => placeOf(columns[name]?.[index])),
  );

function filled(
  dimensions: readonly Dimension[],
  rows: readonly Float64Array[],
  clip: Clip = OPTUNA,
): Parzen {
  const parzen = createParzen(dimensions, clip);
  for (const [row, places] of rows.entries()) {
    parzen.append(places);
    parzen.include(row, true);
  }
  return parzen;
}

const mixed = dimensionsOf({
  rate: float(1e-4, 1, { log: true }),
  share: float(0, 1),
  layers: int(1, 5),
  batch: ordinal([16, 32, 64, 128]),
  optimizer: choice(["sgd", "adam", "rmsprop"]),
});
const drawn = (dimensions: readonly Dimension[], count: number, seed: number): Float64Array[] => {
  const random = createRandom(seed, 0, 0);
  const prior = createParzen(dimensions, OPTUNA);
  prior.weigh("equal");
  return Array.from({ length: count }, () => prior.draw(random));
};

describe("densities", () => {
  it.each(golden.cases)("are those of Optuna, case %#", ({ observations, points, logDensities }) => {
    const parzen = filled(optunaSpace, rowsOf(optunaSpace, observations));
    parzen.weigh("recent");
    const found = parzen.logDensities(rowsOf(optunaSpace, points));
    for (const [index, expected] of logDensities.entries())
      expect(Math.abs((found[index] ?? Number.NaN) - expected)).toBeLessThan(1e-9);
  });

  it.each([
    ["recent", OPTUNA],
    ["equal", OPTUNA],
    ["equal", WIDE],
  ] as const)("do not depend on how they came about, weighed %s, with %o", (weights, clip) => {
    for (const count of [20, 97, 98, 99, 400]) {
      const rows = drawn(mixed, count, count);
      const changed = createParzen(mixed, clip);
      const random = createRandom(count, 1, 0);
      const points = drawn(mixed, 6, 5);
      for (const [row, places] of rows.entries()) {
        changed.append(row % 7 === 0 ? undefined : (rows[0] ?? places));
        changed.include(row, true);
        if (row % 13 === 0) changed.weigh(weights);
      }
      for (const [row, places] of rows.entries()) {
        changed.replace(row, places);
        changed.include(row, true);
      }
      for (let turn = 0; turn < 50; turn++) {
        const row = random.integer(0, count - 1);
        changed.include(row, false);
        if (turn % 3 === 0) changed.weigh(weights);
        changed.include(row, true);
      }
      changed.weigh(weights);
      const plain = filled(mixed, rows, clip);
      plain.weigh(weights);
      expect(changed.logDensities(points)).toEqual(plain.logDensities(points));
    }
  });

  it("are those of the rows that are left when the first ones are dropped", () => {
    const rows = drawn(mixed, 300, 3);
    const points = drawn(mixed, 6, 5);
    const dropped = filled(mixed, rows);
    dropped.drop(120);
    dropped.weigh("recent");
    const rest = filled(mixed, rows.slice(120));
    rest.weigh("recent");
    expect([dropped.rows, dropped.size]).toEqual([180, 180]);
    expect(dropped.logDensities(points)).toEqual(rest.logDensities(points));
  });

  it("add up to 1 over all values", () => {
    const few = dimensionsOf({
      layers: int(1, 5),
      width: int(1, 9, { log: true }),
      batch: ordinal([16, 32, 64]),
      optimizer: choice(["sgd", "adam"]),
    });
    const parzen = filled(few, drawn(few, 40, 2));
    parzen.weigh("recent");
    const points: Float64Array[] = [];
    for (const layers of [1, 2, 3, 4, 5])
      for (const width of [1, 2, 3, 4, 5, 6, 7, 8, 9])
        for (const batch of [0, 1, 2])
          for (const optimizer of [0, 1])
            points.push(Float64Array.of(layers, Math.log(width), batch, optimizer));
    const sum = parzen.logDensities(points).reduce((total, each) => total + Math.exp(each), 0);
    expect(sum).toBeCloseTo(1, 9);
  });

  it("are as wide as they have to be", () => {
    const ofCopies = (param: Param, value: number, count: number, clip: Clip): Parzen => {
      const dimensions = dimensionsOf({ x: param });
      const parzen = filled(dimensions, Array<Float64Array>(count).fill(Float64Array.of(value)), clip);
      parzen.weigh("equal");
      return parzen;
    };
    const densitiesOf = (parzen: Parzen, places: readonly number[]): number[] =>
      [...parzen.logDensities(places.map((x) => Float64Array.of(x)))].map(Math.exp);
    // Of scipy's normal distributions, cut off: ten with the deviation 0.2 / (1.1 ** 24) ** 0.2 and the prior, and
    // eight with half a step and the prior.
    const floats = densitiesOf(ofCopies(float(0, 1), 0.3, 10, WIDE), [0.3, 0.5, 0.9]);
    for (const [index, expected] of [2.9838529724, 0.9243615273, 0.0874681053].entries())
      expect(floats[index]).toBeCloseTo(expected, 9);
    const ints = densitiesOf(ofCopies(int(1, 4), 1, 8, { ...OPTUNA, step: 0.5 }), [1, 2, 3, 4]);
    for (const [index, expected] of [0.7481825851, 0.194835679, 0.0300669214, 0.0269148145].entries())
      expect(ints[index]).toBeCloseTo(expected, 9);
  });

  it("weigh observations by a list, and the prior by its mean", () => {
    const line = dimensionsOf({ x: choice([0, 1, 2, 3]) });
    const parzen = filled(line, [Float64Array.of(0), Float64Array.of(1)]);
    parzen.weigh([3, 1]);
    const densities = [...parzen.logDensities([0, 1, 2].map((x) => Float64Array.of(x)))].map(Math.exp);
    // Kernels have 4/7 at their own option and 1/7 elsewhere; of 6 parts, 3, 1 and 2 (the prior).
    expect(densities[0]).toBeCloseTo((3 * 4 + 1) / 42 + 2 / 24, 12);
    expect(densities[1]).toBeCloseTo((3 + 4) / 42 + 2 / 24, 12);
    expect(densities[2]).toBeCloseTo((3 + 1) / 42 + 2 / 24, 12);
  });
});

describe("draws", () => {
  it("come as often as the density says", () => {
    const few = dimensionsOf({
      width: int(1, 4, { log: true }),
      optimizer: choice(["sgd", "adam", "rmsprop"]),
    });
    const parzen = filled(few, drawn(few, 9, 4));
    parzen.weigh("equal");
    const random = createRandom(6, 0, 0);
    const counts = new Map<string, number>();
    const draws = 20_000;
    for (let turn = 0; turn < draws; turn++) {
      const key = parzen.draw(random).join();
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    expect(counts.size).toBe(12);
    for (const [key, count] of counts) {
      const [density = 0] = parzen.logDensities([Float64Array.from(key.split(","), Number)]);
      // Five standard deviations of a share of 1/2 are 0.018.
      expect(Math.abs(count / draws - Math.exp(density))).toBeLessThan(0.018);
    }
  });
});
