import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createGaussianProcess, type Kernel } from "./gaussian-process.js";

/**
 * From scikit-learn 1.9.1, for points made of a time and two coordinates:
 *
 *     kernel = ConstantKernel(variance) * RBF([inf, *lengths]) * Matern([memory, inf, inf], nu=0.5)
 *     model = GaussianProcessRegressor(kernel, alpha=noise, optimizer=None).fit(POINTS, TARGETS)
 *     model.log_marginal_likelihood_value_
 *     mean, deviation = model.predict(QUERIES, return_std=True)
 *
 * and `pending`: the deviation after another fit with the pending points and any targets.
 */
const GOLDENS = [
  {
    variance: 1,
    lengths: [0.3, 0.3],
    memory: -2 / Math.log(0.9),
    noise: 0.05,
    likelihood: -7.7450116406929075,
    mean: [1.15201631049151, 0.8944496662171453, 0.08358531240125515],
    deviation: [0.3274886755763664, 0.20781631724136593, 0.8520194326973827],
    pending: [0.1960515719123396, 0.2037563937483974, 0.8519963492511683],
  },
  {
    variance: 2.5,
    lengths: [0.2, 0.9],
    memory: -2 / Math.log(0.7),
    noise: 0.01,
    likelihood: -9.365993282816024,
    mean: [1.169727477608809, 0.8983197633362275, -0.030447966854751846],
    deviation: [0.6857998949491649, 0.09966588201413833, 1.5550781982108117],
    pending: [0.247290002409934, 0.09963740576508852, 1.5550575445859103],
  },
  {
    variance: 0.7,
    lengths: [1.5, 0.4],
    memory: Number.POSITIVE_INFINITY,
    noise: 0.2,
    likelihood: -10.06943337599612,
    mean: [0.40378881373268305, 0.43311100634115984, 0.10178036896969489],
    deviation: [0.2506179064619515, 0.25318359309102084, 0.39304785239567763],
    pending: [0.21692795286798605, 0.22090473393986634, 0.3723402575469974],
  },
] as const;

const rows = (...points: readonly (readonly number[])[]) => points.map((point) => Float64Array.from(point));
const POINTS = rows(
  [0, 0.1, 0.9],
  [0, 0.8, 0.3],
  [1, 0.4, 0.5],
  [1, 0.1, 0.8],
  [2.5, 0.7, 0.2],
  [3, 0.55, 0.45],
  [3, 0.2, 0.1],
);
const TARGETS = [0.3, -1.2, 0.9, 0.1, -0.6, 1.1, -0.4];
const QUERIES = rows([3.5, 0.5, 0.5], [1, 0.4, 0.5], [10, 0, 1]);
const PENDING = rows([3.5, 0.45, 0.5], [3.5, 0.9, 0.9]);

const kernelOf =
  (variance: number, lengths: readonly number[], memory: number): Kernel =>
  (a, b) => {
    const distance = (index: number): number => (a[index] ?? 0) - (b[index] ?? 0);
    const squares = lengths.reduce((sum, length, index) => sum + (distance(index + 1) / length) ** 2, 0);
    return variance * Math.exp(-0.5 * squares - Math.abs(distance(0)) / memory);
  };

describe("a Gaussian process", () => {
  it.each(GOLDENS)("agrees with scikit-learn at variance $variance", (golden) => {
    const { variance, lengths, memory, noise } = golden;
    const kernel = kernelOf(variance, lengths, memory);
    const process = createGaussianProcess({ points: POINTS, targets: TARGETS }, kernel, noise);
    const waiting = createGaussianProcess(
      { points: POINTS, targets: TARGETS, pending: PENDING },
      kernel,
      noise,
    );
    expect(process.logMarginalLikelihood).toBeCloseTo(golden.likelihood, 9);
    expect(waiting.logMarginalLikelihood).toBeCloseTo(golden.likelihood, 9);
    for (const [index, query] of QUERIES.entries()) {
      const { mean, deviation } = process.predict(query);
      expect(mean).toBeCloseTo(golden.mean[index] ?? Number.NaN, 9);
      expect(deviation).toBeCloseTo(golden.deviation[index] ?? Number.NaN, 9);
      expect(waiting.predict(query).mean).toBeCloseTo(mean, 9);
      expect(waiting.predict(query).deviation).toBeCloseTo(golden.pending[index] ?? Number.NaN, 9);
    }
  });

  it("knows only the kernel without observations", () => {
    const { predict, logMarginalLikelihood } = createGaussianProcess(
      { points: [], targets: [] },
      kernelOf(4, [1, 1], 1),
      1,
    );
    expect(predict(Float64Array.of(0, 0, 0))).toEqual({ mean: 0, deviation: 2 });
    expect(logMarginalLikelihood).toBeCloseTo(0, 12);
  });

  it("is never surer with fewer observations, and does not depend on their order", () => {
    const place = fc.double({ min: 0, max: 1, noNaN: true });
    const point = fc.tuple(place, place, place).map((values) => Float64Array.from(values));
    const seen = fc.record({ point, target: fc.double({ min: -2, max: 2, noNaN: true }) });
    fc.assert(
      fc.property(fc.array(seen, { minLength: 2, maxLength: 12 }), point, (all, query) => {
        const predict = (some: typeof all) =>
          createGaussianProcess(
            { points: some.map((each) => each.point), targets: some.map(({ target }) => target) },
            kernelOf(1, [0.4, 0.4], 2),
            0.1,
          ).predict(query);
        const { mean, deviation } = predict(all);
        const backwards = predict(all.toReversed());
        expect(backwards.mean).toBeCloseTo(mean, 9);
        expect(backwards.deviation).toBeCloseTo(deviation, 9);
        expect(deviation).toBeLessThanOrEqual(predict(all.slice(1)).deviation + 1e-12);
      }),
    );
  });

  it("refuses what is not a covariance", () => {
    const same = rows([0, 0, 0], [0, 0, 0]);
    const create = () => createGaussianProcess({ points: same, targets: [1, 2] }, kernelOf(1, [1, 1], 1), 0);
    expect(create).toThrow(RangeError);
  });
});
