import { createRandom } from "../math/random.js";
import { quantile } from "./quantile.js";

/** A mean and the ends of a confidence interval for it. */
export interface MeanInterval {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

const RESAMPLES = 2000;

const meanOf = (values: ArrayLike<number>): number => {
  let sum = 0;
  for (let index = 0; index < values.length; index++) sum += values[index] ?? 0;
  return sum / values.length;
};

/** The indices of the resamples of `size` values, drawn once; a fixed seed makes them the same every time. */
function drawResamples(size: number): Uint32Array {
  const random = createRandom(0, size, 0);
  return Uint32Array.from({ length: RESAMPLES * size }, () => random.integer(0, size - 1));
}

const known = new Map<number, Uint32Array>();
/** For how many sample sizes the resamples are cached. */
const MAX_KNOWN = 8;

function resamplesOf(size: number): Uint32Array {
  const found = known.get(size);
  if (found !== undefined) return found;
  const drawn = drawResamples(size);
  if (known.size >= MAX_KNOWN) known.clear();
  known.set(size, drawn);
  return drawn;
}

/**
 * The mean of values and its confidence interval by the percentile bootstrap (Efron and Tibshirani, "An introduction to
 * the bootstrap", 1993, chapter 13): the quantiles of the means of 2,000 resamples with replacement, which does not
 * assume a normal distribution, since regrets are skewed. The resamples are drawn with a fixed seed, so the same values
 * give the same interval. For one value, both ends are the value itself.
 *
 * @param confidence such as 0.95
 * @returns NaN throughout if any value is NaN or there are none
 */
export function meanInterval(values: readonly number[], confidence = 0.95): MeanInterval {
  const size = values.length;
  const mean = meanOf(values);
  if (size === 0 || Number.isNaN(mean)) return { mean: Number.NaN, low: Number.NaN, high: Number.NaN };
  if (size === 1) return { mean, low: mean, high: mean };
  const indices = resamplesOf(size);
  const means = new Float64Array(RESAMPLES);
  for (let resample = 0; resample < RESAMPLES; resample++) {
    let sum = 0;
    for (let place = resample * size; place < (resample + 1) * size; place++)
      sum += values[indices[place] ?? 0] ?? 0;
    means[resample] = sum / size;
  }
  means.sort();
  const outside = (1 - confidence) / 2;
  return { mean, low: quantile(means, outside), high: quantile(means, 1 - outside) };
}
