import { BEST_COLOUR } from "../../plots/fate.js";
import { plotText } from "../../plots/trial-text.js";
import type { CurveStore } from "./curve-store.js";
import type { CurveState } from "./curves-options.js";
import type { LegendEntry } from "./legend.js";
import { stateOf } from "./paint-curves.js";

/** What hides the best curve on top; no state has a name with a space in it. */
export const BEST_GROUP = "best trial";

/** Where the best trial's curve is; undefined: it has none. */
export function bestSlot(store: CurveStore, best: number | undefined): number | undefined {
  const slot = best === undefined ? undefined : store.slotOf(best);
  return slot !== undefined && (store.lengths[slot] ?? 0) > 0 ? slot : undefined;
}

/** The states that there are curves of, and how many; last the best trial. */
export function curveLegend(
  store: CurveStore,
  states: readonly CurveState[],
  best: number | undefined,
): LegendEntry[] {
  const counts = new Map<string, number>();
  for (let slot = 0; slot < store.count; slot++) {
    if ((store.lengths[slot] ?? 0) === 0) continue;
    const { label } = stateOf({ store, states }, slot);
    counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  const entries = states.flatMap(({ label, colour, dash = "solid" }) => {
    const count = counts.get(label);
    const name = `${plotText(label)} (${count ?? 0})`;
    return count === undefined ? [] : [{ group: label, name, colour, dash, width: 2 }];
  });
  if (bestSlot(store, best) === undefined) return entries;
  return [...entries, { group: BEST_GROUP, name: `best: trial ${best}`, colour: BEST_COLOUR, width: 3 }];
}
