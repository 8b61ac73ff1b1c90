import type { OutputStream } from "../../core/metric-reading.js";
import type { MetricReader } from "../findings.js";
import { NUMBER, parseNumber } from "../metric-values.js";

/** What the reader of a format may need to know. */
export interface FormatOptions {
  /** The step from which the training goes on, as the study counts it: for formats that count by themselves. */
  readonly after: number;
  /** The part of an epoch that is a step, where the tool prints parts. */
  readonly every: number | undefined;
}

/** A ready-made way to read what a tool prints. */
export interface Format {
  /** The streams that the tool writes to. */
  readonly from: OutputStream;
  /** What the tool calls its first step; absent: what the study says. The reader gives steps as the tool prints them. */
  readonly firstStep?: 0 | 1;
  create(options: FormatOptions): MetricReader;
}

/** What may be before a word at which something begins: logging libraries and MPI put times and ranks there. */
export const BEFORE = String.raw`(?:^|[\s:\]>|])`;

/** The number that is the whole text; undefined if it is anything else. */
export const numberIn = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : parseNumber(text);

/** Every `name: number` or `name=number` of a text, in order; names are single words that begin with a letter. */
export function wordPairs(text: string): (readonly [name: string, value: number | undefined])[] {
  const pattern = new RegExp(
    String.raw`(?<![\w.\-/@])([A-Za-z_][\w./@\-]*)\s*[=:]\s*(${NUMBER})(?![\w.:/]|,\d)`,
    "g",
  );
  return [...text.matchAll(pattern)].map(([, name = "", value]) => [name, numberIn(value)]);
}
