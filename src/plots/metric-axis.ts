import type { Direction } from "../core/goal.js";
import type { Axis } from "./figure.js";
import { plotText } from "./trial-text.js";

/** The ratio of the largest to the smallest value above which a log axis shows more than a linear one. */
const LOG_RATIO = 30;
/** How far the bad end may stretch, in widths of the middle nine tenths, before the axis leaves it out. */
const OUTLIER_WIDTHS = 4;

/** Whether a log axis suits these values: all positive, and differing by large factors. Only finite ones count. */
export function suitsLog(values: Iterable<number>): boolean {
  let least = Number.POSITIVE_INFINITY;
  let greatest = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    if (value <= 0) return false;
    least = Math.min(least, value);
    greatest = Math.max(greatest, value);
  }
  return greatest > 0 && greatest / least >= LOG_RATIO;
}

/** The value below which this share of sorted values lies; 0 for none. */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  if (sorted.length === 0) return 0;
  const place = share * (sorted.length - 1);
  const low = sorted[Math.floor(place)] ?? 0;
  const high = sorted[Math.ceil(place)] ?? low;
  return low + (high - low) * (place - Math.floor(place));
}

/** How wide a logarithmic axis is between two labels, in powers of ten, so that 1, 2 and 5 are labelled and no others. */
const LABEL_DISTANCE = 0.31;

/**
 * A logarithmic axis. Plotly may choose its labels, but not so many that those of 6, 7, 8 and 9 run into each other.
 *
 * @param decades how many powers of ten it spans
 */
export function logAxis(decades: number): Pick<Axis, "type" | "nticks"> {
  return { type: "log", nticks: Math.min(8, Math.max(3, Math.floor(decades / LABEL_DISTANCE))) };
}

/**
 * The axis of a metric: logarithmic if that suits, and cut at the bad end if a few diverging values would flatten all
 * others. Zooming out shows what was cut.
 *
 * @param direction which way the metric is better; if undefined, nothing is cut
 * @param fitted whether the axis ends where these values end, whatever else is drawn
 */
export function metricAxis(
  metric: string,
  values: readonly number[],
  direction: Direction | undefined,
  fitted = false,
): Axis {
  const title = { text: plotText(metric) };
  const log = suitsLog(values);
  const scaled = Float64Array.from(values.filter(Number.isFinite), (value) =>
    log ? Math.log10(value) : value,
  ).sort();
  const decades = (scaled.at(-1) ?? 0) - (scaled[0] ?? 0);
  const axis: Axis = { title, ...(log ? logAxis(decades) : { type: "linear" }) };
  if (scaled.length < 2 || direction === undefined) return axis;
  const least = scaled[0] ?? 0;
  const greatest = scaled.at(-1) ?? 0;
  const low = quantile(scaled, 0.05);
  const high = quantile(scaled, 0.95);
  const reach = OUTLIER_WIDTHS * (high - low);
  const bottom = direction === "maximize" ? Math.max(least, low - reach) : least;
  const top = direction === "minimize" ? Math.min(greatest, high + reach) : greatest;
  const cut = bottom > least || top < greatest;
  if (!(cut || fitted) || reach === 0) return axis;
  const margin = 0.05 * (top - bottom);
  const range: Axis["range"] = [bottom - margin, top + margin];
  return { ...axis, ...(log ? logAxis(range[1] - range[0]) : {}), range };
}
