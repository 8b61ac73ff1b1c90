/** A nearby curve of the library. */
export interface Match {
  /** Its row in the library. */
  readonly row: number;
  readonly trial: number;
  /** Euclidean, over the points that both curves have. */
  readonly distance: number;
}

/** Collects the nearest of many curves, nearest first, ties by trial number. */
export interface Nearest {
  readonly matches: readonly Match[];
  /**
   * Adds a curve if it is near enough. Returns the squared distance above which curves need not be offered any more.
   */
  offer(row: number, squared: number): number;
}

const isNearer = (a: Match, b: Match): boolean =>
  a.distance < b.distance || (a.distance === b.distance && a.trial < b.trial);

/** Every finite squared distance is at most this. */
export const ANY_DISTANCE = Number.MAX_VALUE;

/**
 * Squared distances that differ in their last bits may have the same root, and then the trial's number decides: this
 * far above a squared distance (relatively, and absolutely for the smallest ones) the roots are certain to differ.
 */
const SLACK = 1 + 16 * Number.EPSILON;
const LEAST_SLACK = 16 * Number.MIN_VALUE;

/**
 * @param trials by row: the trial's number
 * @param count how many to collect
 */
export function createNearest(trials: readonly number[], count: number): Nearest {
  const matches: Match[] = [];
  let limit = ANY_DISTANCE;
  return {
    matches,
    offer: (row, squared) => {
      const match = { row, trial: trials[row] ?? -1, distance: Math.sqrt(squared) };
      const last = matches.at(-1);
      if (matches.length === count && last !== undefined && !isNearer(match, last)) return limit;
      let place = matches.length;
      while (place > 0 && isNearer(match, matches[place - 1] ?? match)) place -= 1;
      matches.splice(place, 0, match);
      if (matches.length > count) matches.pop();
      const farthest = matches.at(-1)?.distance ?? 0;
      if (matches.length === count) limit = Math.min(limit, farthest * farthest * SLACK + LEAST_SLACK);
      return limit;
    },
  };
}
