import type { Param, ParamValue } from "../core/param.js";
import { placeOfValue } from "../core/param-value.js";

/** Of the values of a number, the smallest and the largest tenth are left out. */
const LEFT_OUT = 0.1;

/** Which values of a param the best trials have. */
export type BestValues =
  | { readonly kind: "range"; readonly low: number; readonly high: number }
  | {
      readonly kind: "value";
      /** The most frequent one. */
      readonly value: ParamValue;
      /** Its share of the trials that have the param. */
      readonly share: number;
    };

/**
 * Which values of a param the best trials have: of numbers the range that most of them lie in, of listed values the
 * most frequent one (of equals the first in the list).
 *
 * @param values those of the best trials that have the param
 * @returns undefined if there are none
 */
export function bestValues(param: Param, values: readonly ParamValue[]): BestValues | undefined {
  if (values.length === 0) return undefined;
  if (param.kind === "float" || param.kind === "int") {
    const sorted = values.map(Number).toSorted((a, b) => a - b);
    const left = Math.floor(LEFT_OUT * sorted.length);
    return {
      kind: "range",
      low: sorted[left] ?? Number.NaN,
      high: sorted[sorted.length - 1 - left] ?? Number.NaN,
    };
  }
  const options = param.kind === "fixed" ? [param.value] : param.options;
  const counts = options.map(() => 0);
  for (const value of values) {
    const place = placeOfValue(options, value);
    if (place >= 0) counts[place] = (counts[place] ?? 0) + 1;
  }
  const most = Math.max(...counts);
  const value = options[counts.indexOf(most)];
  return value === undefined ? undefined : { kind: "value", value, share: most / values.length };
}
