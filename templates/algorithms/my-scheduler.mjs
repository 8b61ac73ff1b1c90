// At each report, a scheduler decides whether the trial goes on, pauses or stops. This one stops a trial that is behind
// most others at the same step.
import { costOf, defineScheduler, valueAtStep, z } from "curvewise/define";

export default defineScheduler({
  // What studies and their logs call it.
  name: "upper-half",
  // One sentence for `curvewise schedulers ./my-scheduler.mjs`.
  summary: "Stops trials that are behind more than a share of the others at the same step.",
  // The options, each with a default and a description. `z` is zod; any Standard Schema will do.
  options: z.strictObject({
    share: z.number().min(0).max(1).default(0.5).describe("The share of the others that may be ahead."),
    startup: z.int().min(1).default(5).describe("How many others must have reported at the step."),
    every: z.int().min(1).default(1).describe("Steps between two decisions."),
  }),
  // Called once for each study, before anything is recorded.
  create: ({ share, startup, every }, { goal }) => ({
    // A scheduler builds up what it remembers in `observe`, which is called after each event, and in `restore`, which is
    // called with the whole study when it is opened again. Both must lead to the same state. This one remembers nothing.
    restore: () => {},
    observe: () => {},
    decide: (trial, step, study) => {
      if (step % every !== 0) return { action: "continue" };
      // Better values have a lower cost, whichever way the goal goes; the cost of NaN and the infinities is infinite.
      const costAt = (each) => {
        const value = valueAtStep(each, goal.metric, step);
        return value === undefined ? undefined : costOf(value, goal);
      };
      const own = costAt(trial) ?? Number.POSITIVE_INFINITY;
      const others = study.trials
        .filter(({ number }) => number !== trial.number)
        .map(costAt)
        .filter((cost) => cost !== undefined);
      if (others.length < startup) return { action: "continue" };
      const ahead = others.filter((cost) => cost < own).length;
      const stops = ahead > share * others.length;
      // A decision with an explanation is recorded, and `curvewise explain` shows it: a sentence, and the numbers to
      // check it by hand.
      return {
        action: stops ? "stop" : "continue",
        explanation: {
          rule: "upper-half",
          reason: `At step ${step} ${ahead} of ${others.length} others are ahead${stops ? ": too many" : ""}.`,
          values: { step, ahead, others: others.length, share },
        },
      };
    },
  }),
});
