/** Exponents of a warp of numbers from 0 to 1, by column; both 1 leave them as they are. */
export interface InputWarp {
  readonly first: Float64Array;
  readonly second: Float64Array;
}

/** Keeps logarithms finite. */
const EDGE = 1e-9;

/** A warped coordinate, with its derivatives by the coordinate and by the logarithms of both exponents. */
export interface Warped {
  readonly value: number;
  readonly byCoordinate: number;
  readonly byFirst: number;
  readonly bySecond: number;
}

/**
 * Kumaraswamy's distribution function, 1 - (1 - x^a)^b (Snoek et al., "Input warping for Bayesian optimization of
 * non-stationary functions", ICML 2014): where a function changes faster at one end of a param's range, the warp
 * stretches that end.
 */
export function warped(x: number, a: number, b: number): Warped {
  const inside = Math.min(1 - EDGE, Math.max(EDGE, x));
  const log = Math.log(inside);
  const power = Math.exp(a * log);
  const rest = 1 - power;
  const restLog = Math.log(rest);
  const above = Math.exp(b * restLog);
  const steep = (b * above) / rest;
  return {
    value: 1 - above,
    byCoordinate: (steep * a * power) / inside,
    byFirst: steep * power * log * a,
    bySecond: -above * restLog * b,
  };
}

/** Rows with their first columns warped. */
export function warpRow(row: Float64Array, warp: InputWarp | undefined): Float64Array {
  if (warp === undefined) return row;
  const result = Float64Array.from(row);
  for (let column = 0; column < warp.first.length; column++) {
    result[column] = warped(row[column] ?? 0, warp.first[column] ?? 1, warp.second[column] ?? 1).value;
  }
  return result;
}
