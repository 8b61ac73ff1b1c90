import { z } from "zod";
import { amongCandidates } from "../../core/candidates/among-candidates.js";
import { allParams } from "../../core/candidates/finite-space.js";
import { createUntriedParams } from "../../core/candidates/untried-params.js";
import { defineSampler } from "../../core/define.js";
import { beliefOf, beliefShare, doubted } from "../../core/draw/belief.js";
import { goalsOf } from "../../core/goals/trial-result.js";
import type { Params } from "../../core/param.js";
import type { Sampler, SamplerSetup } from "../../core/sampler.js";
import { createOutcomes } from "../../forecast/outcomes.js";
import type { Random } from "../../math/random.js";
import { followTrials } from "../evolution/follow-trials.js";
import { createGroup, groupsOf } from "./group.js";
import { createProposals } from "./proposals.js";
import { createRanking } from "./ranking.js";

/** How many trials are good at most. */
const MOST_GOOD = 25;
/** How often candidates are drawn again when all of them were tried. */
const ROUNDS = 4;
/** Spaces with at most this many combinations are searched for the best untried one. */
const FEW = 1000;

/** What holds unless it is given. */
const ONE_GOAL = { good: 0.15, weights: "improvement", spread: 0.2, step: 0.5 } as const;
const SEVERAL_GOALS = { good: 0.1, weights: "recent", spread: 0, step: 0 } as const;

const options = z.strictObject({
  startup: z
    .int()
    .min(1)
    .max(100_000)
    .default(10)
    .describe(
      "How many trials must have an outcome before the sampler learns; until then, it draws at random.",
    ),
  candidates: z
    .int()
    .min(1)
    .max(10_000)
    .default(24)
    .describe("How many candidates are drawn for a trial; more of them search nearer to the good trials."),
  good: z
    .number()
    .positive()
    .max(1)
    .optional()
    .describe(
      "The share of trials that count as good, at most 25 of them; by default 0.15, with several goals 0.1.",
    ),
  weights: z
    .enum(["improvement", "recent"])
    .optional()
    .describe(
      "How trials are weighed: improvement (the default with one goal), the good ones by how much better they are than the others; recent (with several), those older than the newest 25 less.",
    ),
  narrowing: z
    .number()
    .positive()
    .max(4)
    .default(1)
    .describe("How fast the search may narrow down as trials come in: the exponent of their number."),
  narrowest: z
    .number()
    .positive()
    .max(1)
    .default(0.01)
    .describe(
      "How close to a good trial the search may stay: the least standard deviation, as a share of a range.",
    ),
  spread: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe(
      "How far a trial that is not good speaks against its surroundings: the least standard deviation, as a share of a range, which shrinks as trials come in; by default 0.2, with several goals 0.",
    ),
  step: z
    .number()
    .min(0)
    .max(10)
    .optional()
    .describe(
      "The least standard deviation of a param with steps, as a share of the distance between two values; by default 0.5, with several goals 0.",
    ),
});

function createTpe(chosen: z.output<typeof options>, setup: SamplerSetup): Sampler {
  const { space } = setup;
  const hasOneGoal = goalsOf(setup.goal).length === 1;
  const usual = hasOneGoal ? ONE_GOAL : SEVERAL_GOALS;
  const { good = usual.good, weights = usual.weights, spread = usual.spread, step = usual.step } = chosen;
  const clip = { exponent: chosen.narrowing, floor: chosen.narrowest, spread, step };
  // The good trials of several goals lie along a front: few of them are alike in all params.
  const together = hasOneGoal
    ? groupsOf(space)
    : groupsOf(space)
        .flat()
        .map((dimension) => [dimension]);
  const beliefs = new Map(
    Object.entries(space.params).map(([name, param]) => {
      const belief = beliefOf(param);
      return [name, belief && doubted(belief, beliefShare(0))];
    }),
  );
  const groups = together.map((dimensions) =>
    createGroup(dimensions, clip, weights, (name) => beliefs.get(name)),
  );
  const { draw, ranked } = createProposals(space, groups);
  const outcomes = createOutcomes(setup);
  const ranking = createRanking(outcomes, MOST_GOOD);
  const untried = createUntriedParams(setup);
  const all = allParams(space, FEW);

  const propose = (random: Random, known: readonly Params[]): Params | undefined => {
    for (let round = 0; round < ROUNDS; round++) {
      for (const params of draw(chosen.candidates, random, known))
        if (!untried.isTried(params)) return params;
      if (all !== undefined) break;
    }
    const [best] = ranked((all ?? []).filter((params) => !untried.isTried(params)));
    return best ?? untried.draw(random);
  };

  const ask = (_trial: number, random: Random): Params | undefined => {
    const division = ranking.divide((count) => Math.ceil(good * count));
    if (division.finite < chosen.startup) return untried.draw(random);
    for (const group of groups) group.divide(division);
    return propose(
      random,
      division.good.map(({ params }) => params),
    );
  };

  const sampler = {
    ...followTrials((trial) => {
      outcomes.note(trial);
      untried.note(trial);
      for (const group of groups) group.note(trial);
    }),
    ask,
  };
  return amongCandidates(sampler, setup);
}

/**
 * The tree-structured Parzen estimator (Bergstra, Bardenet, Bengio and Kégl, "Algorithms for hyper-parameter
 * optimization", NIPS 2011), with the joint densities and the details of Optuna 5 (see {@link createGroup} and `Parzen`),
 * but with wider kernels for trials that are not good, and over few values (see `Clip`):
 * the best trials, at most 25, are the good ones; candidates are drawn from their density, and the one is
 * proposed that is most likely under it compared with the density of all others. For any space and up to thousands of
 * trials; the options and the weights follow Watanabe, "Tree-structured Parzen estimator: understanding its algorithm components and
 * their roles for better empirical performance", arXiv 2304.11127.
 *
 * Trials that the scheduler paused or stopped are ranked by the forecast of their end (see `createOutcomes`); failed and
 * diverged ones are never good. Trials in flight count among the others, whatever they reported, so that no two workers
 * search the same place. With several goals, or constraints on metrics, trials are ranked by their front and by what they
 * add to its hypervolume, feasible ones first (Ozaki et al., "Multiobjective tree-structured Parzen estimator", JAIR
 * 2022); with several goals, each param has densities of its own. Of more than 10,000 trials, the others are the newest
 * 10,000. Params with a condition have densities of their own, from the trials in which they are on. Where a param has a
 * prior, this is the prior of the density of the good trials: it counts as much as one of them. Given candidates, the
 * untried one nearest to the proposal
 * is taken.
 *
 * @example createStudy({ sampler: tpe() })
 */
export const tpe = defineSampler({
  name: "tpe",
  summary: "Draws params near the best trials and away from the others; for every kind of space.",
  options,
  severalGoals: true,
  create: createTpe,
});
