import JSON5 from "json5";
import { z } from "zod";
import { type Json, namesPrototype } from "../core/json.js";

function parsedText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!/NaN|Infinity/.test(text)) throw error;
    // It reads more than Python writes, but nothing that Python writes differently.
    return JSON5.parse(text);
  }
}

/**
 * Reads what Python's `json` wrote.
 *
 * @throws SyntaxError when it is neither JSON nor JSON with such numbers, or has the name `__proto__`, which would vanish
 */
export function parsePythonJson(text: string): unknown {
  const value = parsedText(text);
  if (namesPrototype(value)) throw new SyntaxError("the name __proto__ cannot be used here");
  return value;
}

/** Whether a text is whole: {@link parsePythonJson} reads it. */
export function isPythonJson(text: string): boolean {
  try {
    parsePythonJson(text);
    return true;
  } catch {
    return false;
  }
}

/** Writes as Python's `json` does, so that numbers that are not finite survive. */
export function pythonJson(value: unknown): string {
  if (typeof value === "number" && !Number.isFinite(value)) {
    return Number.isNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
  }
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).map(([key, part]) => `${JSON.stringify(key)}:${pythonJson(part)}`);
    return `{${entries.join(",")}}`;
  }
  return JSON.stringify(value) ?? "null";
}

/** Whatever JSON can hold; numbers that it cannot hold become words, as everywhere in the log. */
export const jsonValue: z.ZodType<Json> = z.lazy(() =>
  z.union([
    z.string(),
    z.number(),
    z.nan().transform(() => "NaN"),
    z.literal(Number.POSITIVE_INFINITY).transform(() => "Infinity"),
    z.literal(Number.NEGATIVE_INFINITY).transform(() => "-Infinity"),
    z.boolean(),
    z.null(),
    z.array(jsonValue),
    z.record(z.string(), jsonValue),
  ]),
);

/** Any number, finite or not. */
export const anyNumber = z.custom<number>((value) => typeof value === "number", "must be a number");
