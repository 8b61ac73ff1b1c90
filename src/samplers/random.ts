import { z } from "zod";
import type { Combinations } from "../core/candidates/combinations.js";
import { combinationsOf } from "../core/candidates/finite-space.js";
import { defineSampler } from "../core/define.js";
import { believedMass } from "../core/draw/belief.js";
import { sampleParams } from "../core/draw/sample-params.js";
import type { Params } from "../core/param.js";
import type { Sampler, SamplerSetup } from "../core/sampler.js";
import { isAllowed, type SearchSpace } from "../core/search-space.js";
import { createRandom, PURPOSE } from "../math/random.js";
import { followSequence, type OrderedParams, withDefaultsFirst } from "./sequence.js";
import { shuffledCandidates } from "./shuffled-candidates.js";
import { drawUnseen, unrepeated } from "./unrepeated.js";

/** In larger spaces, draws hardly ever repeat. */
const MAX_COMBINATIONS = 100_000;

/** The probability of params, but for a factor that is the same for all. */
function weightOf({ params: space }: SearchSpace, params: Params): number {
  return Object.entries(params).reduce((product, [name, value]) => {
    const param = space[name];
    if (param === undefined) return product;
    return product * believedMass(param, value, 0);
  }, 1);
}

/**
 * The combinations that the constraints allow, in the order in which random draws first come to them, by one exponential
 * deviate each (Efraimidis and Spirakis, "Weighted random sampling with a reservoir", Information Processing Letters 2006).
 */
function inDrawnOrder(space: SearchSpace, combinations: Combinations, seed: number): OrderedParams {
  const random = createRandom(seed, 0, PURPOSE.sampler);
  const arrivals = new Float64Array(combinations.count);
  const order: number[] = [];
  for (let index = 0; index < combinations.count; index++) {
    const params = combinations.at(index);
    if (!isAllowed(space, params)) continue;
    arrivals[index] = -Math.log1p(-random.uniform()) / weightOf(space, params);
    order.push(index);
  }
  order.sort((a, b) => (arrivals[a] ?? 0) - (arrivals[b] ?? 0));
  const places = new Int32Array(combinations.count).fill(-1);
  for (const [place, index] of order.entries()) places[index] = place;
  return {
    count: order.length,
    at: (place) => combinations.at(order[place] ?? 0),
    placeOf: (params) => places[combinations.indexOf(params)] ?? -1,
  };
}

function fromSpace(setup: SamplerSetup): Sampler {
  const { space, seed, repeats = false } = setup;
  const combinations = combinationsOf(space);
  const drawn = unrepeated("random", drawUnseen(space), setup);
  if (combinations === undefined || combinations.count > MAX_COMBINATIONS) return drawn;
  const ordered = inDrawnOrder(space, combinations, seed);
  // The draws say which constraint refuses them all.
  if (ordered.count === 0) return drawn;
  const sequence = followSequence("random", withDefaultsFirst(space, ordered));
  const ask: Sampler["ask"] = (trial, stream, study) =>
    sequence.ask(trial, stream, study) ?? (repeats ? sampleParams(space, stream, trial) : undefined);
  return { ...(repeats ? {} : { size: ordered.count }), ...sequence, ask };
}

/**
 * Random search: every param from its prior or its own (log-)uniform distribution, rejected and drawn again while a
 * constraint is broken. The baseline that every other sampler must beat, and hard to beat in many dimensions
 * (Bergstra and Bengio, "Random search for hyper-parameter optimization", JMLR 2012). In a space of at most 100,000
 * combinations, none is drawn twice, and the search ends when all were; nor is what leaves few combinations in an endless
 * one, by its conditions. Given candidates, each of them once, in an order shuffled by the study's seed.
 *
 * @example createStudy({ sampler: random() })
 */
export const random = defineSampler({
  name: "random",
  defaultsFirst: false,
  forgets: true,
  severalGoals: true,
  summary: "Draws every param from its own distribution; the baseline.",
  options: z.strictObject({}),
  create: (_options, setup): Sampler =>
    setup.candidates === undefined ? fromSpace(setup) : shuffledCandidates("random", setup.candidates, setup),
});
