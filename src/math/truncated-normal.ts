import { normalDensity, normalQuantile, normalShare } from "./normal-distribution.js";

/** Wider ones cannot be told from the uniform distribution. */
const WIDEST = 100;
const BELOW_ONE = 1 - Number.EPSILON / 2;

/** A distribution of numbers from 0 to 1. */
export interface UnitDistribution {
  /** The share of it that lies below a number. */
  readonly below: (place: number) => number;
  /** Its density: 1 everywhere if it is uniform. */
  readonly density: (place: number) => number;
  /** The number below which a share of it lies, in [0, 1). */
  readonly at: (share: number) => number;
}

/**
 * The normal distribution cut off at 0 and 1.
 *
 * @param mean of the whole one, from 0 to 1
 * @param deviation of the whole one, above 0
 */
export function truncatedNormal(mean: number, deviation: number): UnitDistribution {
  const width = Math.min(deviation, WIDEST);
  const first = normalShare(-mean / width);
  const mass = normalShare((1 - mean) / width) - first;
  return {
    below: (place) => (normalShare((place - mean) / width) - first) / mass,
    density: (place) => normalDensity((place - mean) / width) / (width * mass),
    at: (share) => {
      const place = mean + width * normalQuantile(first + share * mass);
      return Math.min(BELOW_ONE, Math.max(0, place));
    },
  };
}
