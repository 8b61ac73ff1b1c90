import { createRandom, PURPOSE } from "../../math/random.js";
import { dimensionsOf, type Ground, type Judged, type Start } from "./distribution.js";
import { afterGeneration, createRun, hasConverged, type Run } from "./run.js";

/** What follows when a run has converged. */
export type Restarts = "bipop" | "ipop" | "none";

/** A run, and those before it. */
export interface Search {
  readonly run: Run;
  /** How many runs there were before. */
  readonly restarts: number;
  /** How often the generations of large runs were doubled. */
  readonly doublings: number;
  readonly isSmall: boolean;
  /** How many trials all earlier large and small runs had. */
  readonly large: number;
  readonly small: number;
  /** After how many trials the run ends, converged or not. */
  readonly limit: number;
}

/** What a search never changes. */
export interface Terms {
  readonly ground: Ground;
  /** The size of the first run's generations, and its deviations. */
  readonly size: number;
  readonly sigma: number;
  readonly restarts: Restarts;
  readonly seed: number;
}

/** Generations stop doubling here. */
const MOST = 100_000;
/** The least deviation that a belief leads to, as a share of the usual one. */
const LEAST_BELIEVED = 0.5;
/** Keeps the streams of starts apart from those of trials. */
const STARTS = 2 ** 40;

/** A start with equal deviations everywhere. */
export function plainStart(mean: Float64Array, sigma: number): Start {
  const covariance = new Float64Array(mean.length ** 2);
  for (let place = 0; place < mean.length; place++) covariance[place * (mean.length + 1)] = 1;
  return { mean, sigma, covariance };
}

/**
 * A start where good params are believed to be. Deviations are those of the beliefs, within a half of what they would
 * be without and that itself: they grow again where a belief was wrong, and restarts know nothing of it.
 *
 * @param deviations by coordinate; undefined where nothing is believed
 */
export function believedStart(
  mean: Float64Array,
  sigma: number,
  deviations: readonly (number | undefined)[],
  shares: readonly Float64Array[],
): Start {
  const { covariance } = plainStart(mean, sigma);
  for (const [place, deviation = sigma] of deviations.entries()) {
    const relative = Math.min(1, Math.max(LEAST_BELIEVED, deviation / sigma));
    covariance[place * (mean.length + 1)] = relative ** 2;
  }
  return { mean, sigma, covariance, shares };
}

export const createSearch = ({ ground, size }: Terms, start: Start): Search => ({
  run: createRun(ground, start, size),
  restarts: 0,
  doublings: 0,
  isSmall: false,
  large: 0,
  small: 0,
  limit: Number.POSITIVE_INFINITY,
});

/**
 * The next run, from a random point. `ipop`: generations are twice as large each time (Auger and Hansen, "A restart CMA
 * evolution strategy with increasing population size", CEC 2005). `bipop`: between those come runs with small generations
 * and short steps, as long as these have had fewer trials in all (Hansen, "Benchmarking a BI-population CMA-ES on the
 * BBOB-2009 function testbed", GECCO 2009).
 */
function restarted(search: Search, terms: Terms): Search {
  const { ground, size, sigma, seed } = terms;
  const { run, isSmall, restarts, doublings } = search;
  const random = createRandom(seed, STARTS + restarts, PURPOSE.sampler);
  const mean = Float64Array.from({ length: dimensionsOf(ground) }, () => random.uniform());
  const large = search.large + (isSmall ? 0 : run.trials);
  const small = search.small + (isSmall ? run.trials : 0);
  const next = { restarts: restarts + 1, large, small };
  if (terms.restarts === "bipop" && restarts > 0 && small < large) {
    const least = size * ((0.5 * size * 2 ** doublings) / size) ** (random.uniform() ** 2);
    const start = plainStart(mean, sigma * 10 ** (-2 * random.uniform()));
    const few = Math.max(size, Math.floor(least));
    return {
      ...next,
      run: createRun(ground, start, few),
      doublings,
      isSmall: true,
      limit: Math.floor(large / 2),
    };
  }
  const more = Math.min(MOST, size * 2 ** (doublings + 1));
  return {
    ...next,
    run: createRun(ground, plainStart(mean, sigma), more),
    doublings: doublings + 1,
    isSmall: false,
    limit: Number.POSITIVE_INFINITY,
  };
}

/** A search after a generation: the same run, or the next one if it has converged. */
export function afterBatch(search: Search, judged: readonly Judged[], terms: Terms): Search {
  const run = afterGeneration(search.run, judged);
  const next = { ...search, run };
  const ends = terms.restarts !== "none" && (hasConverged(run) || run.trials >= search.limit);
  return ends ? restarted(next, terms) : next;
}
