import { createCandidatePool } from "../../core/candidates/candidate-pool.js";
import { keyOf } from "../../core/candidates/params-key.js";
import { createUntriedParams } from "../../core/candidates/untried-params.js";
import type { Param, Params, ParamValue } from "../../core/param.js";
import type { SamplerSetup } from "../../core/sampler.js";
import { drawParams, isAllowed, type SearchSpace, valueAt } from "../../core/search-space.js";
import type { Trial } from "../../core/trial.js";
import type { Random } from "../../math/random.js";

/** How often params are bred until some keep the constraints and were not tried before. */
const TRIES = 100;

/**
 * Makes a child, whether or not it keeps the constraints.
 *
 * @param previous what was bred before for the same trial: legal, but tried already
 */
export type Breed = (previous: Params | undefined) => Params;

/** What the samplers of evolution have in common: legal params that were not tried before, where there are any. */
export interface Offspring {
  /** How many trials there can be: given candidates, as many as those. */
  readonly size?: number;
  /** Takes in that a trial has its params. */
  note(trial: Trial): void;
  /**
   * A child of the study's trials: the first one bred that keeps the constraints and was not tried; if there is none,
   * random params that were not tried; undefined when all were tried. Among candidates: the untried one nearest to a
   * child.
   *
   * @throws CurvewiseError `SPACE_UNSATISFIABLE` when nothing keeps the constraints
   */
  breed(breed: Breed, random: Random): Params | undefined;
  /** Random params that were not tried before; undefined when all were tried. */
  draw(random: Random): Params | undefined;
}

/** A value of a param from its own (log-)uniform distribution. */
export function drawValue(param: Param, random: Random): ParamValue {
  return param.kind === "fixed" ? param.value : valueAt(param, random.uniform());
}

/** Builds params without regard for the constraints. @param draw as of `drawParams` */
export function drawFreely(space: SearchSpace, draw: (param: Param, name: string) => ParamValue): Params {
  return drawParams({ ...space, constraints: [] }, draw);
}

export function createOffspring(setup: SamplerSetup): Offspring {
  const { space, seed, candidates } = setup;
  if (candidates !== undefined) {
    const tried = new Set<string>();
    const pool = createCandidatePool(space, candidates, seed);
    const isTried = (key: string): boolean => tried.has(key);
    return {
      size: candidates.length,
      note: ({ params }) => tried.add(keyOf(params)),
      breed: (breed) => pool.nearest(breed(undefined), isTried),
      draw: () => pool.next(isTried),
    };
  }

  const { note, isTried, draw } = createUntriedParams(setup);
  const breed = (child: Breed, random: Random): Params | undefined => {
    let previous: Params | undefined;
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const bred = child(previous);
      if (!isAllowed(space, bred)) continue;
      if (!isTried(bred)) return bred;
      previous = bred;
    }
    return draw(random);
  };
  return { note, breed, draw };
}
