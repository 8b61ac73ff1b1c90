import type { LinePrior } from "./end-line.js";
import { LEARNED_NOISE } from "./learned-noise.js";

/** In studies of version 0.1.0 it was this at every rung. */
export const FIRST_PRIOR: LinePrior = { noise: 0.25, spread: 1e-4 };
/** The standard deviation assumed while a rung has a single value, as a share of that value. */
const UNKNOWN_DEVIATION = 0.1;

/**
 * The variance of values at a rung of which a single one is known: they are taken to differ by a tenth.
 *
 * @param isLogarithmic whether the values are logarithms
 */
export const unknownSpread = (value: number, isLogarithmic: boolean): number =>
  (UNKNOWN_DEVIATION * (isLogarithmic ? 1 : value)) ** 2;

/**
 * How far ends are expected to lie off the line of a rung before a study's own curves tell, as a share of the variance
 * of the values at the rung: several times that variance after the first steps of a long training, which hardly tell the
 * end, and next to nothing shortly before it.
 *
 * @param place the rung's step over the steps of a complete training, in (0, 1]
 */
export const priorNoise = (place: number): number => noiseBetween(LEARNED_NOISE, place);

/**
 * The share at a place, given those at some places in order: between two of them the logarithms of both are interpolated,
 * and beyond the outermost ones the share stays.
 */
export function noiseBetween(
  known: readonly (readonly [place: number, share: number])[],
  place: number,
): number {
  const next = known.findIndex(([learned]) => learned >= place);
  const [right, rightShare] = known.at(next) ?? [1, FIRST_PRIOR.noise];
  const [left, leftShare] = known[next - 1] ?? [right, rightShare];
  if (left === right) return rightShare;
  const weight = Math.log(place / left) / Math.log(right / left);
  return Math.exp(Math.log(leftShare) + weight * Math.log(rightShare / leftShare));
}
