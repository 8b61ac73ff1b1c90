import { createWalk } from "../../core/draw/walk-params.js";
import type { Params, ParamValue } from "../../core/param.js";
import { inUserOrder, isAllowed, type SearchSpace } from "../../core/search-space.js";
import type { Random } from "../../math/random.js";
import { nearValue } from "../near-value.js";

/** Params with how much they promise. */
export interface Place {
  readonly params: Params;
  readonly promise: number;
}

/** How far a number moves, as a share of its range: far steps and near ones in turn. */
const SPREADS = [0.2, 0.05];
const ROUNDS = 20;
/** How many neighbours are looked at in a round: some for each param, but not more. */
const PER_PARAM = 4;
const MOST = 48;
/** How many rounds may pass without a better neighbour: one for each spread. */
const PATIENCE = SPREADS.length;
const LEAST_GAIN = 1e-9;

/**
 * Climbs to params that promise more, by the best of some neighbours that differ in one param, until no neighbour does. Params
 * that the constraints refuse, or that were tried, are never taken.
 */
export function createClimb(
  space: SearchSpace,
  promiseOf: (params: Params) => number,
  isTried: (params: Params) => boolean,
  random: Random,
): (start: Place) => Place {
  const walk = createWalk(space);
  const movable = space.order.filter((name) => space.params[name]?.kind !== "fixed");
  const neighbour = (params: Params, spread: number): Params | undefined => {
    const names = movable.filter((name) => params[name] !== undefined);
    const name = names[random.integer(0, Math.max(0, names.length - 1))] ?? "";
    const [param, value]: [SearchSpace["params"][string] | undefined, ParamValue | undefined] = [
      space.params[name],
      params[name],
    ];
    if (param === undefined || value === undefined) return undefined;
    const moved = walk.replaced(params, name, nearValue(param, value, spread, random), random);
    return isAllowed(space, moved) ? moved : walk.move(params, name, spread, random);
  };

  return (start) => {
    let place = start;
    let failures = 0;
    for (let round = 0; round < ROUNDS && failures < PATIENCE; round++) {
      const spread = SPREADS[failures] ?? 1;
      const count = Math.min(MOST, PER_PARAM * movable.length);
      const better = Array.from({ length: count }, () => neighbour(place.params, spread))
        .filter((params) => params !== undefined)
        .map((params) => ({ params, promise: promiseOf(params) }))
        .filter(({ promise }) => promise > place.promise + LEAST_GAIN)
        // Of equals the first, as sorting keeps their order.
        .toSorted((a, b) => b.promise - a.promise)
        .find(({ params }) => !isTried(params));
      failures = better === undefined ? failures + 1 : 0;
      if (better !== undefined) place = { ...better, params: inUserOrder(space, better.params) };
    }
    return place;
  };
}
