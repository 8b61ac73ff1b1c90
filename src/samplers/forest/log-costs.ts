/** The share of costs below which they are told apart most. */
const BEST = 0.05;
/** What is kept of the distance between the best and the median cost where the best ones are equal. */
const LEAST = 1e-3;

/** Turns costs into what a forest learns. */
export interface LogCosts {
  /** Of a finite cost; an infinite one counts as the worst of those that were known. */
  of(cost: number): number;
  /** Of the best cost that was known. */
  readonly best: number;
}

/**
 * Logarithms of costs, counted from a little below the best one: by how much the best differ matters, by how much the
 * bad ones do does not. As in SMAC (Lindauer et al., "SMAC3", Journal of Machine Learning Research 23, 2022), the
 * distance below is that between the best cost and the twentieth part, so that costs may be negative.
 *
 * @param costs at least one of them finite
 */
export function logCostsOf(costs: readonly number[]): LogCosts {
  const ascending = Float64Array.from(costs.filter((cost) => Number.isFinite(cost))).toSorted();
  const [best = 0] = ascending;
  const worst = ascending.at(-1) ?? best;
  // In units of the largest cost, so that no difference is too large for a double.
  const unit = Math.max(Math.abs(best), Math.abs(worst), Number.MIN_VALUE);
  const distance = (cost: number): number => Math.max(0, cost / unit - best / unit);
  const among = (share: number): number =>
    distance(ascending[Math.floor(share * (ascending.length - 1))] ?? best);
  const below = Math.max(among(BEST), LEAST * among(0.5), LEAST * among(1)) || 1;
  const of = (cost: number): number => Math.log((Math.min(distance(cost), distance(worst)) + below) / below);
  return { of, best: of(best) };
}
