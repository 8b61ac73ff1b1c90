import type { Costs } from "./domination.js";

/**
 * How much room each member of a front has: the sum over goals of the distance between its two neighbours, as a share
 * of the front's range in that goal; infinite for the ends (Deb, Pratap, Agarwal and Meyarivan, "A fast and elitist
 * multiobjective genetic algorithm: NSGA-II", IEEE TEVC 2002). A goal in which all are equal tells nothing.
 *
 * @param front finite costs; of members with equal costs in a goal, the earlier one counts as the better one there
 */
export function crowdingDistances(front: readonly Costs[]): number[] {
  // Of one or two members all are ends, even of a front that has no extent.
  const distances = front.map(() => (front.length > 2 ? 0 : Number.POSITIVE_INFINITY));
  const goals = front[0]?.length ?? 0;
  for (let goal = 0; goal < goals; goal++) {
    const costOfMember = (member: number | undefined): number => front[member ?? 0]?.[goal] ?? 0;
    const order = [...front.keys()].toSorted((a, b) => costOfMember(a) - costOfMember(b));
    const range = costOfMember(order.at(-1)) - costOfMember(order[0]);
    if (range === 0) continue;
    for (const [place, member] of order.entries()) {
      const isEnd = place === 0 || place === order.length - 1;
      const gap = isEnd
        ? Number.POSITIVE_INFINITY
        : (costOfMember(order[place + 1]) - costOfMember(order[place - 1])) / range;
      distances[member] = (distances[member] ?? 0) + gap;
    }
  }
  return distances;
}
