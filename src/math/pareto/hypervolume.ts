import { type Costs, compareCosts, dominates } from "./domination.js";

/** Of a list, those that no other one dominates; of equal ones the first. */
function nonDominated(candidates: readonly Costs[]): Costs[] {
  const front: Costs[] = [];
  for (const costs of candidates.toSorted(compareCosts)) {
    const isCovered = front.some((other) => dominates(other, costs) || compareCosts(other, costs) === 0);
    if (!isCovered) front.push(costs);
  }
  return front;
}

const boxVolume = (costs: Costs, reference: Costs): number =>
  costs.reduce((product, cost, goal) => product * ((reference[goal] ?? 0) - cost), 1);

/** The area that a front covers, in two goals: a strip for each member. */
function area(front: readonly Costs[], [right = 0, top = 0]: Costs): number {
  let sum = 0;
  let height = top;
  // In the order of the first goal, the second one falls.
  for (const [first = 0, second = 0] of front.toSorted(compareCosts)) {
    if (second >= height) continue;
    sum += (right - first) * (height - second);
    height = second;
  }
  return sum;
}

/** @param front mutually non-dominated, and better than the reference in every goal */
function volumeOf(front: readonly Costs[], reference: Costs): number {
  if (reference.length === 2) return area(front, reference);
  // Worst in the last goal first: what remains for the others then shrinks soonest.
  const order = front.toSorted((a, b) => (b.at(-1) ?? 0) - (a.at(-1) ?? 0));
  return order.reduce((sum, costs, place) => {
    const others = order.slice(place + 1);
    return sum + exclusiveVolume(costs, others, reference);
  }, 0);
}

/** What one candidate covers and others do not. */
function exclusiveVolume(costs: Costs, others: readonly Costs[], reference: Costs): number {
  const shadows = others.map((other) => other.map((cost, goal) => Math.max(cost, costs[goal] ?? 0)));
  return boxVolume(costs, reference) - volumeOf(nonDominated(shadows), reference);
}

const inside = (candidates: readonly Costs[], reference: Costs): Costs[] =>
  candidates.filter((costs) => costs.every((cost, goal) => cost < (reference[goal] ?? 0)));

/**
 * The volume of what candidates dominate, up to a reference (While, Bradstreet and Barone, "A fast way of calculating
 * exact hypervolumes", IEEE TEVC 2012). Candidates that are not better than the reference in every goal cover nothing.
 * The time grows fast with the number of goals beyond three.
 *
 * @param candidates costs by goal, none of them NaN
 * @param reference finite costs, one for each goal
 */
export function hypervolume(candidates: readonly Costs[], reference: Costs): number {
  const front = nonDominated(inside(candidates, reference));
  if (reference.length !== 1) return volumeOf(front, reference);
  return front.reduce((most, costs) => Math.max(most, boxVolume(costs, reference)), 0);
}

/**
 * How much larger the hypervolume of a front would be with another member.
 *
 * @param front mutually non-dominated, and better than the reference in every goal
 * @param reference finite costs, one for each goal
 */
export function hypervolumeGain(costs: Costs, front: readonly Costs[], reference: Costs): number {
  if (inside([costs], reference).length === 0) return 0;
  return Math.max(0, exclusiveVolume(costs, front, reference));
}

/**
 * How much smaller the hypervolume would be without each candidate; 0 for those that another one dominates or equals.
 *
 * @param candidates costs by goal, none of them NaN
 * @param reference finite costs, one for each goal
 */
export function hypervolumeContributions(candidates: readonly Costs[], reference: Costs): number[] {
  const whole = hypervolume(candidates, reference);
  const front = new Set(nonDominated(inside(candidates, reference)));
  return candidates.map((costs) => {
    if (!front.has(costs)) return 0;
    const others = candidates.filter((other) => other !== costs);
    return Math.max(0, whole - hypervolume(others, reference));
  });
}
