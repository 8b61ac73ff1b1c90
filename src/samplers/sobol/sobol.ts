import { z } from "zod";
import type { Combinations } from "../../core/candidates/combinations.js";
import { combinationsOf } from "../../core/candidates/finite-space.js";
import { createPermutation } from "../../core/candidates/permutation.js";
import { defineSampler } from "../../core/define.js";
import { beliefOf, beliefShare, doubted } from "../../core/draw/belief.js";
import { paramsAt } from "../../core/draw/draw-params.js";
import type { Params } from "../../core/param.js";
import type { Sampler, SamplerSetup } from "../../core/sampler.js";
import { countValues, isAllowed, type SearchSpace } from "../../core/search-space.js";
import { createRandom, PURPOSE, type Random } from "../../math/random.js";
import { followSequence, type OrderedParams, withDefaultsFirst } from "../sequence.js";
import { shuffledCandidates } from "../shuffled-candidates.js";
import { type DrawUnseen, drawUnseen, unrepeated } from "../unrepeated.js";
import { createSobolSequence, MOST_DIMENSIONS } from "./sobol-sequence.js";

/** How far apart the points are that a trial takes one after the other while the constraints refuse them. */
const STRIDE = 2 ** 20;
/** How many points a trial takes before its params are drawn at random. */
const POINTS = 100;
/** Spaces with more combinations are not listed: points hardly ever repeat there. */
const MAX_COMBINATIONS = 100_000;
/** How many points are taken to put combinations in order, for each of them. */
const POINTS_FOR_ORDER = 2;

/** The params at the points of a sequence; undefined where the constraints refuse them. */
function createPoints(
  space: SearchSpace,
  seed: number,
): (index: number, random: Random) => Params | undefined {
  const dimensions = new Map<string, number>();
  for (const name of space.order) {
    const param = space.params[name];
    if (param !== undefined && countValues(param) > 1) dimensions.set(name, dimensions.size);
  }
  const beliefs = new Map(Object.entries(space.params).map(([name, param]) => [name, beliefOf(param)]));
  const count = Math.min(MOST_DIMENSIONS, dimensions.size);
  const sequence = createSobolSequence(count, createRandom(seed, 0, PURPOSE.sampler));
  return (index, random) =>
    paramsAt(space, (name) => {
      const dimension = dimensions.get(name);
      // A param with a single value has it at every quantile.
      if (dimension === undefined) return 0;
      const share = dimension < count ? sequence.at(index, dimension) : random.uniform();
      const belief = beliefs.get(name);
      return belief === undefined ? share : doubted(belief, beliefShare(index % STRIDE)).at(share);
    });
}

function countAllowed(space: SearchSpace, combinations: Combinations): number {
  if (space.constraints.length === 0) return combinations.count;
  let count = 0;
  for (let index = 0; index < combinations.count; index++) {
    if (isAllowed(space, combinations.at(index))) count += 1;
  }
  return count;
}

/**
 * The combinations that the constraints allow, in the order in which the points first come to them, then all others. They
 * are put in order as far as anybody asks: few studies try them all.
 */
function inPointOrder(space: SearchSpace, combinations: Combinations, seed: number): OrderedParams {
  const pointAt = createPoints(space, seed);
  const count = countAllowed(space, combinations);
  const points = POINTS_FOR_ORDER * combinations.count;
  const permutation = createPermutation(combinations.count, seed);
  const random = createRandom(seed, 1, PURPOSE.sampler);
  const places = new Int32Array(combinations.count).fill(-1);
  const order: number[] = [];
  let taken = 0;

  /** The next combination, which may be in order already; -1 where the constraints refuse it. */
  const next = (): number => {
    const turn = taken++;
    if (turn < points) {
      const params = pointAt(turn, random);
      return params === undefined ? -1 : combinations.indexOf(params);
    }
    const index = permutation.at(turn - points);
    return isAllowed(space, combinations.at(index)) ? index : -1;
  };
  const putNext = (): void => {
    const index = next();
    if (index === -1 || places[index] !== -1) return;
    places[index] = order.length;
    order.push(index);
  };

  return {
    count,
    at: (place) => {
      while (order.length <= Math.min(place, count - 1)) putNext();
      return combinations.at(order[place] ?? 0);
    },
    placeOf: (params) => {
      const index = combinations.indexOf(params);
      if (index === -1 || !isAllowed(space, params)) return -1;
      while (places[index] === -1) putNext();
      return places[index] ?? -1;
    },
  };
}

function fromSpace(setup: SamplerSetup): Sampler {
  const { space, seed, repeats = false } = setup;
  const pointAt = createPoints(space, seed);
  const drawOther = drawUnseen(space);
  const take: DrawUnseen = (trial, random, isSeen) => {
    for (let point = 0; point < POINTS; point++) {
      const params = pointAt((trial + point * STRIDE) % 2 ** 32, random);
      if (params !== undefined && !isSeen(params)) return params;
    }
    return drawOther(trial, random, isSeen);
  };
  const combinations = combinationsOf(space);
  const points = unrepeated("sobol", take, setup);
  if (combinations === undefined || combinations.count > MAX_COMBINATIONS) return points;
  const ordered = inPointOrder(space, combinations, seed);
  // The draws say which constraint refuses them all.
  if (ordered.count === 0) return points;
  const sequence = followSequence("sobol", withDefaultsFirst(space, ordered));
  const ask: Sampler["ask"] = (trial, random, study) =>
    sequence.ask(trial, random, study) ?? (repeats ? take(trial, random, () => false) : undefined);
  return { ...(repeats ? {} : { size: ordered.count }), ...sequence, ask };
}

/**
 * Points of a scrambled Sobol sequence (see {@link createSobolSequence}): trial n has point n, and each param the value at
 * its quantile, so that any number of trials covers the ranges of all params, and of most pairs, more evenly than random
 * draws. Each param has a dimension of its own, also where a condition switches it off. Of more than 1,111 params, those
 * beyond are drawn at random.
 *
 * Where a param has a prior, points are denser: they are the quantiles of the doubted prior (see `beliefShare`).
 *
 * While the constraints refuse the params, a trial takes the points 2^20, 2 * 2^20, ... further on, which no other trial
 * comes to; after 100 of them, its params are drawn at random. So it is with
 * params that conditions leave few combinations of, if a trial has them already. In a space of at most 100,000 combinations, each is
 * proposed once, in the order in which the points come to them. Given candidates, each of them once, shuffled.
 *
 * @example createStudy({ sampler: sobol() })
 */
export const sobol = defineSampler({
  name: "sobol",
  defaultsFirst: false,
  forgets: true,
  severalGoals: true,
  summary: "Covers the space evenly, whatever the number of trials; for a first look or few trials.",
  options: z.strictObject({}),
  create: (_options, setup): Sampler =>
    setup.candidates === undefined ? fromSpace(setup) : shuffledCandidates("sobol", setup.candidates, setup),
});
