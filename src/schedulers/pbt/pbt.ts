import { z } from "zod";
import { defineScheduler } from "../../core/define.js";
import type { Scheduler } from "../../core/scheduler.js";
import type { SearchSpace } from "../../core/search-space.js";
import {
  checkNames,
  intervalOf,
  perturbationOptions,
  populationOptions,
  spaceOf,
} from "../population/options.js";
import { type Evolution, perturb } from "../population/perturb.js";
import { createPopulation } from "../population/population.js";
import { truncation } from "../population/truncation.js";
import { tTest } from "./t-test.js";
import { tournament } from "./tournament.js";

const STRATEGIES = { truncation, tournament, "t-test": tTest } as const;

const options = z.strictObject({
  ...populationOptions,
  exploit: z
    .enum(["truncation", "tournament", "t-test"])
    .default("truncation")
    .describe(
      "`truncation`: the fittest quantile replaces the least fit; `tournament`: a member is replaced if it meets a fitter one; `t-test`: if it meets one whose last 10 reports are significantly better.",
    ),
  ...perturbationOptions,
});

type Options = z.output<typeof options>;

function evolutionsOf({ evolve, factors, resample }: Options, space: SearchSpace): Map<string, Evolution> {
  const all = { factors, resample };
  const names =
    evolve === undefined ? Object.keys(space.params) : Array.isArray(evolve) ? evolve : Object.keys(evolve);
  checkNames("pbt", names, space);
  return new Map(
    names.map((name) => {
      const own = evolve === undefined || Array.isArray(evolve) ? undefined : evolve[name];
      return [name, { factors: own?.factors ?? all.factors, resample: own?.resample ?? all.resample }];
    }),
  );
}

/**
 * Population based training (Jaderberg et al., "Population based training of neural networks", 2017, arXiv 1711.09846):
 * a population of trials trains side by side, and every `interval` steps a trial may give up its model for a copy of a
 * fitter one's, with that trial's params slightly changed. The result is not one setting but a schedule: params that
 * change during the training. Use it if the best learning rate at the first step is not the best at the last.
 *
 * With `exploit: "truncation"` the least fit `quantile` (rounded up, at most half) copies trials drawn from the fittest
 * one; `tournament` and `t-test` are the paper's other strategies. Then every evolving param is multiplied by one of
 * `factors` (or moved to a neighbour in a list), or with probability `resample` drawn from the space: 0 in the paper
 * and the poster, 0.25 in Ray and by default here. Fitness is the goal metric's last value; for a model that was just
 * copied, the value reported for it. Diverged and failed trials are the least fit: a failed one goes on with a fitter
 * one's model, unless it failed again before it reported.
 *
 * A model is copied from a snapshot whose digest is verified, so the training must save one at each interval
 * (`CURVEWISE_SNAPSHOT_EVERY`), and must be able to go on from another trial's. A trial that is about to be replaced is
 * never a parent. A trial's steps are those of its model: with an older model it goes back, with a more advanced one
 * ahead. Populations larger than the number of workers take turns: the member with the fewest steps goes on.
 *
 * `mode: "asynchronous"` compares with what the others last reached; with `synchronous`, all wait for each other.
 * `evolve` names the params that change during training; all others stay with the model.
 *
 * The explanation's values: `members` (how many were ranked), `rank` (from 1, the fittest), `quantileSize`, and for an
 * exploit `parent`, `parentStep` and `parentValue`.
 *
 * @example createStudy({ scheduler: pbt({ population: 16, interval: 5, evolve: ["lr"] }), maxSteps: 100 })
 * @throws CurvewiseError `MAX_STEPS_MISSING` without `interval` in a study without `maxSteps`; `SPACE_MISSING`;
 *   `OPTIONS_INVALID` when `evolve` names something that is not a param, or the interval is too long
 */
export const pbt = defineScheduler({
  name: "pbt",
  summary:
    "Trains a population; the least fit take over copies of the fittest, with changed params (population based training).",
  options,
  create: (settings, setup): Scheduler => {
    const { goal, seed, maxSteps } = setup;
    const space = spaceOf("pbt", setup);
    const { population, burnIn, quantile, mode, exploit } = settings;
    const evolutions = evolutionsOf(settings, space);
    return createPopulation({
      rule: `pbt/${exploit}`,
      goal,
      seed,
      maxSteps,
      population,
      interval: intervalOf("pbt", settings.interval, maxSteps),
      burnIn,
      quantile,
      isSynchronous: mode === "synchronous",
      select: STRATEGIES[exploit],
      explore: (_trial, parent, _study, random) => ({
        params: perturb(space, parent.params, evolutions, random),
      }),
    });
  },
});
