import { createCandidatePool } from "../../core/candidates/candidate-pool.js";
import { keyOf } from "../../core/candidates/params-key.js";
import type { Param, Params, ParamValue } from "../../core/param.js";
import type { SamplerSetup } from "../../core/sampler.js";
import { drawParams, type SearchSpace, sampleParams, valueAt } from "../../core/search-space.js";
import type { Trial } from "../../core/trial.js";
import type { Random } from "../../math/random.js";
import { createTriedParams } from "../tried-params.js";

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
   * random params that were not tried; if there are none of those either, tried ones. Among candidates: the untried one
   * nearest to a child.
   *
   * @throws CurvewiseError `SPACE_UNSATISFIABLE` when nothing keeps the constraints
   */
  breed(breed: Breed, random: Random): Params | undefined;
  /** Random params that were not tried before, where they can be had. */
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

export function createOffspring({ space, seed, candidates }: SamplerSetup): Offspring {
  const { note, has } = createTriedParams();
  if (candidates !== undefined) {
    const pool = createCandidatePool(space, candidates, seed);
    return {
      size: candidates.length,
      note,
      breed: (breed) => pool.nearest(breed(undefined), has),
      draw: () => pool.next(has),
    };
  }

  const isLegal = (params: Params): boolean => space.constraints.every(({ holds }) => holds(params));
  const anywhere = (random: Random): Breed => {
    return () => drawFreely(space, (param) => drawValue(param, random));
  };
  const firstNew = (breeds: readonly Breed[], random: Random): Params => {
    let repeated: Params | undefined;
    for (const breed of breeds) {
      let previous: Params | undefined;
      for (let attempt = 0; attempt < TRIES; attempt++) {
        const child = breed(previous);
        if (!isLegal(child)) continue;
        if (!has(keyOf(child))) return child;
        previous = child;
        repeated ??= child;
      }
    }
    return repeated ?? sampleParams(space, random);
  };
  return {
    note,
    breed: (breed, random) => firstNew([breed, anywhere(random)], random),
    draw: (random) => firstNew([anywhere(random)], random),
  };
}
