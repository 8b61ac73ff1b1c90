import { CurvewiseError } from "../../core/errors.js";
import type { Param, Params, ParamValue } from "../../core/param.js";
import {
  contains,
  countValues,
  drawParams,
  type SearchSpace,
  sampleParams,
  valueAt,
} from "../../core/search-space.js";
import type { Random } from "../../math/random.js";

/** How far a perturbed number moves: standard deviation in quantiles of its range. */
const STEP = 0.1;
/** The probability that a param of a perturbed set changes at all. */
const CHANGE = 0.5;

/** Where in its range a value lies, in [0, 1]; the inverse of `valueAt`, up to rounding. */
function quantileOf(param: Param, value: ParamValue): number {
  switch (param.kind) {
    case "float":
    case "int": {
      if (typeof value !== "number" || param.low === param.high) return 0.5;
      if (!param.log) return (value - param.low) / (param.high - param.low);
      return Math.log(value / param.low) / Math.log(param.high / param.low);
    }
    case "choice":
    case "ordinal":
      return (param.options.indexOf(value) + 0.5) / param.options.length;
    case "fixed":
      return 0.5;
  }
}

/** Reflects a number at 0 and 1 until it is inside [0, 1). */
function reflected(value: number): number {
  const folded = Math.abs(value) % 2;
  return Math.min(folded > 1 ? 2 - folded : folded, 1 - Number.EPSILON);
}

function perturbed(param: Param, value: ParamValue, random: Random): ParamValue {
  if (param.kind === "fixed" || random.uniform() >= CHANGE) return value;
  if (param.kind === "choice") return valueAt(param, random.uniform());
  // A param with few values moves by at least one of them as often as not.
  const step = Math.max(STEP, 1 / Math.max(1, Math.min(countValues(param), 1e6)));
  return valueAt(param, reflected(quantileOf(param, value) + step * random.normal()));
}

/**
 * Params near some that did well: each param moves with probability a half; params whose condition begins to hold
 * are drawn anew. Undefined when nothing near them keeps the constraints.
 */
export function paramsNear(space: SearchSpace, center: Params, random: Random): Params | undefined {
  try {
    return drawParams(space, (param, name) => {
      const value = center[name];
      if (value === undefined || !contains(param, value)) {
        return param.kind === "fixed" ? param.value : valueAt(param, random.uniform());
      }
      return perturbed(param, value, random);
    });
  } catch (error) {
    if (error instanceof CurvewiseError && error.code === "SPACE_UNSATISFIABLE") return undefined;
    throw error;
  }
}

/** Params to choose among: some from the whole space, and as many near the given ones. */
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
