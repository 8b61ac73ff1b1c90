import type { CurveStore } from "./curve-store.js";

/** How values become pixels along one axis: `scale` times the value, or its decimal logarithm, plus `offset`. */
export interface Projection {
  readonly isLog: boolean;
  readonly scale: number;
  readonly offset: number;
}

/** The pixel of a value; NaN where it has none. */
export function project({ isLog, scale, offset }: Projection, value: number): number {
  return (isLog ? (value > 0 ? Math.log10(value) : Number.NaN) : value) * scale + offset;
}

/** The value at a pixel. */
export function unproject({ isLog, scale, offset }: Projection, pixel: number): number {
  const unit = (pixel - offset) / scale;
  return isLog ? 10 ** unit : unit;
}

/** A curve near a point. */
export interface NearCurve {
  readonly slot: number;
  /** The nearer end of the nearest part of the curve. */
  readonly index: number;
  /** In pixels. */
  readonly distance: number;
}

/** The first point of a curve at a step or after it: curves are sorted by step, so this takes few looks. */
function firstFrom(store: CurveStore, slot: number, step: number): number {
  let low = 0;
  let high = store.lengths[slot] ?? 0;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (store.stepAt(slot, middle) < step) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The square of the distance from a point to a segment. */
export function segmentDistance(
  px: number,
  py: number,
  x0: number,
  y0: number,
  x1: number,
  y1: number,
): number {
  const [dx, dy] = [x1 - x0, y1 - y0];
  const length = dx * dx + dy * dy;
  const along = length === 0 ? 0 : Math.max(0, Math.min(1, ((px - x0) * dx + (py - y0) * dy) / length));
  return (px - x0 - along * dx) ** 2 + (py - y0 - along * dy) ** 2;
}

/**
 * The curve that passes nearest to a point: in every curve only the parts within reach are looked at, so 10,000 curves
 * take a few milliseconds and nothing has to be prepared when the view changes.
 *
 * @param reach in pixels
 * @param isShown whether a curve counts
 */
export function nearestCurve(
  store: CurveStore,
  [xs, ys]: readonly [Projection, Projection],
  [px, py]: readonly [number, number],
  reach: number,
  isShown: (slot: number) => boolean,
): NearCurve | undefined {
  const from = unproject(xs, px - reach);
  const to = unproject(xs, px + reach);
  let best: NearCurve | undefined;
  let least = reach * reach;
  for (let slot = 0; slot < store.count; slot++) {
    if (!isShown(slot)) continue;
    const length = store.lengths[slot] ?? 0;
    let x0 = Number.NaN;
    let y0 = Number.NaN;
    for (let index = Math.max(0, firstFrom(store, slot, from) - 1); index < length; index++) {
      const step = store.stepAt(slot, index);
      const x1 = project(xs, step);
      const y1 = project(ys, store.valueAt(slot, index));
      const isPart = !Number.isNaN(x0 + y0);
      const distance = segmentDistance(px, py, isPart ? x0 : x1, isPart ? y0 : y1, x1, y1);
      if (distance <= least) {
        least = distance;
        const isBefore = isPart && Math.abs(px - x0) < Math.abs(px - x1);
        best = { slot, index: isBefore ? index - 1 : index, distance: Math.sqrt(distance) };
      }
      if (step > to) break;
      [x0, y0] = [x1, y1];
    }
  }
  return best;
}

/** Whether a segment touches a box. */
export function touchesBox(
  [x0, y0, x1, y1]: readonly [number, number, number, number],
  [left, top]: readonly [number, number],
  [right, bottom]: readonly [number, number],
): boolean {
  let [from, to] = [0, 1];
  const edges = [
    [x0 - x1, x0 - left],
    [x1 - x0, right - x0],
    [y0 - y1, y0 - top],
    [y1 - y0, bottom - y0],
  ];
  // Liang, Barsky: "A new concept and method for line clipping", TOG 1984.
  for (const [change = 0, room = 0] of edges) {
    if (change === 0 && room < 0) return false;
    if (change < 0) from = Math.max(from, room / change);
    else if (change > 0) to = Math.min(to, room / change);
  }
  return from <= to;
}

/** The places of the curves that pass through a box of pixels. */
export function curvesInBox(
  store: CurveStore,
  [xs, ys]: readonly [Projection, Projection],
  topLeft: readonly [number, number],
  bottomRight: readonly [number, number],
  isShown: (slot: number) => boolean,
): number[] {
  const from = unproject(xs, topLeft[0]);
  const to = unproject(xs, bottomRight[0]);
  const found: number[] = [];
  for (let slot = 0; slot < store.count; slot++) {
    if (!isShown(slot)) continue;
    const length = store.lengths[slot] ?? 0;
    let x0 = Number.NaN;
    let y0 = Number.NaN;
    for (let index = Math.max(0, firstFrom(store, slot, from) - 1); index < length; index++) {
      const step = store.stepAt(slot, index);
      const x1 = project(xs, step);
      const y1 = project(ys, store.valueAt(slot, index));
      const part = Number.isNaN(x0 + y0) ? ([x1, y1, x1, y1] as const) : ([x0, y0, x1, y1] as const);
      if (!Number.isNaN(x1 + y1) && touchesBox(part, topLeft, bottomRight)) {
        found.push(slot);
        break;
      }
      if (step > to) break;
      [x0, y0] = [x1, y1];
    }
  }
  return found;
}
