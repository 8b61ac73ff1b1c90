import { CurvewiseError } from "../../core/errors.js";
import type { Params } from "../../core/param.js";
import { contains, drawParams, type SearchSpace, sampleParams, valueAt } from "../../core/search-space.js";
import type { Random } from "../../math/random.js";
import { nearValue } from "../near-value.js";

/** How far a perturbed number moves: standard deviation in quantiles of its range. */
const SPREAD = 0.1;
/** The probability that a param of a perturbed set changes at all. */
const CHANGE = 0.5;

/**
 * Params near good ones: each param moves with probability one half, and params whose condition begins to hold are
 * drawn at random. Undefined if nothing near them satisfies the constraints.
 */
export function paramsNear(space: SearchSpace, center: Params, random: Random): Params | undefined {
  try {
    return drawParams(space, (param, name) => {
      const value = center[name];
      if (value === undefined || !contains(param, value)) {
        return param.kind === "fixed" ? param.value : valueAt(param, random.uniform());
      }
      return random.uniform() < CHANGE ? nearValue(param, value, SPREAD, random) : value;
    });
  } catch (error) {
    if (error instanceof CurvewiseError && error.code === "SPACE_UNSATISFIABLE") return undefined;
    throw error;
  }
}

/** Params to choose from: some from the whole space, and as many near the given ones. */
export function proposeParams(
  space: SearchSpace,
  centers: readonly Params[],
  count: number,
  random: Random,
): Params[] {
  const everywhere = Array.from({ length: count }, () => sampleParams(space, random));
  if (centers.length === 0) return everywhere;
  const near = Array.from({ length: count }, (_, index) => {
    const center = centers[index % centers.length];
    return center === undefined ? undefined : paramsNear(space, center, random);
  });
  return [...everywhere, ...near.filter((params) => params !== undefined)];
}
