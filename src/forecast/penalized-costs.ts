import type { TrialResult } from "../core/goals/trial-result.js";

/** How much worse than the worst feasible trial any infeasible one is, as a share of the range of costs. */
const PENALTY = 0.1;

/** Costs of one goal under constraints: feasible ones as they are, others behind them by how much they break. */
export function penalized(results: readonly TrialResult[]): number[] {
  const feasible = results.flatMap(({ costs: [cost = Number.NaN], violation }) =>
    violation === 0 && Number.isFinite(cost) ? [cost] : [],
  );
  const worst = feasible.reduce((most, cost) => Math.max(most, cost), Number.NEGATIVE_INFINITY);
  const best = feasible.reduce((least, cost) => Math.min(least, cost), Number.POSITIVE_INFINITY);
  const range = worst - best || 1;
  return results.map(({ costs: [cost = Number.NaN], violation }) => {
    if (!Number.isFinite(cost) || !Number.isFinite(violation)) return Number.POSITIVE_INFINITY;
    if (violation === 0) return cost;
    // Bounded, so that one trial far from feasible does not hide all differences between the others.
    return feasible.length === 0 ? violation : worst + range * (PENALTY + violation / (1 + violation));
  });
}
