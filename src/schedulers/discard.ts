import { z } from "zod";
import { defineScheduler } from "../core/define.js";
import type { Scheduler } from "../core/scheduler.js";
import { endAfterRungs } from "./rungs.js";
import { successiveHalving } from "./successive-halving.js";

const RULE = "discard";

const options = z.strictObject({
  steps: z.int().min(1).default(1).describe("How many steps every trial is trained."),
  keep: z.int().min(1).default(3).describe("How many of the trials are trained to the end."),
  batch: z
    .int()
    .min(1)
    .exactOptional()
    .describe("How many trials are compared with each other; by default all in the budget."),
});

/**
 * Discards trials after a constant number of steps, the paper's i-Epoch (Egele et al., "The Unreasonable Effectiveness
 * of Early Discarding After One Epoch in Neural Network Hyperparameter Optimization", Neurocomputing 2024, arXiv
 * 2404.04111): every trial is trained for `steps` steps, and only the best `keep` of them to the end. Two numbers, no
 * model: the baseline that every cleverer rule has to beat.
 *
 * The best are known once all trials have got this far, which requires `budget.trials` (or a sampler that ends, such as
 * a grid). With `batch`, only that many consecutive trials are compared with each other, and `keep` applies to each
 * batch: use it with a budget of time or steps. Trials that failed or were stopped by another rule are neither awaited
 * nor replaced.
 *
 * The value that counts is the goal metric at the first report at or after `steps`. A trial that diverged stops. Equal
 * values rank by trial number.
 *
 * The explanation's values: `rung` (`steps`), `batch` (counted from 0), `reached` (trials recorded there so far),
 * `promotable` (how many go on), `rank` (from 1), `value`.
 *
 * @example createStudy({ scheduler: discard({ steps: 2, keep: 5 }), maxSteps: 50 })
 * @throws CurvewiseError `MAX_STEPS_MISSING` when the study has no `maxSteps`; `OPTIONS_INVALID` when `steps` is not
 *   before it
 */
export const discard = defineScheduler({
  name: RULE,
  summary:
    "Trains all trials for a few steps and only the best to the end; the baseline for everything else.",
  options,
  create: ({ steps, keep, batch = Number.POSITIVE_INFINITY }, { goal, maxSteps }): Scheduler => {
    const end = endAfterRungs(RULE, "steps", steps, maxSteps);
    return successiveHalving({
      rule: RULE,
      noun: "batch",
      goal,
      maxSteps: end,
      placeOf: (trial) => {
        const number = Math.floor(trial / batch);
        const start = number === 0 ? 0 : number * batch;
        return { bracket: number, start, trials: batch, steps: steps < end ? [steps] : [] };
      },
      survivors: () => keep,
    });
  },
});
