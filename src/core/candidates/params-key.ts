import type { Params } from "../param.js";

/** A text that is the same for equal params, whatever object holds them and in whatever order. */
export function keyOf(params: Params): string {
  return JSON.stringify(Object.entries(params).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
