import { z } from "zod";
import { defineScheduler } from "../../core/define.js";
import type { Scheduler } from "../../core/scheduler.js";
import { checkNames, intervalOf, populationOptions, spaceOf } from "../population/options.js";
import { createPopulation } from "../population/population.js";
import { truncation } from "../population/truncation.js";
import { createBandit } from "./bandit.js";

const options = z.strictObject({
  ...populationOptions,
  population: populationOptions.population.default(4),
  evolve: z
    .array(z.string())
    .min(1)
    .exactOptional()
    .describe(
      "The params that change during training; by default all. Others stay with their model: do not list params that set a network's shape.",
    ),
});

/**
 * Population based bandits (Parker-Holder, Nguyen and Roberts, "Provably efficient online hyperparameter optimization
 * with population-based bandits", NeurIPS 2020, arXiv 2002.02518): population based training that does not change
 * params at random, but learns which of them help at which time. Use it to find schedules with few workers: if the best
 * value of one or two numbers changes, and shows within an interval, 4 members get as far as 16 with PBT
 * (bench/pb2.mjs).
 *
 * Who copies whom is decided as in `pbt` with `exploit: "truncation"`. Then the evolving numbers, floats and ints, are
 * chosen by GP-UCB: a Gaussian process over them (on their own scales) and over time is fitted to the gain of every
 * interval of every member so far, and the params with the highest upper confidence bound are chosen. Intervals that
 * began with newly chosen params and have not ended yet count as observed, without an outcome, so that members do not
 * all try the same. While fewer than 4 intervals have ended, params are drawn at random.
 *
 * As in the paper, the kernel is a squared exponential times a power of the distance in time, and the lengthscale, the
 * forgetting and the noise are chosen to make the data most likely. Unlike in the paper, gains are divided by the
 * typical size of gains at about the same time before they are standardised, since they shrink by orders of magnitude
 * during training; lists and choices are not optimised (as in the later PB2-Mult) but evolve as in `pbt`, while the
 * process distinguishes their values; and it learns only from the 300 intervals of the longest-trained models.
 *
 * The explanation's values at an exploit are those of `pbt`, with `intervals` and `open` (how many had ended and how
 * many had not), and for the chosen params the `mean` and `deviation` of the standardised gain, the deviation's
 * `weight`, and the kernel's `lengthscale`, `forgetting` and `noise`.
 *
 * @example createStudy({ scheduler: pb2({ interval: 5, evolve: ["lr", "momentum"] }), maxSteps: 100 })
 * @throws CurvewiseError `MAX_STEPS_MISSING` without `interval` in a study without `maxSteps`; `SPACE_MISSING`;
 *   `OPTIONS_INVALID` when `evolve` names something that is not a param, or the interval is too long
 */
export const pb2 = defineScheduler({
  name: "pb2",
  summary:
    "Trains a small population; the least fit take over copies of the fittest, with params chosen by a bandit (PB2).",
  options,
  create: (settings, setup): Scheduler => {
    const { goal, seed, maxSteps } = setup;
    const space = spaceOf("pb2", setup);
    const { population, burnIn, quantile, mode } = settings;
    const evolving = settings.evolve ?? Object.keys(space.params);
    checkNames("pb2", evolving, space);
    const interval = intervalOf("pb2", settings.interval, maxSteps);
    return createPopulation({
      rule: "pb2",
      goal,
      seed,
      maxSteps,
      population,
      interval,
      burnIn,
      quantile,
      isSynchronous: mode === "synchronous",
      select: truncation,
      explore: createBandit({ goal, space, interval, evolving }),
    });
  },
});
