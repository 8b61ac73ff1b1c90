import { drawValue } from "../core/draw/draw-value.js";
import { createRepair } from "../core/draw/repair-params.js";
import { createWalk } from "../core/draw/walk-params.js";
import type { Params } from "../core/param.js";
import { contains, inUserOrder, isAllowed, type SearchSpace, valuesOf } from "../core/search-space.js";
import type { Random } from "../math/random.js";
import { nearValue } from "./near-value.js";

/** How far a perturbed number moves: standard deviation in quantiles of its range. */
const SPREAD = 0.1;
/** The probability that a param of a perturbed set changes at all. */
const CHANGE = 0.5;
/** How many perturbed sets the constraints may refuse before they are repaired, and then before params move singly. */
const TRIES = 100;
/** How far a param moves where only single ones can: twice the standard deviation to both sides. */
const REACH = 4 * SPREAD;

/**
 * Draws params near good ones: each param moves with probability one half, and params whose condition begins to hold are
 * drawn at random. Undefined if nothing near them satisfies the constraints.
 */
export function createNearDraws(space: SearchSpace, random: Random): (center: Params) => Params | undefined {
  const repair = createRepair(space);
  const walk = createWalk(space);
  /** How many sets to try as they are drawn, and repaired: fewer once that has failed. */
  let tries = TRIES;

  const perturbed = (center: Params): Params =>
    valuesOf(space, (param, name) => {
      const value = center[name];
      if (value === undefined || !contains(param, value)) {
        return drawValue(param, random);
      }
      return random.uniform() < CHANGE ? nearValue(param, value, SPREAD, random) : value;
    });
  const moved = (center: Params): Params =>
    Object.keys(center).reduce(
      (params, name) => (random.uniform() < CHANGE ? walk.move(params, name, REACH, random) : params),
      center,
    );
  return (center) => {
    for (let attempt = 0; attempt < tries; attempt++) {
      const params = perturbed(center);
      if (isAllowed(space, params)) return inUserOrder(space, params);
    }
    for (let attempt = 0; attempt < tries; attempt++) {
      const params = repair(perturbed(center), attempt);
      if (isAllowed(space, params)) return inUserOrder(space, params);
    }
    tries = 1;
    return isAllowed(space, center) ? inUserOrder(space, moved(center)) : undefined;
  };
}
