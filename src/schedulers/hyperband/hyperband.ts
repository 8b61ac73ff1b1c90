import { z } from "zod";
import { defineScheduler } from "../../core/define.js";
import type { Scheduler } from "../../core/scheduler.js";
import { endAfterRungs } from "../rungs.js";
import { listed } from "../rungs-plan.js";
import { successiveHalving } from "../successive-halving.js";
import { hyperbandPlan, survivors } from "./hyperband-plan.js";

const RULE = "hyperband";

const options = z.strictObject({
  eta: z.int().min(2).max(100).default(3).describe("One in this many trials goes on from a rung."),
  minSteps: z
    .int()
    .min(1)
    .default(1)
    .describe("The smallest number of steps after which a trial may be dropped."),
});

/**
 * Hyperband (Li et al., "Hyperband: A Novel Bandit-Based Approach to Hyperparameter Optimization", JMLR 2018, arXiv
 * 1603.06560), synchronous as published: brackets of successive halving take turns, from one that begins with many
 * trials and few steps to one whose trials all train to the end, and then start over. For goals whose early values may
 * or may not be informative; `asha` is faster if they are.
 *
 * Trials belong to brackets by their numbers, see `hyperbandPlan`. In a bracket no trial goes on from a rung before all
 * have reached it; then the best `floor(n_i / eta)` go on. Meanwhile, free workers begin the next trials, even those of
 * later brackets. Trials that failed or were stopped by another rule are neither awaited nor replaced. A study's last
 * bracket has as many trials as `budget.trials` leaves it; without that limit its rungs wait until no trial runs and
 * none can be created.
 *
 * A rung's value is the goal metric at the first report at or after the rung's step (rounded to a whole step) and before the
 * next rung's. A diverged value is the worst, and its trial stops. Equal values rank by trial number. A study
 * that would end without any complete training goes on with the best trial of the deepest rung.
 *
 * The explanation's values: `rung` (its step), `bracket` (counted from 0 across all cycles), `reached` (trials recorded
 * there so far), `promotable` (how many go on), `rank` (from 1), `value`.
 *
 * @example createStudy({ scheduler: hyperband(), maxSteps: 81 })
 * @throws CurvewiseError `MAX_STEPS_MISSING` when the study has no `maxSteps`; `OPTIONS_INVALID` when `minSteps` is not
 *   before it
 */
export const hyperband = defineScheduler({
  name: RULE,
  summary:
    "Runs rounds of successive halving that discard more or less aggressively (Hyperband); for goals whose early values may mislead.",
  options,
  create: ({ eta, minSteps }, { goal, maxSteps }): Scheduler => {
    const end = endAfterRungs(RULE, "minSteps", minSteps, maxSteps);
    const { cycle, placeOf } = hyperbandPlan(minSteps, eta, end);
    const halving = successiveHalving({
      rule: RULE,
      noun: "bracket",
      goal,
      maxSteps: end,
      placeOf,
      survivors: (trials, rung) => survivors(trials, eta, rung),
    });
    const [first] = cycle;
    if (first === undefined || first.steps.length === 0) return halving;
    const sizes = listed(cycle.map(({ trials }) => trials));
    return {
      ...halving,
      plan: `runs brackets of ${sizes} trials in turn; the first pauses trials at ${first.steps.length === 1 ? "step" : "steps"} ${listed(first.steps)}`,
    };
  },
});
