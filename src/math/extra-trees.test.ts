import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { columnsOf, growExtraTree } from "./extra-trees.js";
import { createRandom } from "./random.js";

const rowsOf = (values: readonly (readonly number[])[]) => values.map((row) => Float64Array.from(row));

describe("an extremely randomised tree", () => {
  const samples = fc
    .integer({ min: 1, max: 3 })
    .chain((features) =>
      fc.array(
        fc.tuple(
          fc.array(fc.integer({ min: 0, max: 5 }), { minLength: features, maxLength: features }),
          fc.double({ min: -5, max: 5, noNaN: true }),
        ),
        { minLength: 1, maxLength: 40 },
      ),
    );

  it("of some of the samples is the tree of those alone", () => {
    const rows = rowsOf(Array.from({ length: 20 }, (_, place) => [place, (place * 7) % 5]));
    const targets = Float64Array.from(rows, ([first = 0, second = 0]) => first + second ** 2);
    const among = Int32Array.of(3, 4, 9, 11, 17);
    const some = growExtraTree(columnsOf(rows), targets, 1, createRandom(1, 0, 0), among);
    const alone = growExtraTree(
      columnsOf([...among].map((place) => rows[place] ?? new Float64Array(2))),
      Float64Array.from(among, (place) => targets[place] ?? 0),
      1,
      createRandom(1, 0, 0),
    );
    for (const row of rows) expect(some.predict(row)).toBe(alone.predict(row));
    expect([...among]).toEqual([3, 4, 9, 11, 17]);
  });

  it("predicts means of at least leafSize samples, so never beyond the targets", () => {
    fc.assert(
      fc.property(samples, fc.nat(), fc.integer({ min: 1, max: 4 }), (data, seed, leafSize) => {
        const rows = rowsOf(data.map(([row]) => row));
        const targets = Float64Array.from(data, ([, target]) => target);
        const tree = growExtraTree(columnsOf(rows), targets, leafSize, createRandom(seed, 0, 0));
        const leaves = new Map<number, number[]>();
        for (const [index, row] of rows.entries()) {
          const prediction = tree.predict(row);
          leaves.set(prediction, [...(leaves.get(prediction) ?? []), targets[index] ?? 0]);
        }
        for (const [prediction, members] of leaves) {
          expect(members.length).toBeGreaterThanOrEqual(Math.min(leafSize, data.length));
          const mean = members.reduce((sum, value) => sum + value, 0) / members.length;
          expect(prediction).toBeCloseTo(mean, 9);
        }
      }),
    );
  });

  it("tells every distinct sample apart when leaves hold one sample", () => {
    const rows = rowsOf(Array.from({ length: 50 }, (_, i) => [i, (i * 7) % 50]));
    const targets = Float64Array.from({ length: 50 }, (_, i) => Math.sin(i));
    const tree = growExtraTree(columnsOf(rows), targets, 1, createRandom(3, 0, 0));
    for (const [index, row] of rows.entries()) expect(tree.predict(row)).toBeCloseTo(targets[index] ?? 0, 12);
  });

  it("finds, as an ensemble, the one feature that matters", () => {
    const random = createRandom(1, 0, 0);
    const rows = rowsOf(Array.from({ length: 300 }, () => Array.from({ length: 6 }, random.uniform)));
    const targets = Float64Array.from(rows, (row) => ((row[2] ?? 0) > 0.4 ? 1 : 0));
    const trees = Array.from({ length: 30 }, () => growExtraTree(columnsOf(rows), targets, 2, random));
    const errors = rowsOf(Array.from({ length: 200 }, () => Array.from({ length: 6 }, random.uniform))).map(
      (row) => {
        const mean = trees.reduce((sum, tree) => sum + tree.predict(row), 0) / trees.length;
        return Math.abs(mean - ((row[2] ?? 0) > 0.4 ? 1 : 0));
      },
    );
    expect(errors.filter((error) => error > 0.5).length).toBeLessThan(10);
  });

  it("is constant if all rows are equal", () => {
    const rows = rowsOf([[1], [1], [1]]);
    const tree = growExtraTree(columnsOf(rows), Float64Array.from([1, 2, 6]), 1, createRandom(0, 0, 0));
    expect(tree.predict(Float64Array.from([9]))).toBe(3);
  });
});
