import { CurvewiseError } from "../errors.js";
import type { Param, Params, ParamValue } from "../param.js";
import { inUserOrder, isAllowed, type SearchSpace, valueAt, valuesOf } from "../search-space.js";
import { isRefused, PLAIN_DRAWS, type Refusals, refuseSpace } from "./refusals.js";
import { createRepair } from "./repair-params.js";

/** How many draws the constraints may reject before the space counts as unsatisfiable. */
export const MAX_REJECTIONS = 10_000;

/**
 * The params at a point of the unit cube: each param that is on has the value at its own quantile, see {@link valueAt}.
 * Undefined if a constraint refuses them.
 *
 * @param quantile returns the point's coordinate for a param, in [0, 1); called only for params that are on
 * @throws CurvewiseError `QUANTILE_INVALID` for any other number
 */
export function paramsAt(space: SearchSpace, quantile: (name: string) => number): Params | undefined {
  const params = valuesOf(space, (param, name) => {
    const coordinate = quantile(name);
    if (coordinate >= 0 && coordinate < 1) return valueAt(param, coordinate);
    throw new CurvewiseError("QUANTILE_INVALID", `the quantile of "${name}" is ${coordinate}`, {
      hint: "A quantile is at least 0 and below 1.",
    });
  });
  return isAllowed(space, params) ? inUserOrder(space, params) : undefined;
}

/**
 * Draws params until they satisfy the constraints. If many draws do not, those that follow have values swapped or
 * replaced where constraints order params, or fix what they add up to.
 *
 * @param draw returns the value of one param that is on; called in the space's order
 * @throws CurvewiseError `SPACE_UNSATISFIABLE` after {@link MAX_REJECTIONS} rejected draws, with the number that each
 *   constraint refused.
 */
export function drawParams(space: SearchSpace, draw: (param: Param, name: string) => ParamValue): Params {
  const refusals: Refusals = new Map();
  const repair = createRepair(space);
  for (let attempt = 0; attempt < MAX_REJECTIONS; attempt++) {
    const drawn = valuesOf(space, draw);
    const params = attempt < PLAIN_DRAWS ? drawn : repair(drawn, attempt);
    if (!isRefused(space, params, refusals)) return inUserOrder(space, params);
  }
  return refuseSpace(MAX_REJECTIONS, refusals);
}
