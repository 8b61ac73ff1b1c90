import { normalQuantile } from "../../math/normal-distribution.js";

/** A cost, or the forecast of one. */
export interface Cost {
  /** Lower is better; infinite for trials that failed or diverged. */
  readonly cost: number;
  readonly deviation: number;
}

/** What a model learns for some costs. */
export interface Targets {
  /** With a mean of 0 and a deviation of 1; lower is better. */
  readonly values: Float64Array;
  /** The variance of each value that is a forecast, else 0. */
  readonly variances: Float64Array;
}

/** A cost and what it becomes. */
interface Knot {
  readonly cost: number;
  readonly value: number;
}

/**
 * Replaces the costs above the median by what their ranks would have in a normal distribution with the spread of those
 * below: how bad the bad half is tells nothing about where the best is, but would take up most of the scale (the
 * half-rank warp of Song et al., "The Vizier Gaussian process bandit algorithm", arXiv 2408.11527, section 3).
 *
 * @param ascending finite
 */
function halfRank(ascending: Float64Array): (cost: number) => number {
  const count = ascending.length;
  const median = ascending[(count - 1) >> 1] ?? 0;
  const good = ascending.filter((cost) => cost <= median);
  const square = good.reduce((sum, cost) => sum + (cost - median) ** 2, 0) / good.length;
  // Half of the costs may be the same.
  const spread = square > 0 ? Math.sqrt(square) : 1;
  const knots: Knot[] = [{ cost: median, value: median }];
  for (let first = good.length; first < count; ) {
    const cost = ascending[first] ?? median;
    let next = first + 1;
    while (next < count && ascending[next] === cost) next += 1;
    knots.push({ cost, value: median + spread * normalQuantile((first + next) / 2 / count) });
    first = next;
  }
  return (cost) => {
    if (cost <= median) return cost;
    let above = 1;
    let end = knots.length - 1;
    while (above < end) {
      const middle = (above + end) >> 1;
      if ((knots[middle]?.cost ?? 0) < cost) above = middle + 1;
      else end = middle;
    }
    const [from, to] = [knots[above - 1], knots[above]];
    if (from === undefined || to === undefined) return median;
    const share = Math.min(1, (cost - from.cost) / (to.cost - from.cost));
    return from.value + share * (to.value - from.value);
  };
}

/**
 * The targets of some costs: warped (see {@link halfRank}) and standardised. A cost that is infinite counts as the worst
 * of the others.
 *
 * @param costs at least one of them finite
 */
export function targetsOf(costs: readonly Cost[]): Targets {
  const finite = Float64Array.from(costs.flatMap(({ cost }) => (Number.isFinite(cost) ? [cost] : [])));
  const ascending = finite.toSorted();
  // Scaled, so that no square is too large for a double.
  const largest = Math.max(Math.abs(ascending[0] ?? 0), Math.abs(ascending.at(-1) ?? 0));
  const scale = largest > 0 ? largest : 1;
  const warp = halfRank(ascending.map((cost) => cost / scale));
  const worst = (ascending.at(-1) ?? 0) / scale;
  const values = Float64Array.from(costs, ({ cost }) => warp(Number.isFinite(cost) ? cost / scale : worst));
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  const unit = square > 0 ? Math.sqrt(square) : 1;
  return {
    values: values.map((value) => (value - mean) / unit),
    variances: Float64Array.from(costs, ({ cost, deviation }) => {
      if (deviation === 0 || !Number.isFinite(cost)) return 0;
      const away = warp((cost + deviation) / scale) - warp((cost - deviation) / scale);
      return (away / 2 / unit) ** 2;
    }),
  };
}
