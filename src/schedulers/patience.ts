import { z } from "zod";
import { defineScheduler } from "../core/define.js";
import { trialOf } from "../core/event-trial.js";
import { costOf, type Goal } from "../core/goal.js";
import type { Scheduler } from "../core/scheduler.js";
import type { Trial } from "../core/trial.js";
import { counted, shown } from "../core/wording.js";

const RULE = "patience";

const options = z.strictObject({
  patience: z
    .int()
    .min(1)
    .default(10)
    .describe("A trial stops after this many reports of the goal metric without an improvement."),
  minDelta: z
    .number()
    .min(0)
    .default(0)
    .describe(
      "How much better than the last improvement a value must be to count as one, in the goal's unit.",
    ),
  from: z.number().min(0).default(0).describe("The first step whose reports count."),
});

/** A trial's progress, read from where reading last stopped. */
interface Progress {
  read: number;
  /** The cost of the last improvement. */
  best: number;
  /** Its step. */
  bestStep: number;
  /** Reports of the goal metric after it. */
  since: number;
}

interface ProgressSetup {
  readonly goal: Goal;
  readonly minDelta: number;
  readonly from: number;
}

function readOn(progress: Progress, trial: Trial, { goal, minDelta, from }: ProgressSetup): void {
  const { steps } = trial.curve;
  const column = trial.curve.metrics.get(goal.metric) ?? [];
  for (; progress.read < column.length; progress.read++) {
    const value = column[progress.read] ?? null;
    const step = steps[progress.read] ?? 0;
    if (value === null || step < from) continue;
    const cost = costOf(value, goal);
    if (cost < progress.best - minDelta) {
      progress.best = cost;
      progress.bestStep = step;
      progress.since = 0;
    } else progress.since += 1;
  }
}

/**
 * Early stopping by patience: a trial stops when its goal metric has not improved for `patience` reports in a row. An
 * improvement is more than `minDelta` better than the last improvement, as in Keras' EarlyStopping. It looks at each
 * trial alone, so it cuts off the flat ends of curves but does not compare trials: combine it with a rule that does.
 * Not for curves that improve again after a plateau.
 *
 * The first value is an improvement; diverged ones (NaN, infinite) never are, and reports without the goal metric do not
 * count. A trial that it stops is `stopped`, not a complete training.
 *
 * The explanation's values: `since` (reports without an improvement), `patience`, `best` and `bestStep` (the last
 * improvement; absent if every value diverged).
 *
 * @example createStudy({ scheduler: patience({ patience: 5, minDelta: 0.001 }) })
 */
export const patience = defineScheduler({
  name: RULE,
  forgets: true,
  severalGoals: true,
  summary: "Stops trials whose goal metric has stopped improving.",
  options,
  create: ({ patience: limit, minDelta, from }, { goal }): Scheduler => {
    const setup = { goal, minDelta, from };
    const known = new Map<number, Progress>();
    return {
      restore: () => {},
      observe: (event, study) => {
        const trial = trialOf(event, study);
        if (trial === undefined) return;
        // A trial that goes on with an older model loses reports.
        if (event.type === "exploited" || trial.state !== "running") known.delete(trial.number);
      },
      decide: (trial) => {
        const progress = known.get(trial.number) ?? {
          read: 0,
          best: Number.POSITIVE_INFINITY,
          bestStep: 0,
          since: 0,
        };
        known.set(trial.number, progress);
        readOn(progress, trial, setup);
        const { best, bestStep, since } = progress;
        if (since < limit) return { action: "continue" };
        const reports = counted(since, "report");
        const isDiverged = best === Number.POSITIVE_INFINITY;
        const value = costOf(best, goal);
        return {
          action: "stop",
          explanation: {
            rule: RULE,
            reason: isDiverged
              ? `Its ${goal.metric} has been NaN or infinite for ${reports}.`
              : `Its ${goal.metric} has not improved for ${reports}: the last improvement was ${shown(value)} at step ${bestStep}.`,
            values: { since, patience: limit, ...(isDiverged ? {} : { best: value, bestStep }) },
          },
        };
      },
    };
  },
});
