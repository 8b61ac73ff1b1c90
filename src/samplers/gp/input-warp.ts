/** Exponents of a warp of numbers from 0 to 1, by column; both 1 leave them as they are. */
export interface InputWarp {
  readonly first: Float64Array;
  readonly second: Float64Array;
}

/** Keeps logarithms finite. */
const EDGE = 1e-9;

const inside = (x: number): number => Math.min(1 - EDGE, Math.max(EDGE, x));

/**
 * Kumaraswamy's distribution function, 1 - (1 - x^a)^b (Snoek et al., "Input warping for Bayesian optimization of
 * non-stationary functions", ICML 2014): where a function changes faster at one end of a param's range, the warp
 * stretches that end.
 *
 * @param x from 0 to 1
 * @param a above 0
 * @param b above 0
 */
export function warped(x: number, a: number, b: number): number {
  // Twice as fast as powers.
  return 1 - Math.exp(b * Math.log(1 - Math.exp(a * Math.log(inside(x)))));
}

/** The derivatives of a warped coordinate by the coordinate and by the logarithms of both exponents. */
export interface WarpSlopes {
  readonly byCoordinate: number;
  readonly byFirst: number;
  readonly bySecond: number;
}

/** How {@link warped} changes with what it is given. */
export function warpSlopes(x: number, a: number, b: number): WarpSlopes {
  const log = Math.log(inside(x));
  const power = Math.exp(a * log);
  const rest = 1 - power;
  const restLog = Math.log(rest);
  const above = Math.exp(b * restLog);
  const steep = (b * above) / rest;
  return {
    byCoordinate: (steep * a * power) / inside(x),
    byFirst: steep * power * log * a,
    bySecond: -above * restLog * b,
  };
}

/** A row with its first columns warped. */
export function warpRow(row: Float64Array, warp: InputWarp | undefined): Float64Array {
  if (warp === undefined) return row;
  const result = row.slice();
  for (let column = 0; column < warp.first.length; column++) {
    result[column] = warped(row[column] ?? 0, warp.first[column] ?? 1, warp.second[column] ?? 1);
  }
  return result;
}
