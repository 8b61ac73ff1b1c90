import type { Study } from "../study.js";
import { lastStep } from "../trial.js";

/** Whether the steps or the time of a study are spent: nothing may be trained any more. */
export function isSpent(study: Study): boolean {
  const { time, totalSteps } = study.definition.budget;
  return (
    (totalSteps !== undefined && study.totalSteps >= totalSteps) ||
    (time !== undefined && study.elapsed >= time)
  );
}

/** Whether one more trial fits into the budget of trials. */
export function hasTrialLeft(study: Study): boolean {
  return study.trials.length < (study.definition.budget.trials ?? Number.POSITIVE_INFINITY);
}

/** Whether nothing is left to do within the budget. */
export function isFinished(study: Study): boolean {
  if (isSpent(study)) return true;
  const open = study.byState.waiting.size + study.byState.running.size;
  return open === 0 && !hasTrialLeft(study);
}

/**
 * Whether the steps that are left are all needed by the trials in flight, should they train to their end. A
 * trial begun then would only take steps from them.
 */
export function areStepsCommitted(study: Study, inFlight: Iterable<number>): boolean {
  const { budget, maxSteps } = study.definition;
  if (budget.totalSteps === undefined) return false;
  let committed = study.totalSteps;
  for (const number of inFlight) {
    const trial = study.trials[number];
    if (trial !== undefined && maxSteps !== undefined) committed += Math.max(0, maxSteps - lastStep(trial));
  }
  return committed >= budget.totalSteps;
}
