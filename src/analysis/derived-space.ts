import { choice, fixed, float, int, type Param, type Params, type ParamValue } from "../core/param.js";
import { distinctValues } from "../core/param-value.js";
import { createSearchSpace, type SearchSpace } from "../core/search-space.js";

/** A positive param whose values span this factor is assumed to be logarithmic. */
const LOGARITHMIC_SPAN = 100;

function paramOf(values: readonly ParamValue[]): Param {
  const distinct = distinctValues(values);
  const [only] = distinct;
  if (only !== undefined && distinct.length === 1) return fixed(only);
  const numbers = distinct.filter((value) => typeof value === "number");
  if (numbers.length < distinct.length) return choice(distinct);
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of numbers) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const log = low > 0 && high / low >= LOGARITHMIC_SPAN;
  return numbers.every(Number.isSafeInteger) ? int(low, high, { log }) : float(low, high, { log });
}

/**
 * The search space that configurations appear to be drawn from: numbers become `int` if all are whole, else `float`,
 * from the lowest to the highest, logarithmic if they are positive and span a factor of 100 or more; anything else
 * becomes a `choice`; what never varies is `fixed`. A param that only some configurations have is derived from those.
 */
export function deriveSpace(configurations: readonly Params[]): SearchSpace {
  const values = new Map<string, ParamValue[]>();
  for (const params of configurations) {
    for (const [name, value] of Object.entries(params)) {
      const column = values.get(name);
      if (column === undefined) values.set(name, [value]);
      else column.push(value);
    }
  }
  return createSearchSpace(Object.fromEntries([...values].map(([name, column]) => [name, paramOf(column)])));
}
