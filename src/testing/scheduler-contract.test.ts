import { z } from "zod";
import { defineScheduler } from "../core/define.js";
import { costOf } from "../core/goal.js";
import type { Scheduler } from "../core/scheduler.js";
import type { Study } from "../core/study.js";
import { lastValue } from "../core/trial.js";
import { schedulerContract } from "./scheduler-contract.js";

/**
 * Pauses every trial once at its first report at or after half of the training and lets the best paused one go on. The
 * product's schedulers that pause are more than this; here it shows that the suite can drive one.
 */
const halfway = defineScheduler({
  name: "halfway",
  summary: "Pauses at half of the training.",
  options: z.strictObject({}),
  create: (_options, { goal, maxSteps = 2 }): Scheduler => {
    const half = maxSteps / 2;
    const explain = (reason: string) => ({ rule: "halfway", reason, values: { half } });
    const cost = (study: Study, number: number): number => {
      const trial = study.trials[number];
      const value = trial === undefined ? undefined : lastValue(trial, goal.metric);
      return value === undefined ? Number.POSITIVE_INFINITY : costOf(value, goal);
    };
    return {
      restore: () => {},
      observe: () => {},
      decide: (trial, step) => {
        const before = trial.curve.steps.at(-2) ?? 0;
        return before < half && step >= half && step < maxSteps
          ? { action: "pause", explanation: explain("Half of the training is done.") }
          : { action: "continue" };
      },
      resume: (study) => {
        const [best] = [...study.byState.paused].toSorted((a, b) => {
          const [first, second] = [cost(study, a), cost(study, b)];
          return first === second ? a - b : first - second;
        });
        return best === undefined
          ? undefined
          : { trial: best, explanation: explain("It is the best that waits.") };
      },
    };
  },
});

schedulerContract(halfway(), { acts: true });
