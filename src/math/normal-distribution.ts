import { erf, logNormalCdf } from "./normal.js";

const SQRT_TAU = Math.sqrt(2 * Math.PI);
const HALVINGS = 60;

/** The density of the standard normal distribution. */
export const normalDensity = (z: number): number => Math.exp(-0.5 * z * z) / SQRT_TAU;

/** The standard normal distribution's share below z, with all its digits also far below zero. */
export function normalShare(z: number): number {
  return z < 0 ? Math.exp(logNormalCdf(z)) : 0.5 + 0.5 * erf(z * Math.SQRT1_2);
}

/**
 * The deviate below which a share of the standard normal distribution lies; found by halving.
 *
 * @param share from 0 to 1; at the ends and very near them, 9 deviations away
 */
export function normalQuantile(share: number): number {
  let low = -9;
  let high = 9;
  for (let turn = 0; turn < HALVINGS; turn++) {
    const middle = (low + high) / 2;
    if (normalShare(middle) < share) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
