import type { Random } from "../../math/random.js";
import type { Params, ParamValue } from "../param.js";
import {
  contains,
  inUserOrder,
  isAllowed,
  quantilesOf,
  type SearchSpace,
  valueAt,
  valuesOf,
} from "../search-space.js";
import { drawValue } from "./draw-value.js";
import { comparisonsOf, parentsOf, solved } from "./repair-params.js";

/** How often a move is tried, each time nearer to where it began, before the param stays as it is. */
const TRIES = 30;
const BELOW_ONE = 1 - Number.EPSILON / 2;

/** Moves params within the constraints, one param at a time. */
export interface Walk {
  /**
   * Params with one of them drawn anew, and those that must follow: params that are then on, and one for each equality.
   * The same params if the constraints refused all tries.
   *
   * @param reach the longest distance, in quantiles of the param; 1 is the whole range
   */
  move(params: Params, name: string, reach: number, random: Random): Params;
  /** Params after so many moves, each of a random param. */
  moves(params: Params, count: number, reach: number, random: Random): Params;
  /**
   * Params with one of them set to a value, and with what must follow; whether or not the constraints allow them.
   */
  replaced(params: Params, name: string, value: ParamValue, random: Random): Params;
}

/**
 * A random walk within the constraints of a space: Gibbs sampling whose draws are slices that shrink towards the present
 * value after each refusal (R. M. Neal, "Slice sampling", Annals of Statistics 31, 2003, section 4 and figure 5). It
 * leaves the distribution of random draws that the constraints allow as it is, and reaches what single params can
 * reach; where an equality holds, another param of it follows.
 */
export function createWalk(space: SearchSpace): Walk {
  const equalities = comparisonsOf(space).filter(({ sign }) => sign === "==");
  const parents = parentsOf(space);
  const names = space.order.filter((name) => space.params[name]?.kind !== "fixed");

  const replaced = (params: Params, name: string, value: ParamValue, random: Random): Params => {
    const draft = valuesOf(space, (param, each) => {
      if (each === name) return value;
      const present = params[each];
      if (present !== undefined) return present;
      return drawValue(param, random);
    });
    const touched = equalities.filter((equality) => equality.names.includes(name));
    if (touched.length === 0) return draft;
    return solved(space, draft, touched, [name, ...parents], random.integer(0, space.order.length));
  };
  const move = (params: Params, name: string, reach: number, random: Random): Params => {
    const param = space.params[name];
    const value = params[name];
    if (param === undefined || value === undefined || !contains(param, value)) return params;
    const [from, to] = quantilesOf(param, value);
    const here = from + (to - from) * random.uniform();
    const start = here - reach * random.uniform();
    let [low, high] = reach < 1 ? [Math.max(0, start), Math.min(1, start + reach)] : [0, 1];
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const place = Math.min(low + (high - low) * random.uniform(), BELOW_ONE);
      const moved = replaced(params, name, valueAt(param, place), random);
      if (isAllowed(space, moved)) return moved;
      if (param.kind === "choice") continue;
      if (place < here) low = place;
      else high = place;
    }
    return params;
  };
  const moves = (params: Params, count: number, reach: number, random: Random): Params => {
    let present = params;
    for (let step = 0; step < count && names.length > 0; step++) {
      present = move(present, names[random.integer(0, names.length - 1)] ?? "", reach, random);
    }
    return inUserOrder(space, present);
  };
  return { move, moves, replaced };
}
