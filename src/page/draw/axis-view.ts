import type { Axis } from "../../plots/figure.js";
import {
  linearTicks,
  linearTickTexts,
  logTicks,
  logTickText,
  percentDecimals,
  percentTexts,
} from "./ticks.js";

/** How an axis places values. */
export type AxisKind = "linear" | "log" | "category";

/** Two ends; on a log axis in powers of ten. `[high, low]` turns an axis round. */
export type Range = readonly [number, number];

/** An axis with the part of it that is in view. */
export interface AxisView {
  readonly spec: Axis;
  readonly kind: AxisKind;
  /** What is in view. */
  readonly range: Range;
  /** What was in view before any zooming. */
  readonly home: Range;
  /** The smallest and largest value of the data, and the smallest above 0; NaN without any. */
  readonly extent: Extent;
  /** Whether it can change between linear and log. */
  readonly canToggle: boolean;
}

/** What values an axis has to show. */
export interface Extent {
  readonly low: number;
  readonly high: number;
  readonly leastPositive: number;
  /** Whether all are whole numbers, which ticks between them would say nothing about. */
  readonly isWhole: boolean;
}

/** A tick in view. */
export interface PlacedTick {
  /** In the axis's own units: powers of ten on a log axis. */
  readonly place: number;
  /** Pseudo-HTML; empty for a tick without a label. */
  readonly text: string;
}

export const NO_EXTENT: Extent = {
  low: Number.NaN,
  high: Number.NaN,
  leastPositive: Number.NaN,
  isWhole: true,
};

/** The extent of values and those before; what is not finite is left out. */
export function extended(extent: Extent, values: ArrayLike<number>): Extent {
  let { low, high, leastPositive, isWhole } = extent;
  for (let index = 0; index < values.length; index++) {
    const value = values[index] ?? Number.NaN;
    if (!Number.isFinite(value)) continue;
    isWhole &&= Number.isInteger(value);
    if (!(value >= low)) low = value;
    if (!(value <= high)) high = value;
    if (value > 0 && !(value >= leastPositive)) leastPositive = value;
  }
  return { low, high, leastPositive, isWhole };
}

/** A value in the units of an axis; not finite where it has no place. */
export function unitOf(kind: AxisKind, value: number): number {
  return kind === "log" ? (value > 0 ? Math.log10(value) : Number.NaN) : value;
}

/** The value at a place of an axis. */
export const valueOf = (kind: AxisKind, unit: number): number => (kind === "log" ? 10 ** unit : unit);

/** What of its data an axis shows at first, with a little room at both ends. */
function fitted(spec: Axis, kind: AxisKind, extent: Extent, room: number): Range {
  const isLog = kind === "log";
  const low = unitOf(kind, isLog ? extent.leastPositive : extent.low);
  const high = unitOf(kind, extent.high);
  if (!(Number.isFinite(low) && Number.isFinite(high))) return isLog ? [-1, 1] : [0, 1];
  const width = high - low;
  if (width === 0) {
    const half = isLog ? 0.5 : Math.abs(low) * 0.5 || 0.5;
    return [low - half, high + half];
  }
  const margin = room * width;
  const touchesZero = spec.rangemode === "tozero" && !isLog;
  if (touchesZero && low >= 0) return [0, high + room * high];
  return [low - margin, touchesZero && high <= 0 ? 0 : high + margin];
}

/** The range that a specification gives, if it has one for this kind of axis or one that it can be turned into. */
function givenRange({ range, type = "linear" }: Axis, kind: AxisKind): Range | undefined {
  if (range === undefined || type === kind) return range;
  if (kind === "linear") return [10 ** range[0], 10 ** range[1]];
  const [low, high] = [unitOf("log", range[0]), unitOf("log", range[1])];
  return Number.isFinite(low) && Number.isFinite(high) ? [low, high] : undefined;
}

/**
 * An axis at its home range.
 *
 * @param room at each end, as a share of the data's extent
 */
export function axisView(spec: Axis, extent: Extent, room: number, kind?: AxisKind): AxisView {
  const chosen = kind ?? spec.type ?? "linear";
  const home = chosen === "category" ? (spec.range ?? [-0.5, extent.high + 0.5]) : givenRange(spec, chosen);
  const range = home ?? fitted(spec, chosen, extent, room);
  const canToggle =
    spec.tickvals === undefined && spec.tickformat === undefined && chosen !== "category" && extent.high > 0;
  return {
    spec,
    kind: chosen,
    range,
    home: range,
    extent,
    canToggle: canToggle && (chosen === "log" || extent.low > 0),
  };
}

/** Where a place of an axis is along a length of pixels, from 0. */
export const pixelOf = ({ range: [low, high] }: AxisView, unit: number, length: number): number =>
  ((unit - low) / (high - low)) * length;

/** The place of an axis at a pixel. */
export const unitAt = ({ range: [low, high] }: AxisView, pixel: number, length: number): number =>
  low + (pixel / length) * (high - low);

/** How far in, in widths of the home range, an axis can be zoomed: beyond, single-precision places run out. */
const DEEPEST = 1e-5;
const WIDEST = 1e3;

/** Shows another part of an axis, unless that is too narrow or too wide to draw. */
export function withRange(view: AxisView, range: Range): AxisView {
  const ratio = Math.abs((range[1] - range[0]) / (view.home[1] - view.home[0]));
  return ratio > DEEPEST && ratio < WIDEST ? { ...view, range } : view;
}

/** Zooms about a place, which stays where it is. A factor below 1 zooms in. */
export function zoomed(view: AxisView, about: number, factor: number): AxisView {
  const [low, high] = view.range;
  return withRange(view, [about + (low - about) * factor, about + (high - about) * factor]);
}

/** Moves what is in view by a share of its width. */
export function panned(view: AxisView, share: number): AxisView {
  const [low, high] = view.range;
  const by = share * (high - low);
  return { ...view, range: [low + by, high + by] };
}

/**
 * The ticks in view: those of the specification, or round numbers.
 *
 * @param room about how many labels fit
 * @param categories the names on a category axis
 */
export function axisTicks(view: AxisView, room: number, categories: readonly string[] = []): PlacedTick[] {
  const { spec, kind } = view;
  const low = Math.min(...view.range);
  const high = Math.max(...view.range);
  const slack = 1e-6 * (high - low);
  const isInside = ({ place }: PlacedTick): boolean => place >= low - slack && place <= high + slack;
  if (kind === "category") return categories.map((text, place) => ({ place, text })).filter(isInside);
  if (spec.tickvals !== undefined && kind === (spec.type ?? "linear")) {
    return spec.tickvals
      .map((value, index) => ({
        place: unitOf(kind, value),
        text: spec.ticktext?.[index] ?? linearTickTexts([value])[0] ?? "",
      }))
      .filter(isInside);
  }
  const count = Math.max(2, Math.min(room, spec.nticks ?? room));
  if (kind === "log") {
    const ticks = logTicks(low, high, count);
    const isLinear = ticks.every(({ isLabelled }) => isLabelled) && high - low < 0.7;
    const texts = isLinear ? linearTickTexts(ticks.map(({ value }) => value)) : [];
    return ticks.map(({ value, isLabelled }, index) => ({
      place: Math.log10(value),
      text: isLabelled ? (texts[index] ?? logTickText(value)) : "",
    }));
  }
  const round = linearTicks(low, high, count);
  const whole = view.extent.isWhole && spec.tickformat === undefined ? round.filter(Number.isInteger) : round;
  const values = whole.length > 1 ? whole : round;
  const decimals = percentDecimals(spec.tickformat);
  const texts = decimals === undefined ? linearTickTexts(values) : percentTexts(values, decimals);
  return values.map((place, index) => ({ place, text: texts[index] ?? "" }));
}

/**
 * Which labels to show, so that none touches another: all, or every second, third and so on.
 *
 * @param ends the first and the last pixel of each label, in the order of drawing, from either side
 */
export function labelStride(ends: readonly (readonly [number, number])[], gap: number): number {
  for (let stride = 1; stride < ends.length; stride++) {
    const shown = ends.filter((_, index) => index % stride === 0);
    const isClear = shown.every(([from, to], index) => {
      const next = shown[index + 1];
      return next === undefined || next[0] >= to + gap || next[1] <= from - gap;
    });
    if (isClear) return stride;
  }
  return Math.max(1, ends.length);
}
