import { normalDensity, normalShare } from "./normal-distribution.js";

const LOG_SQRT_TAU = 0.5 * Math.log(2 * Math.PI);
/** Below this, the sum of two numbers that nearly cancel is replaced by a continued fraction. */
const TAIL = -3;
/** Terms of the continued fraction, enough for rounding at the start of the tail. */
const TERMS = 110;
/** A logarithm and its derivative. */
export interface LogImprovement {
  readonly value: number;
  readonly slope: number;
}

/**
 * The logarithm of the expected improvement of a standard normal deviate: log(density(z) + z share(z)), and its
 * derivative by z. For improvements above a bound with mean m and deviation s, z = (m - bound) / s, and log(s) is to be
 * added.
 *
 * As z falls, the two terms cancel (Ament et al., "Unexpected improvements to expected improvement for Bayesian
 * optimization", NeurIPS 2023, which uses erfcx there). With Laplace's continued fraction of Mills' ratio, 1 / (x + c)
 * with c = 1 / (x + 2 / (x + 3 / ...)) and x = -z, the sum is density(z) c / (x + c), and nothing cancels.
 */
export function logImprovement(z: number): LogImprovement {
  if (z > TAIL) {
    const share = normalShare(z);
    const gain = normalDensity(z) + z * share;
    return { value: Math.log(gain), slope: share / gain };
  }
  const x = -z;
  let rest = x;
  for (let term = x > 10 ? 24 : TERMS; term >= 2; term--) rest = x + term / rest;
  const c = 1 / rest;
  return { value: -0.5 * z * z - LOG_SQRT_TAU + Math.log(c / (x + c)), slope: rest };
}
