import { type Bounds, boundPenalties, type Spreads, withSpread } from "./bound-penalty.js";
import { type CategoryShares, equalShares, learnShares, optionAt } from "./category-shares.js";
import type { Grid } from "./grid.js";
import { centre, FIRST_MUTATION, marginCorrected } from "./integer-margin.js";
import { createNormal, deviationOf, learnNormal, type Normal, sampleOf } from "./normal.js";
import { selectionOf } from "./selection.js";

/** What the coordinates and choices of a point may be. */
export interface Ground {
  /** Of the first coordinates, which are not rounded. */
  readonly bounds: readonly Bounds[];
  /** Of the coordinates after those, which are rounded to the values of their grids. */
  readonly grids: readonly Grid[];
  /** By choice: how many options it has, at least 2. */
  readonly categories: readonly number[];
}

/** A sample: coordinates as drawn, maybe out of bounds and not rounded yet, and the option of each choice. */
export interface Point {
  readonly coordinates: Float64Array;
  readonly options: Int32Array;
}

/** A point with its cost; lower is better, and infinite if it failed. */
export interface Judged {
  readonly point: Point;
  readonly cost: number;
}

/** A distribution of points: a normal one of the coordinates, and shares of the options of each choice. */
export interface Distribution {
  readonly ground: Ground;
  /** How many generations it has learnt from. */
  readonly generation: number;
  /** Undefined if there are only choices. */
  readonly normal: Normal | undefined;
  /** By rounded coordinate: how likely a sample was to be rounded to another value than the mean. */
  readonly mutation: Float64Array;
  readonly categories: CategoryShares | undefined;
  readonly spreads: Spreads;
}

/** Where a distribution begins. */
export interface Start {
  readonly mean: Float64Array;
  readonly sigma: number;
  /** By rows, times sigma². */
  readonly covariance: Float64Array;
  /** By choice: the probability of each option; equal unless given. */
  readonly shares?: readonly Float64Array[];
}

/** The probability that some choice or rounded coordinate leaves its likeliest value is at least 27 %. */
const STAYING = 0.73;
const marginOf = ({ grids, categories }: Ground): number =>
  1 - STAYING ** (1 / (grids.length + categories.length));

export const dimensionsOf = ({ bounds, grids }: Pick<Ground, "bounds" | "grids">): number =>
  bounds.length + grids.length;

export function createDistribution(ground: Ground, start: Start): Distribution {
  const { mean, sigma, covariance, shares } = start;
  const equal = equalShares(ground.categories);
  return {
    ground,
    generation: 0,
    normal: mean.length === 0 ? undefined : createNormal(mean, sigma, covariance),
    mutation: new Float64Array(ground.grids.length).fill(FIRST_MUTATION),
    categories: ground.categories.length === 0 ? undefined : { ...equal, shares: shares ?? equal.shares },
    spreads: [],
  };
}

/**
 * The point that random numbers make.
 *
 * @param deviates a standard normal one for each coordinate
 * @param uniforms one in [0, 1) for each choice
 */
export function pointOf(
  { normal, categories }: Distribution,
  deviates: Float64Array,
  uniforms: Float64Array,
): Point {
  const shares = categories?.shares ?? [];
  return {
    coordinates: normal === undefined ? new Float64Array(0) : sampleOf(normal, deviates),
    options: Int32Array.from(shares, (each, choice) => optionAt(each, uniforms[choice] ?? 0)),
  };
}

const byCost = (a: Judged, b: Judged): number => (a.cost === b.cost ? 0 : a.cost - b.cost);

/**
 * The distribution after a generation: CatCMA with margin (Hamano, Uchida, Shirakawa, Saito and Nomura, "CatCMA with
 * margin for single- and multi-objective mixed-variable black-box optimization", arXiv 2504.07884).
 *
 * Costs are compared after a penalty for being out of bounds. Rounded coordinates are centred, then the normal
 * distribution learns as in the CMA-ES, and a margin keeps rounded coordinates and choices from getting stuck.
 *
 * @param judged at least two points; of equal costs the first is the better
 */
export function learn(distribution: Distribution, judged: readonly Judged[]): Distribution {
  const { ground, normal, categories, generation } = distribution;
  const { bounds, grids } = ground;
  const selection = selectionOf(judged.length, dimensionsOf(ground));
  const { parents } = selection;
  let ranked = judged.toSorted(byCost);
  let { spreads } = distribution;
  if (normal !== undefined && bounds.length > 0) {
    const costs = ranked.map(({ cost }) => cost);
    spreads = withSpread(spreads, costs, normal.mean.length);
    const samples = ranked.map(({ point }) => point.coordinates);
    const penalties = boundPenalties(normal, samples, bounds, spreads, selection);
    ranked = ranked
      .map(({ point, cost }, place) => ({ point, cost: cost + (penalties[place] ?? 0) }))
      .toSorted(byCost);
  }

  const margin = marginOf(ground);
  const best = ranked.slice(0, parents).map(({ point }) => point.options);
  const next = {
    ...distribution,
    generation: generation + 1,
    spreads,
    categories: categories && learnShares(categories, best, selection, margin),
  };
  if (normal === undefined) return next;

  const samples = ranked.map(({ point }) => Float64Array.from(point.coordinates));
  const mutated = grids.map((grid, place) => {
    const at = bounds.length + place;
    const column = Float64Array.from(samples.slice(0, parents), (sample) => sample[at] ?? 0);
    const centred = centre(grid, normal.mean[at] ?? 0, column);
    for (const [rank, value] of centred.samples.entries()) {
      const sample = samples[rank];
      if (sample !== undefined) sample[at] = value;
    }
    return centred.mutated;
  });
  const learnt = learnNormal(normal, samples, selection, generation);
  const mean = Float64Array.from(learnt.mean);
  const stretch = Float64Array.from(learnt.stretch);
  const mutation = Float64Array.from(distribution.mutation);
  for (const [place, grid] of grids.entries()) {
    const at = bounds.length + place;
    const before = { mean: mean[at] ?? 0, stretch: stretch[at] ?? 1, mutation: mutation[place] ?? 0 };
    const after = marginCorrected(grid, before, deviationOf(learnt, at), mutated[place] ?? false, margin);
    mean[at] = after.mean;
    stretch[at] = after.stretch;
    mutation[place] = after.mutation;
  }
  return { ...next, normal: { ...learnt, mean, stretch }, mutation };
}
