import type { Costs } from "./domination.js";
import { hypervolumeGain } from "./hypervolume.js";

/**
 * Orders the members of a front so that each adds the most hypervolume to those before it. The first `k` of them then cover
 * at least 63 % of what the best `k` would: the greedy rule for choosing a subset by its hypervolume (Guerreiro, Fonseca and
 * Paquete, "Greedy hypervolume subset selection in low dimensions", Evolutionary Computation 2016). Of equals, the
 * earlier comes first.
 *
 * @param front mutually non-dominated costs, none of them NaN; equal ones may be among them
 * @param reference finite costs, one for each goal
 * @returns places in `front`
 */
export function hypervolumeOrder(front: readonly Costs[], reference: Costs): number[] {
  const order: number[] = [];
  const taken: Costs[] = [];
  const waiting = front.map((costs, index) => ({
    index,
    costs,
    gain: hypervolumeGain(costs, [], reference),
    /** How many were taken when its gain was measured. */
    measuredAt: 0,
  }));
  const isBefore = (a: (typeof waiting)[number], b: (typeof waiting)[number]): boolean =>
    a.gain === b.gain ? a.index < b.index : a.gain > b.gain;
  while (waiting.length > 0) {
    let best = waiting.reduce((first, each) => (isBefore(each, first) ? each : first));
    // Gains only shrink as members are taken: whoever is ahead with its present gain is ahead of all.
    while (best.measuredAt < taken.length) {
      best.gain = hypervolumeGain(best.costs, taken, reference);
      best.measuredAt = taken.length;
      best = waiting.reduce((first, each) => (isBefore(each, first) ? each : first));
    }
    order.push(best.index);
    if (best.gain > 0) taken.push(best.costs);
    waiting.splice(waiting.indexOf(best), 1);
  }
  return order;
}
