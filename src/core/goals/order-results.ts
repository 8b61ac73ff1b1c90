import { crowdingDistances } from "../../math/pareto/crowding-distance.js";
import { hypervolumeOrder } from "../../math/pareto/hypervolume-order.js";
import { nonDominatedRanks } from "../../math/pareto/non-dominated-ranks.js";
import { costOf, type MetricGoal } from "../goal.js";
import type { TrialResult } from "./trial-result.js";

/** How far beyond the worst cost the hypervolume reaches, as a share of the range of the costs. */
const BEYOND = 0.1;
/** Above this many members or goals, the room around members is told by crowding distances instead. */
const MOST_MEMBERS = 200;
const MOST_GOALS = 3;

/** Where one of several results stands among them. */
export interface Place {
  /** Its place in the order, from 0. */
  readonly place: number;
  /** Its front: 0 if no feasible one dominates it. Undefined if it is not feasible, or has a cost that is not finite. */
  readonly front: number | undefined;
}

/**
 * The point up to which hypervolume counts: for each goal the reference that the user gave, or a little beyond the worst
 * finite cost.
 *
 * @param costs of all results that are compared
 */
export function referenceOf(goals: readonly MetricGoal[], costs: readonly (readonly number[])[]): number[] {
  return goals.map((goal, index) => {
    if (goal.reference !== undefined) return costOf(goal.reference, goal);
    const finite = costs.map((each) => each[index] ?? Number.NaN).filter(Number.isFinite);
    const worst = finite.reduce((most, cost) => Math.max(most, cost), Number.NEGATIVE_INFINITY);
    const best = finite.reduce((least, cost) => Math.min(least, cost), Number.POSITIVE_INFINITY);
    return worst + (BEYOND * (worst - best) || 1);
  });
}

/** How early each member of a front comes in it; more is better. */
function worthOf(front: readonly (readonly number[])[], reference: readonly number[]): number[] {
  if (front.length > MOST_MEMBERS || reference.length > MOST_GOALS) return crowdingDistances(front);
  const worth: number[] = [];
  for (const [place, member] of hypervolumeOrder(front, reference).entries()) worth[member] = -place;
  return worth;
}

/**
 * Orders results from best to worst: feasible ones first, by their front and, within a front, so that each adds the most
 * hypervolume to those before it; then the others, the least infeasible first; those with a cost that is not finite are last. With one
 * goal, the order within the feasible ones is that of their costs. Of equals, the earlier is the better.
 *
 * After Deb et al., "A fast and elitist multiobjective genetic algorithm: NSGA-II", IEEE TEVC 2002 (fronts,
 * constraints), and {@link hypervolumeOrder}.
 *
 * @returns the place of each result, in the order in which they were given
 */
export function placesOf(results: readonly TrialResult[], goals: readonly MetricGoal[]): Place[] {
  const isFinite = ({ costs }: TrialResult): boolean => costs.every(Number.isFinite);
  const feasible = [...results.entries()].filter(([, result]) => result.violation === 0 && isFinite(result));
  const costs = feasible.map(([, result]) => result.costs);
  const ranks = nonDominatedRanks(costs);
  const fronts = new Map<number, number[]>();
  for (const [member, rank] of ranks.entries()) fronts.set(rank, [...(fronts.get(rank) ?? []), member]);
  const reference = referenceOf(goals, costs);
  const worth = new Float64Array(feasible.length);
  for (const members of fronts.values()) {
    const each = worthOf(
      members.map((member) => costs[member] ?? []),
      reference,
    );
    for (const [index, member] of members.entries()) worth[member] = each[index] ?? 0;
  }
  const order = [...feasible.keys()]
    .sort(
      (a, b) =>
        (ranks[a] ?? 0) - (ranks[b] ?? 0) ||
        (goals.length === 1 ? 0 : compareNumbers(worth[b] ?? 0, worth[a] ?? 0)) ||
        a - b,
    )
    .map((member) => ({ index: feasible[member]?.[0] ?? 0, front: ranks[member] }));
  const others = [...results.entries()]
    .filter(([, result]) => result.violation > 0 || !isFinite(result))
    .sort(
      ([a, x], [b, y]) =>
        Number(!isFinite(x)) - Number(!isFinite(y)) ||
        compareNumbers(x.violation, y.violation) ||
        compareNumbers(x.costs[0] ?? 0, y.costs[0] ?? 0) ||
        a - b,
    )
    .map(([index]) => ({ index, front: undefined }));
  const places: Place[] = [];
  for (const [place, { index, front }] of [...order, ...others].entries()) places[index] = { place, front };
  return places;
}

/** Orders numbers, infinite ones too, of which equal ones have no difference. */
const compareNumbers = (a: number, b: number): number => (a < b ? -1 : a > b ? 1 : 0);
