import { lowerBound } from "../math/lower-bound.js";

/** Numbers kept in ascending order; infinities are allowed, NaN is not. */
export interface SortedNumbers {
  readonly size: number;
  add(value: number): void;
  /** How many are strictly smaller. */
  countBelow(value: number): number;
  /** The middle one, or the mean of the middle two; undefined if there are none. */
  median(): number | undefined;
}

/** Up to this many new numbers are inserted one by one; more are sorted in together. */
const FEW = 16;

/** An empty {@link SortedNumbers}. Adding takes constant time; the next query does the sorting. */
export function createSortedNumbers(): SortedNumbers {
  let sorted: number[] = [];
  let added: number[] = [];
  const settle = (): void => {
    if (added.length <= FEW) {
      for (const value of added) sorted.splice(lowerBound(sorted, value), 0, value);
    } else {
      // A typed array sorts by value without calling back for every pair.
      sorted = Array.from(Float64Array.from(sorted.concat(added)).sort());
    }
    added = [];
  };
  return {
    get size() {
      return sorted.length + added.length;
    },
    add: (value) => {
      added.push(value);
    },
    countBelow: (value) => {
      settle();
      return lowerBound(sorted, value);
    },
    median: () => {
      settle();
      const middle = sorted.length >> 1;
      const upper = sorted[middle];
      if (upper === undefined || sorted.length % 2 === 1) return upper;
      const lower = sorted[middle - 1] ?? upper;
      return lower === upper ? upper : lower + (upper - lower) / 2;
    },
  };
}
