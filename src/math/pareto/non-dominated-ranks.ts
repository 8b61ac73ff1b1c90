import { type Costs, compareCosts, dominates } from "./domination.js";

/**
 * The rank of each candidate: 0 if none dominates it (the Pareto front), 1 if that holds once those of rank 0 are left
 * out, and so on. Candidates with equal costs have the same rank. Candidates are sorted, so that only earlier ones can
 * dominate a later one, and each is compared with the fronts found so far (Zhang, Tian, Cheng and Jin, "An efficient
 * approach to nondominated sorting for evolutionary multiobjective optimization", IEEE TEVC 2015).
 *
 * @param candidates costs, none of them NaN; infinite ones are the worst
 */
export function nonDominatedRanks(candidates: readonly Costs[]): number[] {
  const ranks = candidates.map(() => 0);
  const order = [...candidates.keys()].toSorted((a, b) =>
    compareCosts(candidates[a] ?? [], candidates[b] ?? []),
  );
  const fronts: Costs[][] = [];
  for (const index of order) {
    const costs = candidates[index] ?? [];
    let rank = 0;
    // Those that came last are nearest, and the most likely to dominate it.
    while (fronts[rank]?.findLast((other) => dominates(other, costs)) !== undefined) rank += 1;
    fronts[rank] ??= [];
    fronts[rank]?.push(costs);
    ranks[index] = rank;
  }
  return ranks;
}
