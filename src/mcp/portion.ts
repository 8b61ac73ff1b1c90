import { CurvewiseError } from "../core/errors.js";
import type { Json } from "../core/json.js";

/** An answer's data. */
export type Data = { readonly [key: string]: Json };

/** How much of each list an answer takes. It notes what it leaves out. */
export interface Portion {
  /**
   * The first entries of a list.
   *
   * @param what the entries, in the plural: `trials`
   * @param rest how to get at the others, as a sentence without its full stop
   */
  first<Item>(items: readonly Item[], what: string, rest: string): readonly Item[];
  /** The last entries of a list. */
  last<Item>(items: readonly Item[], what: string, rest: string): readonly Item[];
}

/** The most bytes of an answer's JSON, which is sent twice: as structured content and as text. */
export const MOST_BYTES = 20_000;

/** How many entries of each list are tried at first. */
const MOST_ENTRIES = 1000;
const SHRINK = 0.75;

const encoder = new TextEncoder();

function portioned(entries: number, build: (portion: Portion) => Data): Data {
  const omitted: string[] = [];
  const note = (all: number, taken: number, place: string, what: string, rest: string): void => {
    if (taken < all) omitted.push(`Only the ${place} ${taken} of ${all} ${what} are here. ${rest}.`);
  };
  const data = build({
    first: (items, what, rest) => {
      note(items.length, entries, "first", what, rest);
      return items.slice(0, entries);
    },
    last: (items, what, rest) => {
      note(items.length, entries, "last", what, rest);
      return items.slice(-entries);
    },
  });
  return omitted.length === 0 ? data : { ...data, omitted };
}

/**
 * The largest answer that is not too large: all lists are cut at the same length. `omitted` says what was left out.
 *
 * @throws CurvewiseError `ANSWER_TOO_LARGE` if it is too large with one entry of each list
 */
export function bounded(build: (portion: Portion) => Data): Data {
  for (let entries = MOST_ENTRIES; entries >= 1; entries = Math.floor(entries * SHRINK)) {
    const data = portioned(entries, build);
    if (encoder.encode(JSON.stringify(data)).length <= MOST_BYTES) return data;
  }
  throw new CurvewiseError("ANSWER_TOO_LARGE", "the answer is too large for an assistant", {
    hint: "Ask for fewer columns or trials, or look at it with `curvewise` in a terminal.",
    kind: "failure",
  });
}
