import type { Condition, Param, Params, ParamValue } from "../core/param.js";
import { distinctValues, placeOfValue } from "../core/param-value.js";
import { extentOf } from "./extent.js";

const isNumeric = (values: readonly ParamValue[]): values is readonly number[] =>
  values.every((value) => typeof value === "number");

/** A requirement that these values of a param meet and those do not; undefined if there is none. */
function separating(
  on: readonly ParamValue[],
  off: readonly ParamValue[],
  param: Param,
): Condition[string] | undefined {
  const values = distinctValues(on);
  if (param.kind === "float" || param.kind === "int") {
    if (!isNumeric(on) || !isNumeric(off)) return undefined;
    const { low: least, high: most } = extentOf(on);
    if (off.every((value) => value < least)) return { min: least };
    if (off.every((value) => value > most)) return { max: most };
    // Where a float is by chance says nothing.
    if (param.kind === "float" || off.some((value) => placeOfValue(values, value) >= 0)) return undefined;
    return values;
  }
  if (off.some((value) => placeOfValue(values, value) >= 0)) return undefined;
  return values;
}

/**
 * Why trials lack a param: the values that another param has in all trials that have it, and in none that lack it.
 * Undefined if there is no such param. Choices come first, since programs branch on those.
 *
 * @param trials the params of trials that were trained to some end, so that they have all that they would ever have
 */
export function foundCondition(
  name: string,
  params: ReadonlyMap<string, Param>,
  trials: readonly Params[],
): Condition | undefined {
  const having = trials.filter((each) => each[name] !== undefined);
  const lacking = trials.filter((each) => each[name] === undefined);
  const order = ["choice", "ordinal", "int", "float"];
  const others = [...params]
    .filter(([other, { kind }]) => other !== name && kind !== "fixed")
    .sort(([, a], [, b]) => order.indexOf(a.kind) - order.indexOf(b.kind));
  for (const [other, param] of others) {
    const on = having.flatMap((each) => (each[other] === undefined ? [] : [each[other]]));
    if (on.length < having.length || on.length === 0) continue;
    const off = lacking.flatMap((each) => (each[other] === undefined ? [] : [each[other]]));
    // Both may depend on a third one; that explains nothing.
    if (off.length === 0) continue;
    const requirement = separating(on, off, param);
    if (requirement !== undefined) return { [other]: requirement };
  }
  return undefined;
}
