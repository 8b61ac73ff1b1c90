import type { Param, ParamValue } from "../core/param.js";
import { placeOfValue } from "../core/param-value.js";
import { quantile, suitsLog } from "./metric-axis.js";
import { shortNumber, shortValue } from "./trial-text.js";

/** Maps values to places on a linear axis, with ticks that name the values as plain text. */
export interface Scale {
  readonly place: (value: ParamValue) => number;
  readonly low: number;
  readonly high: number;
  readonly ticks: readonly { readonly place: number; readonly text: string }[];
}

/** How many letters fit above an axis, and beside one. */
const LABEL_LENGTH = 18;
const TICK_LENGTH = 14;
/** More ticks would run into each other, even where the plot is as low as on a phone. */
const MAX_TICKS = 12;

/** Text cut to fit above an axis. */
export function clipped(text: string, length = LABEL_LENGTH): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

/** The name of a tick, short even for the powers of ten that only an exponent can tell apart. */
function tickText(value: number): string {
  const size = Math.abs(value);
  const isPlain = size === 0 || (size >= 1e-4 && size < 1e6);
  return isPlain ? shortNumber(value) : Number(value.toPrecision(5)).toExponential().replace("e+", "e");
}

/** Every so many entries that no more than {@link MAX_TICKS} are left, with the first one among them. */
function thinned<Entry>(entries: readonly Entry[]): readonly Entry[] {
  const stride = Math.ceil(entries.length / MAX_TICKS);
  return entries.filter((_, index) => index % stride === 0);
}

function numberScale(low: number, high: number, log: boolean, whole: boolean): Scale {
  const place = (value: ParamValue): number =>
    typeof value !== "number" ? Number.NaN : log ? Math.log10(value) : value;
  const inside = log ? logTicks(low, high) : linearTicks(low, high, whole);
  const bounds = high > low ? [place(low), place(high)] : [place(low) - 0.5, place(low) + 0.5];
  return {
    place,
    low: bounds[0] ?? 0,
    high: bounds[1] ?? 1,
    ticks: inside.map((value) => ({ place: place(value), text: tickText(value) })),
  };
}

/**
 * Powers of ten in the range, evenly spaced; with 2 and 5 times them if there are few; the ends if there are none.
 */
function logTicks(low: number, high: number): number[] {
  const ticksOf = (factors: readonly number[]): number[] => {
    const ticks: number[] = [];
    for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
      for (const factor of factors) {
        const tick = Number(`${factor}e${power}`);
        if (tick >= low * (1 - 1e-9) && tick <= high * (1 + 1e-9)) ticks.push(tick);
      }
    }
    return ticks;
  };
  const decades = ticksOf([1]);
  if (decades.length > 2) return [...thinned(decades)];
  const finer = ticksOf([1, 2, 5]);
  return finer.length > 1 ? finer : [...new Set([low, high])];
}

function linearTicks(low: number, high: number, whole: boolean): number[] {
  if (!(high > low)) return [low];
  const rough = (high - low) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const nice = [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= rough) ?? rough;
  const step = whole ? Math.max(1, Math.round(nice)) : nice;
  const ticks: number[] = [];
  for (let index = Math.ceil(low / step - 1e-9); index * step <= high + step * 1e-9; index++) {
    ticks.push(Number((index * step).toPrecision(12)));
  }
  return ticks;
}

/** A param's scale over its whole range: logarithmic if the param is, by name if it has options. */
export function paramScale(param: Param): Scale {
  if (param.kind === "float" || param.kind === "int") {
    return numberScale(param.low, param.high, param.log, param.kind === "int");
  }
  const options: readonly ParamValue[] = param.kind === "fixed" ? [param.value] : param.options;
  return {
    place: (value) => placeOfValue(options, value),
    low: -0.25,
    high: options.length - 0.75,
    ticks: thinned(
      options.map((option, index) => ({ place: index, text: clipped(shortValue(option), TICK_LENGTH) })),
    ),
  };
}

/** The scale of measured numbers, over the finite ones: logarithmic if that suits. */
export function valueScale(values: readonly number[]): Scale {
  const sorted = Float64Array.from(values.filter(Number.isFinite)).sort();
  return numberScale(sorted[0] ?? 0, sorted.at(-1) ?? 1, suitsLog(sorted), false);
}

/** The middle nine tenths of places, so that a few outliers cannot wash out the colours. */
export function colourBounds(places: readonly number[]): readonly [number, number] {
  const sorted = Float64Array.from(places).sort();
  const low = quantile(sorted, 0.05);
  const high = quantile(sorted, 0.95);
  return high > low ? [low, high] : [low - 0.5, low + 0.5];
}
