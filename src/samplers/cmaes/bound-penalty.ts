import { deviationOf, type Normal } from "./normal.js";
import type { Selection } from "./selection.js";

/** The lowest and the highest value of a coordinate. */
export type Bounds = readonly [low: number, high: number];

/** The spreads of the costs of the last generations, newest first. */
export type Spreads = readonly number[];

/** How many spreads are kept, for a distribution and its generations. */
const kept = (dimensions: number, size: number): number => 20 + Math.ceil((3 * dimensions) / size);

function median(numbers: readonly number[]): number {
  const ascending = numbers.toSorted((a, b) => a - b);
  const half = ascending.length >> 1;
  const upper = ascending[half] ?? 0;
  return ascending.length % 2 === 1 ? upper : ((ascending[half - 1] ?? 0) + upper) / 2;
}

/** The spreads with that of one more generation: the distance between the quartiles of its costs, if it has any. */
export function withSpread(spreads: Spreads, ascending: readonly number[], dimensions: number): Spreads {
  const size = ascending.length;
  const spread = (ascending[Math.floor((3 * size) / 4)] ?? 0) - (ascending[Math.floor(size / 4)] ?? 0);
  const counted =
    spread === Number.POSITIVE_INFINITY && spreads.length > 1
      ? Math.max(...spreads)
      : Number.isFinite(spread) && spread > 0
        ? spread
        : undefined;
  const longer = counted === undefined ? spreads : [counted, ...spreads];
  return longer.slice(0, kept(dimensions, size));
}

/**
 * What is added to the costs of samples for being outside of the bounds: squares of the distances, weighed so that a
 * deviation costs about as much as the samples' costs differ (Hansen, Niederberger, Guzzella and Koumoutsakos, "A method
 * for handling uncertainty in evolutionary optimization", IEEE Transactions on Evolutionary Computation 13, 2009,
 * section IV). They are evaluated at the nearest point inside.
 *
 * @param bounds of the first coordinates; the others have none
 */
export function boundPenalties(
  normal: Normal,
  samples: readonly Float64Array[],
  bounds: readonly Bounds[],
  spreads: Spreads,
  { mass }: Selection,
): number[] {
  const { mean, sigma, stretch } = normal;
  const size = mean.length;
  if (spreads.length === 0) return samples.map(() => 0);
  const variances = mean.map((_, place) => (deviationOf(normal, place) / sigma) ** 2 * (stretch[place] ?? 1));
  const whole = variances.reduce((sum, variance) => sum + variance, 0);
  const logMean = variances.reduce((sum, variance) => sum + Math.log(variance), 0) / size;
  const usual = (2 * median(spreads)) / (sigma ** 2 * whole);
  const raised = usual * 1.1 ** Math.max(1, mass / (10 * size));
  const far = 3 * sigma * Math.max(1, Math.sqrt(size) / mass);
  const prices = bounds.map(([low, high], place) => {
    const middle = mean[place] ?? 0;
    const variance = variances[place] ?? 0;
    const outside = Math.max(low - middle, middle - high);
    const price = outside > far * Math.sqrt(variance) && outside > 0 ? raised : usual;
    return price / Math.exp(0.9 * (Math.log(variance) - logMean));
  });
  return samples.map((sample) =>
    bounds.reduce((sum, [low, high], place) => {
      const value = sample[place] ?? 0;
      const away = Math.max(low - value, value - high, 0);
      return sum + (prices[place] ?? 0) * away ** 2;
    }, 0),
  );
}
