/** A value that JSON can hold. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** Whether a value is a mapping. */
export const isMapping = (value: Json | undefined): value is { readonly [key: string]: Json } =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A number as JSON can hold it: NaN and the infinities are legal metrics, and are written as words. */
export type JsonNumber = number | "NaN" | "Infinity" | "-Infinity";

/** Writes a metric for JSON. */
export function encodeNumber(value: number): JsonNumber {
  if (Number.isFinite(value)) return value;
  if (Number.isNaN(value)) return "NaN";
  return value > 0 ? "Infinity" : "-Infinity";
}

/** Reads what {@link encodeNumber} wrote. */
export function decodeNumber(value: JsonNumber): number {
  return typeof value === "number" ? value : Number(value);
}

/**
 * Whether a name in JSON is `__proto__`, at any depth. Objects built from it would lack that name without a word, so it
 * is refused where JSON comes from outside.
 */
export function namesPrototype(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Object.hasOwn(value, "__proto__") || Object.values(value).some(namesPrototype);
}
