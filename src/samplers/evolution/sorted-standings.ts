import type { Standing } from "./standing.js";

/** Trials' standings, kept in order as they change. */
export interface SortedStandings {
  readonly size: number;
  /** Sets a trial's standing; undefined removes it. */
  set(trial: number, standing: Standing | undefined): void;
  /** The standing at a place, from 0. */
  at(place: number): Standing | undefined;
}

/** @param compare a total order */
export function createSortedStandings(compare: (a: Standing, b: Standing) => number): SortedStandings {
  const sorted: Standing[] = [];
  const current: (Standing | undefined)[] = [];
  const placeOf = (standing: Standing): number => {
    let low = 0;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const there = sorted[middle];
      if (there !== undefined && compare(there, standing) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return {
    get size() {
      return sorted.length;
    },
    set: (trial, standing) => {
      const before = current[trial];
      if (before !== undefined) sorted.splice(placeOf(before), 1);
      if (standing !== undefined) sorted.splice(placeOf(standing), 0, standing);
      current[trial] = standing;
    },
    at: (place) => sorted[place],
  };
}
