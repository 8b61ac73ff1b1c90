import type { Metrics } from "../core/events.js";
import { decodeNumber, type JsonNumber } from "../core/json.js";

/**
 * The source of a pattern for numbers as programs print them, also with commas between thousands (`1,234.5`), and
 * including `nan`, `inf` and `infinity` in any case. Of long runs of digits each is looked at once.
 */
export const NUMBER = String.raw`[+-]?(?:[1-9]\d{0,2}(?:,\d{3})+(?:\.\d*)?|(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|[nN][aA][nN]|[iI][nN][fF](?:[iI][nN][iI][tT][yY])?)`;

/** The same with a decimal comma, and points between thousands: `1.234,5`. */
const COMMA_NUMBER = NUMBER.replaceAll(/\\\.|,/g, (sign) => (sign === "," ? String.raw`\.` : ","));

const WHOLE_NUMBER = new RegExp(`^${NUMBER}$`);
const WHOLE_COMMA_NUMBER = new RegExp(`^${COMMA_NUMBER}$`);

/** The sign before a number's decimals. */
export type DecimalSign = "." | ",";

/** {@link NUMBER} with a decimal sign, and the other one between thousands. */
export const numberSource = (decimal: DecimalSign): string => (decimal === "," ? COMMA_NUMBER : NUMBER);

/** Reads a number as programs print it; undefined if the text is not a number. */
export function parseNumber(text: string, decimal: DecimalSign = "."): number | undefined {
  const trimmed = text.trim();
  if (!(decimal === "," ? WHOLE_COMMA_NUMBER : WHOLE_NUMBER).test(trimmed)) return undefined;
  if (/nan$/i.test(trimmed)) return Number.NaN;
  if (/inf(inity)?$/i.test(trimmed)) {
    return trimmed.startsWith("-") ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  }
  const plain = decimal === "," ? trimmed.replaceAll(".", "").replace(",", ".") : trimmed;
  return Number(plain.replaceAll(",", ""));
}

/** Turns null and the words for NaN and the infinities into numbers. */
export function decodeMetrics(metrics: Readonly<Record<string, JsonNumber | null>>): Metrics {
  return Object.fromEntries(
    Object.entries(metrics).map(([name, value]) => [name, decodeNumber(value ?? "NaN")]),
  );
}
