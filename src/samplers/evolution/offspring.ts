import { createCandidatePool } from "../../core/candidates/candidate-pool.js";
import { keyOf } from "../../core/candidates/params-key.js";
import type { Param, Params, ParamValue } from "../../core/param.js";
import type { SamplerSetup } from "../../core/sampler.js";
import { drawParams, type SearchSpace, sampleParams, valueAt } from "../../core/search-space.js";
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
   * A child of the study's trials: the first one bred that satisfies the constraints and was not tried; if there is
   * none, random untried params; failing that, tried ones. With candidates: the untried one nearest to a child.
   *
   * @throws CurvewiseError `SPACE_UNSATISFIABLE` when nothing satisfies the constraints
   */
  breed(breed: Breed, random: Random): Params | undefined;
  /** Random params, untried if possible. */
  draw(random: Random): Params | undefined;
}

/** A value of a param from its own (log-)uniform distribution. */
export function drawValue(param: Param, random: Random): ParamValue {
  return param.kind === "fixed" ? param.value : valueAt(param, random.uniform());
}

/** Builds params without regard for the constraints. @param draw as for `drawParams` */
export function drawFreely(space: SearchSpace, draw: (param: Param, name: string) => ParamValue): Params {
  return drawParams({ ...space, constraints: [] }, draw);
}

interface TriedParams {
  note(trial: Trial): void;
  has(key: string): boolean;
}

function createTriedParams(): TriedParams {
  const noted: { readonly params: Params; readonly key: string }[] = [];
  const counts = new Map<string, number>();
  const count = (key: string, change: number): void => {
    counts.set(key, (counts.get(key) ?? 0) + change);
  };
  return {
    note: ({ number, params }) => {
      const before = noted[number];
      if (before?.params === params) return;
      // A scheduler may change a trial's params: only its current ones count, as after a restart.
      if (before !== undefined) count(before.key, -1);
      const key = keyOf(params);
      noted[number] = { params, key };
      count(key, 1);
    },
    has: (key) => (counts.get(key) ?? 0) > 0,
  };
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
