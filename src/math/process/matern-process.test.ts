import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { createRandom } from "../random.js";
import { openProcessKernel } from "./kernel.js";
import { createMaternProcess, type MaternProcess, type Sightings } from "./matern-process.js";

const numbers = z.array(z.number());
/** See tests/goldens/gaussian-process.py: posteriors and likelihoods by scikit-learn. */
const { processes, withMean } = z
  .object({
    withMean: z.array(
      z.object({
        lengths: numbers,
        variance: z.number(),
        points: z.array(numbers),
        targets: numbers,
        noises: numbers,
        queries: z.array(numbers),
        likelihood: z.number(),
        mean: numbers,
      }),
    ),
    processes: z.array(
      z.object({
        lengths: numbers,
        points: z.array(numbers),
        targets: numbers,
        noises: numbers,
        queries: z.array(numbers),
        likelihood: z.number(),
        mean: numbers,
        deviation: numbers,
      }),
    ),
  })
  .parse(
    JSON.parse(
      readFileSync(join(import.meta.dirname, "../../../tests/goldens/gaussian-process.json"), "utf8"),
    ),
  );

const rows = (points: readonly (readonly number[])[]) => points.map((point) => Float64Array.from(point));
const weightsOf = (lengths: readonly number[]) => Float64Array.from(lengths, (length) => 1 / length ** 2);

/** Random sightings: two numeric columns and one of three values that have no order. */
function someSightings(count: number, seed: number, seen = count): Sightings {
  const random = createRandom(seed, 0, 0);
  const points = Array.from({ length: count }, () =>
    Float64Array.from([random.uniform(), random.uniform(), random.integer(0, 2)]),
  );
  return {
    points,
    targets: Float64Array.from({ length: seen }, () => random.normal()),
    noises: Float64Array.from({ length: count }, () => 0.01 + 0.1 * random.uniform()),
  };
}

const WEIGHTS = Float64Array.of(4, 0.7, 1.3);

describe("a Matern process", () => {
  it.each(processes.map((each) => [each.points.length, each] as const))(
    "of %i points is scikit-learn's",
    (_count, { points, targets, noises, lengths, queries, likelihood, mean, deviation }) => {
      const process = createMaternProcess(lengths.length, lengths.length);
      const sightings = {
        points: rows(points),
        targets: Float64Array.from(targets),
        noises: Float64Array.from(noises),
      };
      expect(process.likelihood(sightings, weightsOf(lengths))?.value).toBeCloseTo(likelihood, 8);
      expect(process.condition(sightings, weightsOf(lengths))).toBe(true);
      const { means, variances } = process.predict(rows(queries));
      for (const [place, expected] of mean.entries()) expect(means[place]).toBeCloseTo(expected, 9);
      for (const [place, expected] of deviation.entries()) {
        // scikit-learn's own variance has lost digits where the deviation is small.
        expect(variances[place]).toBeCloseTo(expected ** 2, 9);
      }
    },
  );

  it.each(withMean.map((each) => [each.points.length, each] as const))(
    "of %i points with a mean of its own is scikit-learn's",
    (_count, { points, targets, noises, lengths, variance, queries, likelihood, mean }) => {
      const process = createMaternProcess(lengths.length, lengths.length, variance);
      const sightings = {
        points: rows(points),
        targets: Float64Array.from(targets),
        noises: Float64Array.from(noises),
      };
      expect(process.likelihood(sightings, weightsOf(lengths))?.value).toBeCloseTo(likelihood, 8);
      expect(process.condition(sightings, weightsOf(lengths))).toBe(true);
      for (const [place, each] of process.predict(rows(queries)).means.entries())
        expect(each).toBeCloseTo(mean[place] ?? 0, 9);
      expect(process.slopes(Float64Array.from(queries[0] ?? [])).mean).toBeCloseTo(mean[0] ?? 0, 9);
    },
  );

  it("has the covariance that the kernel defines, for columns with and without an order", () => {
    const process = createMaternProcess(1, 2);
    const noise = 0.25;
    const sightings = {
      points: rows([[0.2, 1]]),
      targets: Float64Array.of(2),
      noises: Float64Array.of(noise),
    };
    process.condition(sightings, Float64Array.of(4, 0.5));
    // Squared distances: 4 * 0.3^2, and 0.5 more for another value.
    for (const [value, square] of [
      [1, 0.36],
      [0, 0.86],
      [7, 0.86],
    ] as const) {
      const s = Math.sqrt(5 * square);
      const covariance = (1 + s + (s * s) / 3) * Math.exp(-s);
      const { means, variances } = process.predict(rows([[0.5, value]]));
      expect(means[0]).toBeCloseTo((2 * covariance) / (1 + noise), 14);
      expect(variances[0]).toBeCloseTo(1 - covariance ** 2 / (1 + noise), 14);
    }
  });

  it.each([0, 10])(
    "has gradients of the likelihood that agree with differences, mean variance %i",
    (variance) => {
      for (const count of [1, 2, 5, 18]) {
        const process = createMaternProcess(2, 3, variance);
        const sightings = someSightings(count, 5);
        const valueAt = (changed: Sightings, weights = WEIGHTS): number =>
          process.likelihood(changed, weights)?.value ?? Number.NaN;
        const found = process.likelihood(sightings, WEIGHTS);
        const h = 1e-5;
        const central = (at: (change: number) => number): number => (at(h) - at(-h)) / (2 * h);
        for (let column = 0; column < 3; column++) {
          const byWeight = central((change) =>
            valueAt(
              sightings,
              WEIGHTS.map((weight, place) => weight + (place === column ? change : 0)),
            ),
          );
          expect(found?.byWeight[column]).toBeCloseTo(byWeight, 6);
        }
        const byNoise = central((change) =>
          valueAt({ ...sightings, noises: sightings.noises.map((noise) => noise + change) }),
        );
        expect((found?.byNoise ?? 0) / byNoise).toBeCloseTo(1, 5);
        const moved = (column: number, change: number): Sightings => ({
          ...sightings,
          points: sightings.points.map((point, row) =>
            point.map((value, place) => value + (row === count - 1 && place === column ? change : 0)),
          ),
        });
        for (const column of [0, 1]) {
          const byCoordinate = central((change) => valueAt(moved(column, change)));
          expect(found?.byCoordinate[column]?.[count - 1]).toBeCloseTo(byCoordinate, 6);
        }
      }
    },
  );

  it("has slopes of predictions that agree with differences, also with pending points", () => {
    const process = createMaternProcess(2, 3);
    process.condition(someSightings(15, 3, 11), WEIGHTS);
    const point = Float64Array.of(0.4, 0.7, 1);
    const { mean, variance, meanSlopes, varianceSlopes } = process.slopes(point);
    const plain = process.predict([point]);
    expect([mean, variance]).toEqual([plain.means[0], plain.variances[0]]);
    for (const column of [0, 1]) {
      const at = (change: number) =>
        process.predict([point.map((value, place) => value + (place === column ? change : 0))]);
      const h = 1e-5;
      const difference = (key: "means" | "variances"): number =>
        ((at(h)[key][0] ?? 0) - (at(-h)[key][0] ?? 0)) / (2 * h);
      expect(meanSlopes[column]).toBeCloseTo(difference("means"), 7);
      expect(varianceSlopes[column]).toBeCloseTo(difference("variances"), 7);
    }
  });

  it("leaves means as they are, and lowers deviations, where observations are under way", () => {
    const { points, targets, noises } = someSightings(12, 8);
    const known = createMaternProcess(2, 3);
    known.condition(
      { points: points.slice(0, 9), targets: targets.slice(0, 9), noises: noises.slice(0, 9) },
      WEIGHTS,
    );
    const pending = createMaternProcess(2, 3);
    pending.condition({ points, targets: targets.slice(0, 9), noises }, WEIGHTS);
    const [before, after] = [known.predict(points), pending.predict(points)];
    expect(after.means).toEqual(before.means);
    for (const [place, variance] of after.variances.entries()) {
      expect(variance).toBeLessThan(before.variances[place] ?? 0);
    }
    // The same as if exactly what was expected had been seen there.
    const expected = known.predict(points.slice(9)).means;
    const fantasised = createMaternProcess(2, 3);
    fantasised.condition(
      { points, targets: Float64Array.of(...targets.slice(0, 9), ...expected), noises },
      WEIGHTS,
    );
    const same = fantasised.predict(points);
    for (const [place, mean] of same.means.entries()) expect(mean).toBeCloseTo(after.means[place] ?? 0, 10);
    expect(same.variances).toEqual(after.variances);
  });

  it("predicts the very same whether rows are added to its factor or all are computed", () => {
    const queries = someSightings(70, 99).points;
    const grown: MaternProcess = createMaternProcess(2, 3);
    for (const count of [1, 2, 3, 7, 8, 21, 60, 59, 90]) {
      const { points, targets, noises } = someSightings(90, 4);
      const sightings = {
        points: points.slice(0, count),
        targets: targets.slice(0, count - (count > 5 ? 3 : 0)),
        noises: noises.slice(0, count),
      };
      const fresh = createMaternProcess(2, 3);
      grown.condition(sightings, WEIGHTS);
      fresh.condition(sightings, WEIGHTS);
      expect(grown.predict(queries)).toEqual(fresh.predict(queries));
      // One alone, and as one of many.
      expect(grown.predict(queries.slice(0, 1)).means[0]).toBe(fresh.predict(queries).means[0]);
    }
  });

  it("has the same likelihood at first, when its memory grows, and later", () => {
    for (let count = 1; count <= 90; count++) {
      const process = createMaternProcess(2, 3, 10);
      const sightings = someSightings(count, 6);
      const first = process.likelihood(sightings, WEIGHTS);
      expect(first).toEqual(process.likelihood(sightings, WEIGHTS));
      const grown = createMaternProcess(2, 3, 10);
      grown.condition(someSightings(count, 7), WEIGHTS);
      expect(grown.likelihood(sightings, WEIGHTS)).toEqual(first);
    }
  });

  it("says so when the noise is too low for points that are the same", () => {
    const process = createMaternProcess(1, 1);
    const sightings = {
      points: rows([[0.5], [0.5]]),
      targets: Float64Array.of(1, 2),
      noises: Float64Array.of(0, 0),
    };
    expect(process.condition(sightings, Float64Array.of(1))).toBe(false);
    expect(process.likelihood(sightings, Float64Array.of(1))).toBeUndefined();
  });
});

describe("the kernel", () => {
  it.each([1, 2, 3, 4, 5, 9, 30])("factors and inverts a matrix of %i rows", (count) => {
    const { call, area } = openProcessKernel();
    const stride = 4 * Math.ceil(count / 4);
    const random = createRandom(count, 0, 0);
    // A product with its own transpose, and more on the diagonal, is positive definite.
    const root = Array.from({ length: count }, () => Array.from({ length: count }, () => random.normal()));
    const product = (a: number[] = [], b: number[] = []) =>
      a.reduce((sum, each, k) => sum + each * (b[k] ?? 0), 0);
    const matrix = root.map((a, i) => root.map((b, j) => product(a, b) + (i === j ? 1 : 0)));
    const [lower, scratch, inverse] = [area(), area(), area()];
    for (const each of [lower, scratch, inverse]) each.reserve(count * stride);
    for (const [i, row] of matrix.entries()) lower.view().set(row, i * stride);
    expect(call.factor(lower.at, stride, 0, count)).toBe(0);
    const at = (view: Float64Array, i: number, j: number) => view[i * stride + j] ?? 0;
    const l = root.map((_, i) => root.map((__, j) => (j > i ? 0 : at(lower.view(), i, j))));
    call.invert(lower.at, stride, count, scratch.at, inverse.at);
    const whole = root.map((_, i) => root.map((__, j) => at(inverse.view(), Math.max(i, j), Math.min(i, j))));
    for (const [i, row] of matrix.entries()) {
      for (const [j, value] of row.entries()) {
        expect(product(l[i], l[j])).toBeCloseTo(value, 10);
        expect(product(row, whole[j])).toBeCloseTo(i === j ? 1 : 0, 8);
      }
    }
  });

  it("refuses a matrix that is not positive definite", () => {
    const { call, area } = openProcessKernel();
    const matrix = area();
    matrix.reserve(8);
    matrix.view().set([1, 0, 0, 0, 2, 1, 0, 0]);
    expect(call.factor(matrix.at, 4, 0, 2)).toBe(1);
  });
});
