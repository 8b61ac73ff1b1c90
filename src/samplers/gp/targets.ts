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
  /** The variance of each value that is a forecast, at most {@link MOST_VARIANCE}; else 0. */
  readonly variances: Float64Array;
}

/** A forecast this uncertain tells nothing, and more would only be lost in rounding. */
const MOST_VARIANCE = 1e4;

/** A cost and what it becomes. */
interface Knot {
  readonly cost: number;
  readonly value: number;
}

/** Half of a difference, which is never too large for a double. */
const apart = (a: number, b: number): number => a / 2 - b / 2;

/**
 * Measures costs up to the median by their distance from it, as a share of that of the best, and replaces those above by
 * what their ranks would have in a normal distribution with the spread of those below: how bad the bad half is tells
 * nothing about where the best is, but would take up most of the scale (the half-rank warp of Song et al., "The Vizier
 * Gaussian process bandit algorithm", arXiv 2408.11527, section 3).
 *
 * @param ascending finite
 */
function halfRank(ascending: Float64Array): (cost: number) => number {
  const count = ascending.length;
  const median = ascending[(count - 1) >> 1] ?? 0;
  const reach = apart(median, ascending[0] ?? 0);
  // Half of the costs may be the same.
  const unit = reach > 0 ? reach : 1;
  const good = ascending.filter((cost) => cost <= median).map((cost) => apart(cost, median) / unit);
  const square = good.reduce((sum, value) => sum + value ** 2, 0) / good.length;
  const spread = square > 0 ? Math.sqrt(square) : 1;
  const knots: Knot[] = [{ cost: median, value: 0 }];
  for (let first = good.length; first < count; ) {
    const cost = ascending[first] ?? median;
    let next = first + 1;
    while (next < count && ascending[next] === cost) next += 1;
    knots.push({ cost, value: spread * normalQuantile((first + next) / 2 / count) });
    first = next;
  }
  return (cost) => {
    if (cost <= median) return apart(cost, median) / unit;
    let above = 1;
    let end = knots.length - 1;
    while (above < end) {
      const middle = (above + end) >> 1;
      if ((knots[middle]?.cost ?? 0) < cost) above = middle + 1;
      else end = middle;
    }
    const [from, to] = [knots[above - 1], knots[above]];
    if (from === undefined || to === undefined) return 0;
    const share = cost < to.cost ? apart(cost, from.cost) / apart(to.cost, from.cost) : 1;
    return from.value + share * (to.value - from.value);
  };
}

/**
 * The targets of some costs: warped (see {@link halfRank}) and standardised. A cost that is infinite counts as the worst
 * of the others.
 */
export function targetsOf(costs: readonly Cost[]): Targets {
  const finite = Float64Array.from(costs.flatMap(({ cost }) => (Number.isFinite(cost) ? [cost] : [])));
  const ascending = finite.toSorted();
  const warp = halfRank(ascending);
  const worst = ascending.at(-1) ?? 0;
  const values = Float64Array.from(costs, ({ cost }) => warp(Number.isFinite(cost) ? cost : worst));
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  const unit = square > 0 ? Math.sqrt(square) : 1;
  return {
    values: values.map((value) => (value - mean) / unit),
    variances: Float64Array.from(costs, ({ cost, deviation }) => {
      if (deviation === 0 || !Number.isFinite(cost)) return 0;
      const away = warp(cost + deviation) - warp(cost - deviation);
      return Math.min(MOST_VARIANCE, (away / 2 / unit) ** 2);
    }),
  };
}
