const SQRT_TAU = Math.sqrt(2 * Math.PI);
/** Terms of the series, enough for rounding; above 9 the share is one. */
const TERMS = 150;
const HALVINGS = 60;

/** The density of the standard normal distribution. */
export const normalDensity = (z: number): number => Math.exp(-0.5 * z * z) / SQRT_TAU;

/**
 * The standard normal distribution's share below z (Marsaglia, "Evaluating the normal distribution", Journal of
 * Statistical Software 2004): within 1e-15, so that little is left of the digits of a share far below zero.
 */
export function normalShare(z: number): number {
  if (z > 9) return 1;
  if (z < -9) return 0;
  let sum = z;
  let term = z;
  for (let place = 1; place < TERMS; place++) {
    term *= (z * z) / (2 * place + 1);
    const next = sum + term;
    if (next === sum) break;
    sum = next;
  }
  return 0.5 + sum * normalDensity(z);
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
