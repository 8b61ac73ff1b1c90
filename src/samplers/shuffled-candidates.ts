import { candidateLikeDefaults } from "../core/candidates/defaults-first.js";
import { keyOf } from "../core/candidates/params-key.js";
import { createPermutation } from "../core/candidates/permutation.js";
import type { Params } from "../core/param.js";
import type { Sampler, SamplerSetup } from "../core/sampler.js";
import { createRandom, PURPOSE } from "../math/random.js";
import { followSequence, type OrderedParams, withFirst } from "./sequence.js";

function listed(params: readonly Params[]): OrderedParams {
  const places = new Map(params.map((each, place) => [keyOf(each), place]));
  return {
    count: params.length,
    at: (place) => params[place],
    placeOf: (each) => places.get(keyOf(each)) ?? -1,
  };
}

/**
 * Proposes each of the candidates once, in an order shuffled by the seed; the one most like the defaults comes first.
 *
 * @param sampler the name under which its trials are recorded
 */
export function shuffledCandidates(
  sampler: string,
  candidates: readonly Params[],
  setup: Pick<SamplerSetup, "space" | "seed">,
): Sampler {
  const { seed } = setup;
  const { at } = createPermutation(candidates.length, seed);
  const shuffled = candidates.map((_, place) => candidates[at(place)] ?? {});
  const ordered = listed(shuffled);
  const random = createRandom(seed, 0, PURPOSE.sampler);
  const first = candidateLikeDefaults(setup, candidates, random);
  const begun = first === undefined ? ordered : withFirst(ordered, ordered.placeOf(first));
  return { size: candidates.length, ...followSequence(sampler, begun) };
}
