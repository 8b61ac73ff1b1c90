import { z } from "zod";
import { defineScheduler } from "../core/define.js";
import { costOf, type Goal } from "../core/goal.js";
import type { Scheduler } from "../core/scheduler.js";
import { shown } from "../core/wording.js";

const RULE = "threshold";

const options = z.strictObject({
  bound: z
    .number()
    .exactOptional()
    .describe("A trial stops when the metric is worse than this; by default only when it has diverged."),
  from: z.number().min(0).default(0).describe("The first step at which a trial may be stopped."),
  metric: z.string().min(1).exactOptional().describe("The metric to check; by default the goal metric."),
  direction: z
    .enum(["minimize", "maximize"])
    .exactOptional()
    .describe("Which way the metric is better; by default as in the goal."),
});

/**
 * Stops a trial at a report whose metric is strictly worse than `bound`, from step `from` on. For limits known in
 * advance: a loss above that of guessing after the first epochs, a training that is too slow (`{metric: seconds,
 * direction: minimize, bound: 60}`), and, with or without a bound, a training that has diverged (NaN or infinite is
 * worse than every number). A report without the metric decides nothing.
 *
 * The explanation's values: `step`, `bound` if there is one, and `value` unless it diverged.
 *
 * @example createStudy({ scheduler: threshold({ bound: 2.3, from: 3 }) })
 */
export const threshold = defineScheduler({
  name: RULE,
  forgets: true,
  severalGoals: true,
  summary: "Stops trials whose metric is worse than a bound, or has diverged.",
  options,
  create: ({ bound, from, metric: chosen, direction }, { goal }): Scheduler => {
    const judged: Goal = { metric: chosen ?? goal.metric, direction: direction ?? goal.direction };
    const { metric } = judged;
    const limit = bound === undefined ? Number.MAX_VALUE : costOf(bound, judged);
    const known = bound === undefined ? {} : { bound };
    return {
      restore: () => {},
      observe: () => {},
      decide: (trial, step) => {
        const value = trial.curve.metrics.get(metric)?.at(-1) ?? null;
        if (step < from || value === null || costOf(value, judged) <= limit) return { action: "continue" };
        const isDiverged = !Number.isFinite(value);
        return {
          action: "stop",
          explanation: {
            rule: RULE,
            reason: isDiverged
              ? `Its ${metric} at step ${step} has diverged (${value}).`
              : `Its ${metric} at step ${step}, ${shown(value)}, is worse than the bound ${bound}.`,
            values: { step, ...known, ...(isDiverged ? {} : { value }) },
          },
        };
      },
    };
  },
});
