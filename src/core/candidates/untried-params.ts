import type { Random } from "../../math/random.js";
import { createDraws } from "../draw/sample-params.js";
import { isCurvewiseError } from "../errors.js";
import type { Params } from "../param.js";
import type { SamplerSetup } from "../sampler.js";
import { isAllowed, type SearchSpace } from "../search-space.js";
import type { Trial } from "../trial.js";
import { combinationsOf } from "./finite-space.js";
import { createPermutation } from "./permutation.js";
import { createTriedParams } from "./tried-params.js";

/** How many draws to make before searching the combinations one by one. */
const DRAWS = 100;
/** How many combinations to search before giving up. */
const MOST = 10_000_000;

/** The params of a space that no trial has. */
export interface UntriedParams {
  /** Takes in that a trial has its params; whether it had others before, or none. */
  note(trial: Pick<Trial, "number" | "params">): boolean;
  /** Whether a trial has these params, but for the rounding of floats. */
  isTried(params: Params): boolean;
  /**
   * Random params that no trial has. When every combination was tried: undefined, or such as were tried where the
   * setup lets params be repeated.
   *
   * @throws CurvewiseError `SPACE_UNSATISFIABLE` when nothing that keeps the constraints is found
   */
  draw(random: Random): Params | undefined;
}

/** The first untried params of a finite space, in an order shuffled by the seed, and whether it has any legal params. */
function createRest(space: SearchSpace, seed: number) {
  const combinations = combinationsOf(space);
  if (combinations === undefined) return undefined;
  const { count, at } = combinations;
  const order = createPermutation(count, seed);
  return (isTried: (params: Params) => boolean) => {
    let hasAny = false;
    for (let place = 0; place < Math.min(count, MOST); place++) {
      const params = at(order.at(place));
      if (!isAllowed(space, params)) continue;
      hasAny = true;
      if (!isTried(params)) return { params, hasAny };
    }
    return { params: undefined, hasAny };
  };
}

/** Keeps track of which params of a space were tried, and draws others. */
export function createUntriedParams({
  space,
  seed,
  repeats = false,
}: Pick<SamplerSetup, "space" | "seed" | "repeats">): UntriedParams {
  const { note: noteTried, has, all } = createTriedParams(space);
  /** The number of the next trial, as far as is known. */
  let next = 0;
  const note: UntriedParams["note"] = (trial) => {
    next = Math.max(next, trial.number + 1);
    return noteTried(trial);
  };
  let rest: ReturnType<typeof createRest> | "unknown" = "unknown";

  /** Undefined also when the constraints refuse nearly everything, so that nothing is drawn. */
  const drawUntried = (random: Random): Params | undefined => {
    const drawNext = createDraws(space, random, next, all);
    for (let attempt = 0; attempt < DRAWS; attempt++) {
      const params = drawNext();
      if (!has(params)) return params;
    }
    return undefined;
  };
  const draw = (random: Random): Params | undefined => {
    let refusal: unknown;
    try {
      const drawn = drawUntried(random);
      if (drawn !== undefined) return drawn;
    } catch (error) {
      if (!isCurvewiseError(error) || error.code !== "SPACE_UNSATISFIABLE") throw error;
      refusal = error;
    }
    if (rest === "unknown") rest = createRest(space, seed);
    const left = rest?.(has);
    if (left?.params !== undefined) return left.params;
    if (refusal !== undefined && left?.hasAny !== true) throw refusal;
    // A space that is not finite has others still, however rarely they are drawn.
    return rest === undefined || repeats ? createDraws(space, random, next, all)() : undefined;
  };
  return { note, isTried: has, draw };
}
