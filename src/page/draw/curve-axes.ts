import { evenlySpaced } from "../../math/evenly-spaced.js";
import { metricAxis } from "../../plots/metric-axis.js";
import type { Axes } from "./axes.js";
import { axisView, type Extent, extended, NO_EXTENT } from "./axis-view.js";
import type { CurveStore } from "./curve-store.js";
import type { CurvesOptions } from "./curves-options.js";

/** More values say nothing else about where an axis should end. */
const MOST_VALUES = 20_000;

/** The room at the ends of both axes, as a share. */
export const CURVE_ROOM: readonly [number, number] = [0.015, 0.04];

/** The extents of all curves that are shown. */
function extentsOf(
  store: CurveStore,
  isShown: (slot: number) => boolean,
): readonly [Extent, Extent, number[]] {
  let [x, y] = [NO_EXTENT, NO_EXTENT];
  const values: number[] = [];
  const shown = Array.from({ length: store.count }, (_, slot) => slot).filter(isShown);
  const points = shown.reduce((sum, slot) => sum + (store.lengths[slot] ?? 0), 0);
  const stride = Math.max(1, Math.floor(points / MOST_VALUES));
  let at = 0;
  for (const slot of shown) {
    const length = store.lengths[slot] ?? 0;
    const steps = [store.stepAt(slot, 0), store.stepAt(slot, length - 1)];
    if (length > 0) x = extended(x, steps);
    const own = Array.from({ length }, (_, index) => store.valueAt(slot, index));
    y = extended(y, own);
    for (const value of own) if (at++ % stride === 0 && Number.isFinite(value)) values.push(value);
  }
  return [x, y, [...evenlySpaced(values, MOST_VALUES), y.low, y.high].filter(Number.isFinite)];
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
