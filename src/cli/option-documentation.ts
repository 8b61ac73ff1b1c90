import type { Json } from "../core/json.js";

/** One option of a sampler or a scheduler, as its documentation shows it. */
export interface OptionRow {
  readonly name: string;
  /** The values that it may have. */
  readonly type: string;
  /** Its default; empty if it has none. */
  readonly fallback: string;
  readonly meaning: string;
  /** An example value. */
  readonly example: string;
}

type Schema = { readonly [key: string]: Json };

const isSchema = (value: Json | undefined): value is Schema =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isList = (value: Json | undefined): value is readonly Json[] => Array.isArray(value);

function rangeText(schema: Schema): string {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema;
  const isLimit = (limit: Json | undefined): limit is number =>
    typeof limit === "number" && Math.abs(limit) < Number.MAX_SAFE_INTEGER;
  const low = isLimit(exclusiveMinimum)
    ? `above ${exclusiveMinimum}`
    : isLimit(minimum)
      ? `from ${minimum}`
      : "";
  const high = isLimit(exclusiveMaximum)
    ? `below ${exclusiveMaximum}`
    : isLimit(maximum)
      ? `up to ${maximum}`
      : "";
  return [low, high].filter((part) => part !== "").join(" ");
}

/** What a JSON Schema allows, in a few words. */
export function typeText(schema: Json | undefined): string {
  if (!isSchema(schema)) return "anything";
  const { const: only, enum: listed, anyOf, oneOf, type, items } = schema;
  if (only !== undefined) return JSON.stringify(only);
  if (isList(listed))
    return listed.map((each) => (typeof each === "string" ? each : JSON.stringify(each))).join(" | ");
  const alternatives = isList(anyOf) ? anyOf : isList(oneOf) ? oneOf : undefined;
  if (alternatives !== undefined) return [...new Set(alternatives.map(typeText))].join(" | ");
  if (isList(type)) return type.map((each) => typeText({ type: each })).join(" | ");
  switch (type) {
    case "integer":
      return ["whole number", rangeText(schema)].filter((part) => part !== "").join(" ");
    case "number":
      return ["number", rangeText(schema)].filter((part) => part !== "").join(" ");
    case "string":
      return "text";
    case "boolean":
      return "true | false";
    case "array":
      return items === undefined ? "list" : `list of ${typeText(items)}`;
    case "object":
      return "mapping";
    default:
      return "anything";
  }
}

function exampleOf(schema: Schema): string {
  const { default: fallback, enum: listed } = schema;
  if (fallback !== undefined) return JSON.stringify(fallback);
  if (isList(listed))
    return listed.map((each) => (typeof each === "string" ? each : JSON.stringify(each)))[0] ?? "...";
  return "...";
}

/** The options that a JSON Schema describes, in order. */
export function optionRows(schema: Json): OptionRow[] {
  const properties = isSchema(schema) ? schema["properties"] : undefined;
  if (!isSchema(properties)) return [];
  return Object.entries(properties).map(([name, option]) => {
    const each: Schema = isSchema(option) ? option : {};
    const { default: fallback, description } = each;
    return {
      name,
      type: typeText(each),
      fallback: fallback === undefined ? "" : JSON.stringify(fallback),
      meaning: typeof description === "string" ? description : "",
      example: exampleOf(each),
    };
  });
}
