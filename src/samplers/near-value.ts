import type { Param, ParamValue } from "../core/param.js";
import { countValues, quantilesOf, valueAt } from "../core/search-space.js";
import type { Random } from "../math/random.js";

/** Reflects a number at 0 and 1 into [0, 1). */
function reflected(value: number): number {
  const folded = Math.abs(value) % 2;
  return Math.min(folded > 1 ? 2 - folded : folded, 1 - Number.EPSILON);
}

/**
 * A value near another one: a number, or a place in an order, is moved by a normal deviate on the param's own
 * (logarithmic) scale and reflected at its ends; a choice, whose values have no order, is drawn at random. It may be
 * the same value again.
 *
 * @param spread the deviate's standard deviation as a share of the range; at least the distance between two neighbours
 */
export function nearValue(param: Param, value: ParamValue, spread: number, random: Random): ParamValue {
  if (param.kind === "fixed") return value;
  if (param.kind === "choice") return valueAt(param, random.uniform());
  const [from, to] = quantilesOf(param, value);
  const deviation = Math.max(spread, 1 / Math.min(countValues(param), 1e6));
  return valueAt(param, reflected((from + to) / 2 + deviation * random.normal()));
}
