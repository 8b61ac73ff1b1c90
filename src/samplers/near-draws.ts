import { drawValue } from "../core/draw/draw-value.js";
import { createRepair } from "../core/draw/repair-params.js";
import { createWalk } from "../core/draw/walk-params.js";
import type { Params } from "../core/param.js";
import { contains, inUserOrder, isAllowed, type SearchSpace, valuesOf } from "../core/search-space.js";
import type { Random } from "../math/random.js";
import { nearValue } from "./near-value.js";

/** How perturbed params differ from those that they are near. */
export interface Nearness {
  /** How far a number moves: standard deviation in quantiles of its range. */
  readonly spread: number;
  /** The probability that a param changes at all. */
  readonly change: number;
  /** Other good params: each param that they have is taken from them with probability one half, before it may change. */
  readonly mate?: Params;
}

const USUAL: Nearness = { spread: 0.1, change: 0.5 };
/** How many perturbed sets the constraints may refuse before they are repaired, and then before params move singly. */
const TRIES = 100;
/** How far a param moves where only single ones can, in standard deviations: twice that to both sides. */
const REACH = 4;

/**
 * Draws params near good ones: each param moves with a probability, by default one half, and params whose condition begins
 * to hold are drawn at random. Undefined if nothing near them satisfies the constraints.
 */
export function createNearDraws(
  space: SearchSpace,
  random: Random,
): (center: Params, nearness?: Nearness) => Params | undefined {
  const repair = createRepair(space);
  const walk = createWalk(space);
  /** How many sets to try as they are drawn, and repaired: fewer once that has failed. */
  let tries = TRIES;

  const perturbed = (center: Params, { spread, change, mate }: Nearness): Params =>
    valuesOf(space, (param, name) => {
      const isMates = mate?.[name] !== undefined && random.uniform() < 0.5;
      const value = isMates ? mate[name] : center[name];
      if (value === undefined || !contains(param, value)) {
        return drawValue(param, random);
      }
      return random.uniform() < change ? nearValue(param, value, spread, random) : value;
    });
  const moved = (center: Params, { spread, change }: Nearness): Params =>
    Object.keys(center).reduce(
      (params, name) =>
        random.uniform() < change ? walk.move(params, name, REACH * spread, random) : params,
      center,
    );
  return (center, nearness = USUAL) => {
    for (let attempt = 0; attempt < tries; attempt++) {
      const params = perturbed(center, nearness);
      if (isAllowed(space, params)) return inUserOrder(space, params);
    }
    for (let attempt = 0; attempt < tries; attempt++) {
      const params = repair(perturbed(center, nearness), attempt);
      if (isAllowed(space, params)) return inUserOrder(space, params);
    }
    tries = 1;
    return isAllowed(space, center) ? inUserOrder(space, moved(center, nearness)) : undefined;
  };
}
