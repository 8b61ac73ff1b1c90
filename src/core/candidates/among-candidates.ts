import type { Params } from "../param.js";
import type { Sampler, SamplerSetup } from "../sampler.js";
import { createCandidatePool } from "./candidate-pool.js";
import { keyOf } from "./params-key.js";

/**
 * Restricts a sampler to the candidates of its setup: each proposal is replaced by the most similar candidate that no
 * trial has had yet (see {@link createCandidatePool}), until there are none left. Without candidates it is the sampler
 * itself.
 *
 * @param sampler proposes params without regard to candidates
 * @param setup what the sampler was made for
 */
export function amongCandidates(sampler: Sampler, { space, seed, candidates }: SamplerSetup): Sampler {
  if (candidates === undefined) return sampler;
  const { transfer } = sampler;
  const pool = createCandidatePool(space, candidates, seed);
  const tried = new Set<string>();
  const isTried = (key: string): boolean => tried.has(key);
  const note = (params: Params): void => {
    tried.add(keyOf(params));
  };
  return {
    ...(transfer === undefined ? {} : { transfer }),
    size: new Set(candidates.map(keyOf)).size,
    restore: (study) => {
      for (const { params } of Object.values(study.trials)) note(params);
      sampler.restore?.(study);
    },
    observe: (event, study) => {
      if (event.type === "trial-asked") note(event.params);
      sampler.observe?.(event, study);
    },
    ask: (trial, random, study) => {
      const wanted = sampler.ask(trial, random, study);
      return wanted && pool.nearest(wanted, isTried);
    },
  };
}
