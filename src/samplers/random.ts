import { z } from "zod";
import { allParams } from "../core/candidates/finite-space.js";
import { keyOf } from "../core/candidates/params-key.js";
import { createPermutation } from "../core/candidates/permutation.js";
import { defineSampler } from "../core/define.js";
import type { Params } from "../core/param.js";
import type { Sampler, SamplerSetup } from "../core/sampler.js";
import { quantilesOf, type SearchSpace, sampleParams } from "../core/search-space.js";
import { createRandom, PURPOSE } from "../math/random.js";
import { followSequence, type OrderedParams } from "./sequence.js";

/** In larger spaces, draws hardly ever repeat. */
const MAX_COMBINATIONS = 100_000;

function listed(params: readonly Params[]): OrderedParams {
  const places = new Map(params.map((each, place) => [keyOf(each), place]));
  return {
    count: params.length,
    at: (place) => params[place],
    placeOf: (each) => places.get(keyOf(each)) ?? -1,
  };
}

function amongCandidates(candidates: readonly Params[], seed: number): Sampler {
  const { at } = createPermutation(candidates.length, seed);
  const shuffled = candidates.map((_, place) => candidates[at(place)] ?? {});
  return { size: candidates.length, ...followSequence("random", listed(shuffled)) };
}

/** The probability of params, but for a factor that is the same for all. */
function weightOf({ params: space }: SearchSpace, params: Params): number {
  return Object.entries(params).reduce((product, [name, value]) => {
    const param = space[name];
    if (param === undefined) return product;
    const [from, to] = quantilesOf(param, value);
    return product * (to - from);
  }, 1);
}

/**
 * All params in the order in which random draws come to them first, repeated ones left out (Efraimidis and Spirakis,
 * "Weighted random sampling with a reservoir", Information Processing Letters 2006).
 */
function inDrawnOrder(space: SearchSpace, all: readonly Params[], seed: number): Params[] {
  const random = createRandom(seed, 0, PURPOSE.sampler);
  return all
    .map((params) => ({ params, waits: -Math.log1p(-random.uniform()) / weightOf(space, params) }))
    .toSorted((a, b) => a.waits - b.waits)
    .map(({ params }) => params);
}

function fromSpace({ space, seed, repeats = false }: SamplerSetup): Sampler {
  const all = allParams(space, MAX_COMBINATIONS);
  // When none is allowed, the draws say which constraint refuses them.
  if (all === undefined || all.length === 0) return { ask: (_trial, stream) => sampleParams(space, stream) };
  const sequence = followSequence("random", listed(inDrawnOrder(space, all, seed)));
  const ask: Sampler["ask"] = (trial, stream, study) =>
    sequence.ask(trial, stream, study) ?? (repeats ? sampleParams(space, stream) : undefined);
  return { ...(repeats ? {} : { size: all.length }), ...sequence, ask };
}

/**
 * Random search: every param from its own (log-)uniform distribution, rejected and drawn again while a
 * constraint is broken. The baseline that every other sampler must beat, and hard to beat in many dimensions
 * (Bergstra and Bengio, "Random search for hyper-parameter optimization", JMLR 2012). In a space of at most 100,000
 * combinations, none is drawn twice, and the search ends when all were. Given candidates, each of them once, in an order
 * shuffled by the study's seed.
 *
 * @example createStudy({ sampler: random() })
 */
export const random = defineSampler({
  name: "random",
  forgets: true,
  summary: "Draws every param from its own distribution; the baseline.",
  options: z.strictObject({}),
  create: (_options, setup): Sampler =>
    setup.candidates === undefined ? fromSpace(setup) : amongCandidates(setup.candidates, setup.seed),
});
