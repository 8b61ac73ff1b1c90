import { z } from "zod";
import { defineSampler } from "../../core/define.js";
import { beliefOf, doubtShare } from "../../core/draw/belief.js";
import type { Params } from "../../core/param.js";
import { sameValue } from "../../core/param-value.js";
import type { Sampler, SamplerSetup } from "../../core/sampler.js";
import type { Study } from "../../core/study.js";
import { createOutcomes } from "../../forecast/outcomes.js";
import { createRandom, PURPOSE } from "../../math/random.js";
import { followTrials } from "../evolution/follow-trials.js";
import { createOffspring } from "../evolution/offspring.js";
import { type Batches, createBatches } from "./batches.js";
import { createCoordinates } from "./coordinates.js";
import { type Distribution, dimensionsOf, type Point, pointOf } from "./distribution.js";
import { createEndedTrials, type Ended } from "./ended-trials.js";
import { tamed } from "./normal.js";
import { believedStart, createSearch, type Search, type Terms } from "./restarts.js";
import { defaultSize } from "./selection.js";
import { warmStart } from "./warm-start.js";

/** The name under which the sampler's trials are recorded. */
const NAME = "cmaes";
/** How many draws are made again to find the one that a trial came from. */
const DRAWS = 8;

const options = z.strictObject({
  population: z
    .int()
    .min(2)
    .max(100_000)
    .exactOptional()
    .describe(
      "How many trials the distribution learns from together; by default 3 + 2 ln(number of params), at least 4.",
    ),
  sigma: z
    .number()
    .positive()
    .max(1)
    .default(1 / 8)
    .describe("The standard deviation of the first trials, as a share of each range."),
  restarts: z
    .enum(["bipop", "ipop", "none"])
    .default("bipop")
    .describe(
      "What follows when the search has converged: ipop, one from elsewhere with twice the population; bipop, quick small ones in between; none, it goes on.",
    ),
});

/** Whether two params are the same. */
function areSame(a: Params, b: Params): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => sameValue(a[name], b[name]));
}

function createCmaes(chosen: z.output<typeof options>, setup: SamplerSetup): Sampler {
  const { space, seed } = setup;
  const { ground, paramsOf, pointOf: placed, middle, deviations, shares } = createCoordinates(space);
  const dimensions = dimensionsOf(ground);
  const isBelieving = Object.values(space.params).some((param) => beliefOf(param) !== undefined);
  const terms: Terms = {
    ground,
    size: chosen.population ?? defaultSize(dimensions + ground.categories.length),
    sigma: chosen.sigma,
    restarts: chosen.restarts,
    seed,
  };
  const outcomes = createOutcomes(setup);
  const offspring = createOffspring(setup);
  const ended = createEndedTrials(outcomes);

  /** The points that a distribution gives a trial, one after the other. */
  const drawsOf = (trial: number, distribution: Distribution): (() => Point) => {
    const random = createRandom(seed, trial, PURPOSE.sampler);
    return () => {
      const deviates = Float64Array.from({ length: dimensions }, () => random.normal());
      const uniforms = Float64Array.from(ground.categories, () => random.uniform());
      return pointOf(distribution, deviates, uniforms);
    };
  };

  /** Where a trial lies: where it was drawn, if the distribution draws it again, else where its params are. */
  const located = (trial: number, params: Params, distribution: Distribution): Point => {
    const draw = drawsOf(trial, distribution);
    const first = draw();
    for (let turn = 1, point = first; turn <= DRAWS; turn++, point = draw())
      if (areSame(paramsOf(point), params)) return point;
    const point = placed(params, first);
    const { normal } = distribution;
    return normal === undefined ? point : { ...point, coordinates: tamed(normal, point.coordinates) };
  };

  /** Of the trials before the first of its own. */
  const startAfter = (first: number): Search => {
    const before = Array.from({ length: first }, (_, trial) => ended.of(trial))
      .filter((each): each is Ended => each !== undefined && each.cost < Number.POSITIVE_INFINITY)
      .map(({ params, cost }) => ({ point: placed(params, middle), cost }));
    const warm = warmStart(ground, before);
    if (warm !== undefined) return createSearch(terms, warm);
    const best = before.toSorted((a, b) => a.cost - b.cost)[0]?.point ?? middle;
    return createSearch(terms, believedStart(best.coordinates, terms.sigma, deviations, shares));
  };

  const lessons = { of: ended.of, pointOf: located };
  let first = setup.handedFrom;
  let scanned = 0;
  let batches: Batches | undefined;
  /** The batches of the study as it is; the first one begins with the first trial that this sampler proposed. */
  const batchesOf = (study: Study): Batches => {
    const changed = ended.catchUp(study);
    for (; first === undefined && scanned < study.trials.length; scanned++)
      if (study.trials[scanned]?.sampler === NAME) first = scanned;
    const begin = first ?? study.trials.length;
    if (batches === undefined || first === undefined || changed.some((trial) => trial < begin))
      batches = createBatches(terms, begin, startAfter(begin), lessons);
    else batches.changed(changed);
    return batches;
  };

  const ask: Sampler["ask"] = (trial, random, study) => {
    if (dimensions + ground.categories.length === 0) return offspring.draw(random);
    if (isBelieving && random.uniform() < doubtShare(trial)) return offspring.draw(random);
    const { run } = batchesOf(study).searchOf(trial);
    const draw = drawsOf(trial, run.distribution);
    return offspring.breed(() => paramsOf(draw()), random);
  };

  return {
    ...(offspring.size === undefined ? {} : { size: offspring.size }),
    ...followTrials((trial) => {
      outcomes.note(trial);
      offspring.note(trial);
    }),
    ask,
  };
}

/**
 * The covariance matrix adaptation evolution strategy for numbers, lists and choices together: CatCMA with margin (see
 * `learn` in distribution.ts). Trials are drawn from a normal distribution of the numbers and from shares of the choices'
 * options, which move to the better half of each batch of trials.
 *
 * It never waits: a trial is drawn from what the batches before its own have taught so far. Batches are cut by the
 * trials' numbers (see `createBatches`), so what is learnt does not depend on which trial ended first. Trials that were
 * paused or stopped are ranked by the forecast of their end (see `createOutcomes`), failed and diverged ones last; with
 * several goals by their places among all. Trials of other samplers, repaired or enqueued ones teach as well, moved to where the distribution might have drawn them.
 * Those before the first of its own tell where it begins, else defaults and priors do; with priors, a few trials are drawn
 * at random instead (see `doubtShare`). A param that is off keeps a place drawn at random, which
 * teaches nothing. Draws that break constraints or were tried before are drawn again; given candidates, the untried one
 * nearest to the draw is proposed.
 *
 * @example createStudy({ sampler: cmaes() })
 */
export const cmaes = defineSampler({
  name: NAME,
  summary: "Moves a normal distribution to where trials are good; for hundreds of trials, mostly of numbers.",
  options,
  severalGoals: true,
  create: createCmaes,
});
