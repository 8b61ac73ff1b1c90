import { plotText } from "../../plots/trial-text.js";
import type { CurveStore } from "./curve-store.js";
import type { CurveState } from "./curves-options.js";
import type { LegendEntry } from "./legend.js";
import { stateOf } from "./paint-curves.js";

/** The states that there are curves of, and how many. */
export function curveLegend(store: CurveStore, states: readonly CurveState[]): LegendEntry[] {
  const counts = new Map<string, number>();
  for (let slot = 0; slot < store.count; slot++) {
    if ((store.lengths[slot] ?? 0) === 0) continue;
    const { label } = stateOf({ store, states }, slot);
    counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  return states.flatMap(({ label, colour, dash = "solid" }) => {
    const count = counts.get(label);
    const name = `${plotText(label)} (${count ?? 0})`;
    return count === undefined ? [] : [{ group: label, name, colour, dash, width: 2 }];
  });
}
