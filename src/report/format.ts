import type { ParamValue } from "../core/param.js";
import { textOfValue } from "../core/param-value.js";

/** A value for people: at most six significant digits. */
export function formatValue(value: number): string {
  return String(Number(value.toPrecision(6)));
}

/** A param's value for people. */
export const paramText = (value: ParamValue): string =>
  typeof value === "number" ? formatValue(value) : textOfValue(value);

/** A count in groups of three digits, with thin spaces between: `12 345`. */
export function formatCount(count: number): string {
  return count.toLocaleString("en-US").replaceAll(",", "\u2009");
}

/** A share as a percentage: `61 %`. */
export function formatShare(share: number): string {
  const percent = 100 * share;
  return `${percent > 0 && percent < 1 ? percent.toFixed(1) : Math.round(percent)} %`;
}

/** Seconds for people: `0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`. */
export function formatDuration(seconds: number): string {
  if (seconds < 10) return `${Number(seconds.toFixed(1))} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 1440) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  const hours = Math.round(seconds / 3600);
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** The same for short times and for those that are less than nothing: `0.05 s`, `-3 min 20 s`. */
export function formatSeconds(seconds: number): string {
  const size = Math.abs(seconds);
  const text = size < 1 ? `${Number(size.toPrecision(2))} s` : formatDuration(size);
  return seconds < 0 ? `-${text}` : text;
}

/** A time in UTC: `2025-11-24 15:34 UTC`. */
export function formatMoment(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
