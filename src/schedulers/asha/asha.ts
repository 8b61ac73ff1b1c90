import { z } from "zod";
import { defineScheduler } from "../../core/define.js";
import { isPlainGoal } from "../../core/goals/trial-result.js";
import type { Scheduler } from "../../core/scheduler.js";
import { createBrackets } from "../ladders/brackets.js";
import { ashaStopping } from "../ladders/stopping.js";
import { ashaStoppingByFront } from "../ladders/stopping-by-front.js";
import { endAfterRungs } from "../rungs.js";
import { withRungsPlan } from "../rungs-plan.js";
import { ashaPromotion } from "./promotion.js";
import { ashaPromotionByFront } from "./promotion-by-front.js";

const options = z.strictObject({
  type: z
    .enum(["promotion", "stopping"])
    .default("promotion")
    .describe(
      "`promotion`: trials pause at rungs and the best go on later; `stopping`: all but the best stop for good, for programs that cannot be paused.",
    ),
  eta: z.int().min(2).max(100).default(4).describe("One in this many trials goes on from a rung."),
  minSteps: z
    .int()
    .min(1)
    .default(1)
    .describe("The step of the first rung; each later rung is at eta times the step of the one before."),
  brackets: z
    .int()
    .min(1)
    .max(20)
    .default(1)
    .describe("How many ladders with different first rungs share the trials; more is more cautious."),
});

/**
 * Asynchronous successive halving, ASHA (Li et al., "A System for Massively Parallel Hyperparameter Tuning", MLSys
 * 2020, arXiv 1810.05934): trials climb a ladder of rungs at the steps `minSteps * eta^k` below `maxSteps`, and only
 * the best 1/eta of those that reach a rung go on. No trial waits for others. The baseline to compare with: it needs no
 * model, is hard to beat, and works wherever early values are informative.
 *
 * `type: "promotion"` is the paper's algorithm; `type: "stopping"` the variant of Ray and Syne Tune. The default eta is
 * the paper's and Ray's. With `brackets` above 1 it is asynchronous Hyperband (section 3.3 of the paper): every trial
 * is assigned to one of several ladders at random, with Hyperband's shares.
 *
 * A rung's value is the goal metric at the first report at or after the rung's step and before the next rung's. A
 * diverged value is the worst, and its trial stops. Equal values rank by trial number. In `promotion`, a study that
 * would end (no trial running, none left to begin) without any complete training goes on with the best trial of the
 * deepest rung, so that even a small budget gives a result.
 *
 * With several goals, or with constraints on metrics, the trials at a rung are ordered by their front and by what they add
 * to its hypervolume, feasible ones first (see {@link ashaPromotionByFront}).
 *
 * The explanation's values: `rung` (its step), `bracket`, `reached` (trials recorded there, itself included),
 * `promotable` or `best` (how many of them may go on), `rank` (from 1), `value`, and `threshold` (the value of the last
 * trial that may go on). A diverged trial's explanation has no rank.
 *
 * @example createStudy({ scheduler: asha({ eta: 3, minSteps: 2 }), maxSteps: 54 })
 * @throws CurvewiseError `MAX_STEPS_MISSING` when the study has no `maxSteps`; `OPTIONS_INVALID` when `minSteps` is not
 *   before it
 */
export const asha = defineScheduler({
  name: "asha",
  summary:
    "Lets only the best trials of each rung go on (asynchronous successive halving); the rule to compare with.",
  options,
  severalGoals: true,
  create: ({ type, eta, minSteps, brackets: count }, { goal, maxSteps, seed }): Scheduler => {
    const end = endAfterRungs("asha", "minSteps", minSteps, maxSteps);
    const brackets = createBrackets({ count, minSteps, eta, maxSteps: end, goal, seed });
    const create = (): Scheduler => {
      if (isPlainGoal(goal))
        return type === "promotion" ? ashaPromotion(brackets, eta, goal) : ashaStopping(brackets, eta, goal);
      return type === "promotion"
        ? ashaPromotionByFront(brackets, eta, goal)
        : ashaStoppingByFront(brackets, eta, goal, "asha/stopping-by-front");
    };
    return withRungsPlan(create(), {
      does: type === "promotion" ? "pauses" : "looks at",
      steps: brackets.setups[0]?.steps ?? [],
      eta,
      brackets: brackets.setups.length,
    });
  },
});
