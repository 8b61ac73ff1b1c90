import type { Param } from "../core/param.js";
import { type ParamValue, textOfValue } from "../core/param-value.js";

/** How a placeholder writes its value, as in `{lr:.6g}`. */
export interface ValueFormat {
  /** What it writes, as messages say: `is a number`. */
  readonly wants: string;
  /** Whether it can write this value. */
  accepts(value: ParamValue): boolean;
  /**
   * @param name the placeholder's
   * @returns undefined if an argument that holds it is left out
   */
  write(value: ParamValue, name: string): string | undefined;
}

/** How formats are written, for messages. */
export const FORMATS = "d, 05d, .6g, .3f, .2e, int, float, flag, json and python";

const NUMBER = /^(?:0(?<width>[1-9]\d?))?(?:\.(?<digits>\d{1,2}))?(?<type>[defg])$/;
/** What C and Python take where the digits are not given. */
const USUAL_DIGITS = 6;

/** An exponent of at least two digits. */
const withExponent = (text: string): string => text.replace(/e([+-])(\d)$/, "e$10$2");

const withoutZeros = (text: string): string =>
  text.replace(/(\.\d*?)0+(?=e|$)/, "$1").replace(/\.(?=e|$)/, "");

/** As C's `%g`: so many significant digits, with an exponent for large and small numbers. */
function general(value: number, digits: number): string {
  const significant = Math.max(1, digits);
  const scientific = value.toExponential(significant - 1);
  const exponent = Number(scientific.slice(scientific.indexOf("e") + 1));
  const isPlain = exponent >= -4 && exponent < significant;
  return withoutZeros(isPlain ? value.toFixed(significant - 1 - exponent) : withExponent(scientific));
}

function numberText(value: number, type: string, digits: number): string {
  if (type === "d") return BigInt(value).toString();
  if (type === "f") return value.toFixed(digits);
  return type === "e" ? withExponent(value.toExponential(digits)) : general(value, digits);
}

/** With zeros behind the sign up to a width. */
function padded(text: string, width: number): string {
  const sign = text.startsWith("-") ? "-" : "";
  return sign + text.slice(sign.length).padStart(width - sign.length, "0");
}

/** A literal of Python. */
function pythonText(value: ParamValue): string {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(pythonText).join(", ")}]`;
  const entries = Object.entries(value).map(([key, part]) => `${JSON.stringify(key)}: ${pythonText(part)}`);
  return `{${entries.join(", ")}}`;
}

const isNumber = (value: ParamValue): value is number => typeof value === "number";
const isWhole = (value: ParamValue): value is number => isNumber(value) && Number.isSafeInteger(value);

/** A format for values of one type. */
function formatOf<Value extends ParamValue>(
  wants: string,
  accepts: (value: ParamValue) => value is Value,
  write: (value: Value, name: string) => string | undefined,
): ValueFormat {
  return {
    wants,
    accepts,
    write: (value, name) => (accepts(value) ? write(value, name) : textOfValue(value)),
  };
}

const isAnything = (value: ParamValue): value is ParamValue => value !== undefined;

const NAMED = new Map<string, ValueFormat>([
  [
    "float",
    formatOf("is a number", isNumber, (value) => (isWhole(value) ? value.toFixed(1) : String(value))),
  ],
  ["int", formatOf("is a number", isNumber, (value) => BigInt(Math.round(value)).toString())],
  [
    "flag",
    formatOf(
      "is true or false",
      (value) => typeof value === "boolean",
      (value, name) => (value ? `--${name}` : undefined),
    ),
  ],
  ["json", formatOf("is anything", isAnything, (value) => JSON.stringify(value))],
  ["python", formatOf("is anything", isAnything, pythonText)],
]);

/**
 * Reads a format: as in Python `d`, `e`, `f` and `g`, with a number of digits (`.6g`) and zeros up to a width (`05d`);
 * `float` (always with a point or an exponent), `int` (rounded), `flag` (`--name` if true, otherwise nothing), `json`,
 * `python` (a literal).
 *
 * @returns undefined if there is no such format
 */
export function parseFormat(text: string): ValueFormat | undefined {
  const named = NAMED.get(text);
  if (named !== undefined) return named;
  const groups = NUMBER.exec(text)?.groups;
  if (groups === undefined) return undefined;
  const { width, digits, type = "g" } = groups;
  if (type === "d" && digits !== undefined) return undefined;
  const write = (value: number): string =>
    padded(numberText(value, type, Number(digits ?? USUAL_DIGITS)), Number(width ?? 0));
  return type === "d"
    ? formatOf("is a whole number", isWhole, write)
    : formatOf("is a number", isNumber, write);
}

/** Whether a format can write every value of a param. */
export function fits(format: ValueFormat, param: Param): boolean {
  if (param.kind === "float") return format.accepts(0.5);
  if (param.kind === "int") return format.accepts(1);
  const values = param.kind === "fixed" ? [param.value] : param.options;
  return values.every((value) => format.accepts(value));
}
