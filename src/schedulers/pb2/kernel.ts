import { createGaussianProcess, type Kernel } from "../../math/gaussian-process.js";

/** Settings of a {@link timeVaryingKernel} and its noise; together they have a variance of 1. */
export interface KernelSettings {
  /** The distance in the unit cube over which gains remain similar. */
  readonly lengthscale: number;
  /** The share of knowledge that is forgotten from one interval to the next, in [0, 1). */
  readonly forgetting: number;
  /** The variance of the noise, in (0, 1). */
  readonly noise: number;
}

/**
 * The covariance of the gains of two points, each a time in intervals and then coordinates in the unit cube: squared
 * exponential in the coordinates, times (1 - forgetting)^(|t - t'| / 2) (Bogunovic, Scarlett and Cevher, "Time-varying
 * Gaussian process bandit optimization", 2016).
 */
export function timeVaryingKernel({ lengthscale, forgetting, noise }: KernelSettings): Kernel {
  const scale = -0.5 / lengthscale ** 2;
  const decay = 0.5 * Math.log1p(-forgetting);
  const variance = 1 - noise;
  return (a, b) => {
    let squares = 0;
    for (let index = 1; index < a.length; index++) squares += ((a[index] ?? 0) - (b[index] ?? 0)) ** 2;
    return variance * Math.exp(scale * squares + decay * Math.abs((a[0] ?? 0) - (b[0] ?? 0)));
  };
}

/** The maximum number of points, taken from the start, that settings are fitted to. */
const FITTED = 40;

const GRID = { lengthscale: [0.15, 0.3, 0.6], forgetting: [0.03, 0.2], noise: [0.05, 0.3] };
const BOUNDS = { lengthscale: [0.05, 2], forgetting: [0.001, 0.5], noise: [0.001, 0.9] } as const;
const NAMES = ["lengthscale", "forgetting", "noise"] as const;
/** The factors by which each setting of the best grid point is changed, one round each. */
const REFINEMENTS = [2, Math.SQRT2];

/** A weak prior, log-normal around 0.3: noise, or a function made of peaks, explains a few points just as well. */
function logPrior({ lengthscale }: KernelSettings): number {
  return -0.5 * (Math.log(lengthscale / 0.3) / 0.7) ** 2;
}

/**
 * The settings that make the targets most likely: the best of a grid, refined one setting at a time. It evaluates the
 * likelihood of at most 40 points 24 times.
 */
export function fitKernel(points: readonly Float64Array[], targets: Float64Array): KernelSettings {
  const some = { points: points.slice(0, FITTED), targets: targets.subarray(0, FITTED) };
  let best: KernelSettings = { lengthscale: 0.3, forgetting: 0.1, noise: 0.1 };
  let highest = Number.NEGATIVE_INFINITY;
  const consider = (settings: KernelSettings): void => {
    const { logMarginalLikelihood } = createGaussianProcess(
      some,
      timeVaryingKernel(settings),
      settings.noise,
    );
    const likelihood = logMarginalLikelihood + logPrior(settings);
    if (!(likelihood > highest)) return;
    highest = likelihood;
    best = settings;
  };
  for (const lengthscale of GRID.lengthscale) {
    for (const forgetting of GRID.forgetting) {
      for (const noise of GRID.noise) consider({ lengthscale, forgetting, noise });
    }
  }
  for (const factor of REFINEMENTS) {
    for (const name of NAMES) {
      const value = best[name];
      const [low, high] = BOUNDS[name];
      consider({ ...best, [name]: Math.min(high, value * factor) });
      consider({ ...best, [name]: Math.max(low, value / factor) });
    }
  }
  return best;
}
