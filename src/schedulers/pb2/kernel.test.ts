import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createGaussianProcess } from "../../math/gaussian-process.js";
import { createRandom } from "../../math/random.js";
import { fitKernel, type KernelSettings, timeVaryingKernel } from "./kernel.js";

const settings = fc.record({
  lengthscale: fc.double({ min: 0.05, max: 2, noNaN: true }),
  forgetting: fc.double({ min: 0.001, max: 0.5, noNaN: true }),
  noise: fc.double({ min: 0.001, max: 0.9, noNaN: true }),
});

/**
 * Noisy gains of one param at random places in each of some intervals; the best place moves by `drift` per interval.
 */
function drifting(seed: number, { intervals, members, drift, noise }: Readonly<Record<string, number>>) {
  const random = createRandom(seed, 0, 0);
  const points: Float64Array[] = [];
  const values: number[] = [];
  for (let time = (intervals ?? 0) - 1; time >= 0; time--) {
    for (let member = 0; member < (members ?? 0); member++) {
      const place = random.uniform();
      points.push(Float64Array.of(time, place));
      const distance = place - 0.2 - (drift ?? 0) * time;
      values.push(2 * Math.exp(-0.5 * (distance / 0.15) ** 2) - 0.7 + (noise ?? 0) * random.normal());
    }
  }
  return { points, targets: Float64Array.from(values) };
}

describe("the time-varying kernel", () => {
  it("matches the paper", () => {
    const kernel = timeVaryingKernel({ lengthscale: 0.5, forgetting: 0.36, noise: 0.25 });
    // 0.75 exp(-(0.3^2 + 0.4^2) / (2 0.5^2)) 0.64^(3 / 2)
    const value = kernel(Float64Array.of(2, 0.1, 0.9), Float64Array.of(5, 0.4, 0.5));
    expect(value).toBeCloseTo(0.75 * Math.exp(-0.5) * 0.512, 12);
  });

  it("is symmetric, has a variance of 1 with the noise, and is a covariance", () => {
    fc.assert(
      fc.property(fc.nat(), settings, (seed, given) => {
        const { points, targets } = drifting(seed, { intervals: 4, members: 4, drift: 0, noise: 1 });
        const kernel = timeVaryingKernel(given);
        const [a, b] = points;
        if (a === undefined || b === undefined) return;
        expect(kernel(a, b)).toBe(kernel(b, a));
        expect(kernel(a, a) + given.noise).toBeCloseTo(1, 12);
        expect(
          createGaussianProcess({ points, targets }, kernel, given.noise).logMarginalLikelihood,
        ).toBeLessThan(Number.POSITIVE_INFINITY);
      }),
    );
  });
});

describe("the fitted kernel", () => {
  const likelihoodOf = ({ points, targets }: ReturnType<typeof drifting>, given: KernelSettings): number =>
    createGaussianProcess({ points, targets }, timeVaryingKernel(given), given.noise).logMarginalLikelihood -
    0.5 * (Math.log(given.lengthscale / 0.3) / 0.7) ** 2;

  it.each([1, 2, 3, 4])("is nearly the best of 400 drawn at random, on data %d", (seed) => {
    const data = drifting(seed, { intervals: 9, members: 4, drift: 0.05, noise: 0.2 });
    const random = createRandom(seed, 1, 0);
    const drawn = Array.from({ length: 400 }, () =>
      likelihoodOf(data, {
        lengthscale: 0.05 * 40 ** random.uniform(),
        forgetting: 0.001 * 500 ** random.uniform(),
        noise: 0.001 * 900 ** random.uniform(),
      }),
    );
    expect(likelihoodOf(data, fitKernel(data.points, data.targets))).toBeGreaterThan(
      Math.max(...drawn) - 0.5,
    );
  });

  it("forgets if the best place moves, and remembers if it stays", () => {
    const fitted = (drift: number, noise: number) => {
      const { points, targets } = drifting(3, { intervals: 10, members: 4, drift, noise });
      return fitKernel(points, targets);
    };
    expect(fitted(0.07, 0.1).forgetting).toBeGreaterThan(3 * fitted(0, 0.1).forgetting);
    expect(fitted(0, 0.7).noise).toBeGreaterThan(3 * fitted(0, 0.1).noise);
  });
});
