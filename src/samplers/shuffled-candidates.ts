import { keyOf } from "../core/candidates/params-key.js";
import { createPermutation } from "../core/candidates/permutation.js";
import type { Params } from "../core/param.js";
import type { Sampler } from "../core/sampler.js";
import { followSequence, type OrderedParams } from "./sequence.js";

function listed(params: readonly Params[]): OrderedParams {
  const places = new Map(params.map((each, place) => [keyOf(each), place]));
  return {
    count: params.length,
    at: (place) => params[place],
    placeOf: (each) => places.get(keyOf(each)) ?? -1,
  };
}

/**
 * Proposes each of the candidates once, in an order shuffled by the seed.
 *
 * @param sampler the name under which its trials are recorded
 */
export function shuffledCandidates(sampler: string, candidates: readonly Params[], seed: number): Sampler {
  const { at } = createPermutation(candidates.length, seed);
  const shuffled = candidates.map((_, place) => candidates[at(place)] ?? {});
  return { size: candidates.length, ...followSequence(sampler, listed(shuffled)) };
}
