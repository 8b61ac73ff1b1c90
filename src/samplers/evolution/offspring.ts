import { createCandidatePool } from "../../core/candidates/candidate-pool.js";
import { createTriedKeys } from "../../core/candidates/tried-keys.js";
import { createUntriedParams } from "../../core/candidates/untried-params.js";
import { drawParams } from "../../core/draw/draw-params.js";
import { createRepair } from "../../core/draw/repair-params.js";
import type { Param, Params, ParamValue } from "../../core/param.js";
import type { SamplerSetup } from "../../core/sampler.js";
import { isAllowed, type SearchSpace } from "../../core/search-space.js";
import type { Trial } from "../../core/trial.js";
import type { Random } from "../../math/random.js";

/** How many attempts are made to breed untried params that satisfy the constraints. */
const TRIES = 100;

/**
 * Breeds a child, whether or not it satisfies the constraints.
 *
 * @param previous the last child bred for the same trial: valid, but already tried
 */
export type Breed = (previous: Params | undefined) => Params;

/** What evolutionary samplers share: valid params that were not tried before, as long as there are any. */
export interface Offspring {
  /** The maximum number of trials: given candidates, their number. */
  readonly size?: number;
  /** Notes a trial's current params. */
  note(trial: Trial): void;
  /**
   * A child of the study's trials: the first one bred that keeps the constraints and was not tried; if there is none,
   * random params that were not tried; undefined when all were tried. Among candidates: the untried one nearest to a
   * child.
   *
   * @throws CurvewiseError `SPACE_UNSATISFIABLE` when nothing satisfies the constraints
   */
  breed(breed: Breed, random: Random): Params | undefined;
  /** Random params that were not tried before; undefined when all were tried. */
  draw(random: Random): Params | undefined;
}

/** Builds params without regard for the constraints. @param draw as for `drawParams` */
export function drawFreely(space: SearchSpace, draw: (param: Param, name: string) => ParamValue): Params {
  return drawParams({ ...space, constraints: [] }, draw);
}

export function createOffspring(setup: SamplerSetup): Offspring {
  const { space, seed, candidates } = setup;
  if (candidates !== undefined) {
    const { note, has } = createTriedKeys();
    const pool = createCandidatePool(space, candidates, seed);
    return {
      size: candidates.length,
      note,
      breed: (breed) => pool.nearest(breed(undefined), has),
      draw: () => pool.next(has),
    };
  }

  const { note, isTried, draw } = createUntriedParams(setup);
  const repair = createRepair(space);
  const breed = (child: Breed, random: Random): Params | undefined => {
    let previous: Params | undefined;
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const asBred = child(previous);
      const bred = isAllowed(space, asBred) ? asBred : repair(asBred, attempt);
      if (!isAllowed(space, bred)) continue;
      if (!isTried(bred)) return bred;
      previous = bred;
    }
    return draw(random);
  };
  return { note, breed, draw };
}
