import type { CurveStore } from "./curve-store.js";

/** Ends a line in a list of vertices. */
export const RESTART = 0xffffffff;

/** Curves that look the same, as a part of a list of vertices. */
export interface CurveGroup {
  readonly state: number;
  readonly isSelected: boolean;
  /** Whether these are curves of a single point. */
  readonly isDots: boolean;
  readonly first: number;
  readonly length: number;
}

/** What to draw, in order: by state, those selected last. */
export interface CurveGroups {
  readonly indices: Uint32Array<ArrayBuffer>;
  readonly groups: readonly CurveGroup[];
}

/** Lists the vertices of all curves by what they look like. */
export function groupCurves(store: CurveStore, states: number, selected: ReadonlySet<number>): CurveGroups {
  const buckets = new Map<string, { state: number; isSelected: boolean; isDots: boolean; slots: number[] }>();
  let size = 0;
  for (let slot = 0; slot < store.count; slot++) {
    const length = store.lengths[slot] ?? 0;
    if (length === 0) continue;
    const isDots = length === 1;
    const state = Math.min(states - 1, store.states[slot] ?? 0);
    const isSelected = selected.has(slot);
    const key = `${Number(isSelected)} ${state} ${Number(isDots)}`;
    const bucket = buckets.get(key) ?? { state, isSelected, isDots, slots: [] };
    bucket.slots.push(slot);
    buckets.set(key, bucket);
    size += isDots ? 1 : (store.capacities[slot] ?? 0) + 1;
  }
  const indices = new Uint32Array(size);
  const groups: CurveGroup[] = [];
  let at = 0;
  const ordered = [...buckets.values()].sort(
    (a, b) =>
      Number(a.isSelected) - Number(b.isSelected) || a.state - b.state || Number(a.isDots) - Number(b.isDots),
  );
  for (const { state, isSelected, isDots, slots } of ordered) {
    const first = at;
    for (const slot of slots) {
      const start = store.starts[slot] ?? 0;
      const end = start + (isDots ? 1 : (store.capacities[slot] ?? 0));
      for (let vertex = start; vertex < end; vertex++) indices[at++] = vertex;
      if (!isDots) indices[at++] = RESTART;
    }
    groups.push({ state, isSelected, isDots, first, length: at - first });
  }
  return { indices, groups };
}

/** How opaque each of so many curves is, so that the picture is neither empty nor solid. */
export const opacityOf = (curves: number): number =>
  Math.max(0.03, Math.min(0.85, 60 / Math.max(1, curves) ** 0.8));
