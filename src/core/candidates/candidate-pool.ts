import type { Params } from "../param.js";
import { contains, quantilesOf, type SearchSpace } from "../search-space.js";
import { keyOf } from "./params-key.js";
import { createPermutation } from "./permutation.js";

/**
 * The only params that may be proposed, each once. `isTried` says whether those with a key (see `keyOf`) were tried.
 */
export interface CandidatePool {
  /** An untried candidate, in an order shuffled by the seed; undefined when all were tried. */
  next(isTried: (key: string) => boolean): Params | undefined;
  /** The untried candidate most similar to these params; undefined when all were tried. */
  nearest(params: Params, isTried: (key: string) => boolean): Params | undefined;
}

/**
 * Distances are Gower's (Gower, "A general coefficient of similarity and some of its properties", Biometrics 1971): the
 * sum over params of 1 for unequal choices or when only one of the two is on, else of the distance between their
 * quantiles. On ties, the first in the shuffled order is taken.
 */
export function createCandidatePool(
  space: SearchSpace,
  candidates: readonly Params[],
  seed: number,
): CandidatePool {
  const { at } = createPermutation(candidates.length, seed);
  const columns = Object.entries(space.params).filter(([, { kind }]) => kind !== "fixed");
  /** Each param's quantile; NaN if it is off. */
  const placesOf = (params: Params): Float64Array =>
    Float64Array.from(columns, ([name, param]) => {
      const value = params[name];
      if (value === undefined || !contains(param, value)) return Number.NaN;
      const [from, to] = quantilesOf(param, value);
      return (from + to) / 2;
    });
  const distance = (a: Float64Array, b: Float64Array): number =>
    columns.reduce((sum, [, { kind }], index) => {
      const gap = Math.abs((a[index] ?? Number.NaN) - (b[index] ?? Number.NaN));
      if (!Number.isNaN(gap)) return sum + (kind === "choice" ? Number(gap > 0) : gap);
      return sum + Number(Number.isNaN(a[index]) !== Number.isNaN(b[index]));
    }, 0);

  const pool = candidates.map((_, place) => {
    const params = candidates[at(place)] ?? {};
    return { params, key: keyOf(params), places: placesOf(params) };
  });
  return {
    next: (isTried) => pool.find(({ key }) => !isTried(key))?.params,
    nearest: (params, isTried) => {
      const wanted = placesOf(params);
      let best: Params | undefined;
      let least = Number.POSITIVE_INFINITY;
      for (const { params: candidate, key, places } of pool) {
        if (isTried(key)) continue;
        const away = distance(places, wanted);
        if (away >= least) continue;
        least = away;
        best = candidate;
      }
      return best;
    },
  };
}
