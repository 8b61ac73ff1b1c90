import { metricAxis } from "../../plots/metric-axis.js";
import type { Axes } from "./axes.js";
import { axisView, type Extent, extended, NO_EXTENT } from "./axis-view.js";
import type { CurveStore } from "./curve-store.js";
import type { CurvesOptions } from "./curves-options.js";

/** More values say nothing else about where an axis should end. */
const MOST_VALUES = 20_000;

/** The room at the ends of both axes, as a share. */
export const CURVE_ROOM: readonly [number, number] = [0.015, 0.04];

/** The extents of all curves that are shown, and values evenly spaced among theirs. */
function extentsOf(
  store: CurveStore,
  isShown: (slot: number) => boolean,
): readonly [Extent, Extent, readonly number[]] {
  const slots = Array.from({ length: store.count }, (_, slot) => slot).filter(isShown);
  const points = slots.reduce((sum, slot) => sum + (store.lengths[slot] ?? 0), 0);
  const steps = new Float64Array(2 * slots.length);
  const values = new Float64Array(points);
  let at = 0;
  for (const [place, slot] of slots.entries()) {
    const length = store.lengths[slot] ?? 0;
    // Curves are sorted by step.
    steps[2 * place] = store.stepAt(slot, 0);
    steps[2 * place + 1] = store.stepAt(slot, length - 1);
    for (let index = 0; index < length; index++) values[at++] = store.valueAt(slot, index);
  }
  const y = extended(NO_EXTENT, values);
  const stride = Math.max(1, Math.ceil(points / MOST_VALUES));
  const some = Array.from({ length: Math.ceil(points / stride) }, (_, index) => values[index * stride] ?? 0);
  return [extended(NO_EXTENT, steps), y, [...some, y.low, y.high].filter(Number.isFinite)];
}

/** The axes that fit the curves, or those of the options. */
export function curveAxes(
  store: CurveStore,
  { metric, direction, xaxis, yaxis }: CurvesOptions,
  isShown: (slot: number) => boolean,
): Axes {
  const [x, y, values] = extentsOf(store, isShown);
  const steps = xaxis ?? { title: { text: "step" }, type: "linear", rangemode: "tozero" };
  return {
    x: axisView(steps, x, CURVE_ROOM[0]),
    y: axisView(yaxis ?? metricAxis(metric, values, direction), y, CURVE_ROOM[1]),
    xNames: [],
    yNames: [],
  };
}
