import type { Params } from "../param.js";
import { valueKey } from "../param-value.js";

/** A text that is the same for equal params, whatever the object and the order of its keys. */
export function keyOf(params: Params): string {
  return valueKey(Object.entries(params).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
