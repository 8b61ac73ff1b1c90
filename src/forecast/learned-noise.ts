/**
 * How far ends lie off the line of a rung, as a share of the variance of the values there, by the rung's place in a
 * training (its step over the steps of a complete one). Learned from recorded curves: medians over sources of the medians
 * over their tasks. Written by `node bench/line-prior.mjs --write`, which also says what it is worth.
 */
export const LEARNED_NOISE: readonly (readonly [place: number, share: number])[] = [
  [0.015625, 4.05],
  [0.03125, 1.36],
  [0.0625, 0.606],
  [0.125, 0.296],
  [0.25, 0.137],
  [0.5, 0.0444],
  [0.75, 0.00998],
  [0.875, 0.00314],
];
