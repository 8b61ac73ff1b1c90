import { CurvewiseError } from "./errors.js";
import { namesPrototype } from "./json.js";

/** What a hyperparameter can be set to: whatever JSON can hold. Numbers are finite. */
export type ParamValue =
  | string
  | number
  | boolean
  | null
  | readonly ParamValue[]
  | { readonly [key: string]: ParamValue };

type Parts = readonly ParamValue[] | { readonly [key: string]: ParamValue };

const hasParts = (value: ParamValue | undefined): value is Parts =>
  typeof value === "object" && value !== null;

const isList = (value: Parts): value is readonly ParamValue[] => Array.isArray(value);

/** The same value with every mapping's keys in one order. */
function ordered(value: ParamValue): ParamValue {
  if (!hasParts(value)) return value;
  if (isList(value)) return value.map(ordered);
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, part]) => [key, ordered(part)]));
}

/** A text that is the same for equal values, whatever the order of a mapping's keys, and differs for all others. */
export const valueKey = (value: ParamValue): string => JSON.stringify(ordered(value));

/**
 * Whether two values of params are equal: lists by their entries, mappings by their keys whatever their order. A param
 * that is off (undefined) equals only one that is off too.
 */
export function sameValue(a: ParamValue | undefined, b: ParamValue | undefined): boolean {
  if (a === b) return true;
  if (!hasParts(a) || !hasParts(b)) return false;
  if (isList(a) || isList(b)) {
    if (!isList(a) || !isList(b) || a.length !== b.length) return false;
    return a.every((part, index) => sameValue(part, b[index]));
  }
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && sameValue(a[key], b[key]))
  );
}

/** The place of a value in a list, or -1; see {@link sameValue}. */
export function placeOfValue(values: readonly ParamValue[], value: ParamValue | undefined): number {
  if (value === undefined) return -1;
  if (!hasParts(value)) return values.indexOf(value);
  return values.findIndex((each) => sameValue(each, value));
}

/** The values without repetitions, in the order of their first places. */
export function distinctValues(values: readonly ParamValue[]): ParamValue[] {
  const byKey = new Map<string, ParamValue>();
  for (const value of values) {
    const key = valueKey(value);
    if (!byKey.has(key)) byKey.set(key, value);
  }
  return [...byKey.values()];
}

/** A value as the text that programs, tables and messages show: a string as it is, anything else as JSON. */
export const textOfValue = (value: ParamValue): string =>
  typeof value === "string" ? value : JSON.stringify(value);

/**
 * A copy of a value that nothing can change, so that a training that changes its own params leaves the space as it is.
 *
 * @param where what has the value, for the message: `choice`
 * @throws CurvewiseError `SPACE_INVALID` when it is not what JSON can hold
 */
export function frozenValue<const Value extends ParamValue>(value: Value, where: string): Value;
export function frozenValue(value: unknown, where: string): unknown {
  if (namesPrototype(value)) {
    throw new CurvewiseError("SPACE_INVALID", `${where}: a value names __proto__`, {
      hint: "Use another key.",
    });
  }
  return frozen(value, where);
}

function frozen(value: unknown, where: string): unknown {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      if (Number.isFinite(value)) return value;
      throw new CurvewiseError("SPACE_INVALID", `${where}: ${value} is not a finite number`, {
        hint: "List finite numbers only.",
      });
    case "object": {
      if (value === null) return value;
      if (Array.isArray(value)) return Object.freeze(value.map((part) => frozen(part, where)));
      const prototype: unknown = Object.getPrototypeOf(value);
      if (prototype === null || Object.getPrototypeOf(prototype) === null) {
        const entries = Object.entries(value).map(([key, part]) => [key, frozen(part, where)] as const);
        return Object.freeze(Object.fromEntries(entries));
      }
      break;
    }
    default:
  }
  throw new CurvewiseError("SPACE_INVALID", `${where}: ${nameOf(value)} cannot be a value`, {
    hint: "Use numbers, strings, true, false, null, and lists and mappings of these.",
  });
}

const nameOf = (value: unknown): string =>
  typeof value === "object" && value !== null ? `a ${value.constructor.name}` : String(value);
