import type { Costs } from "./domination.js";

/**
 * The place of a front's knee: the member that lies furthest below the plane through the front's ends, once each goal
 * has the range 0 to 1 (Das, "On characterizing the knee of the Pareto curve", 1999). There, a gain in one goal costs
 * most in the others. Undefined if no member lies below that plane, or the front has no extent in some goal.
 *
 * @param front mutually non-dominated, finite costs
 */
export function kneeOf(front: readonly Costs[]): number | undefined {
  const goals = front[0]?.length ?? 0;
  const ranges = Array.from({ length: goals }, (_, goal) => {
    const costs = front.map((each) => each[goal] ?? 0);
    return { low: Math.min(...costs), width: Math.max(...costs) - Math.min(...costs) };
  });
  if (ranges.some(({ width }) => width === 0)) return undefined;
  const sums = front.map((each) =>
    each.reduce((sum, cost, goal) => sum + (cost - (ranges[goal]?.low ?? 0)) / (ranges[goal]?.width ?? 1), 0),
  );
  const least = Math.min(...sums);
  // The ends of two goals lie at 1, and so does the plane through those of more.
  return least < 1 - 1e-9 ? sums.indexOf(least) : undefined;
}
