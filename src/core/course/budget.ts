import type { Study } from "../study.js";
import { lastStep } from "../trial.js";

/** Whether a study's steps or time are used up, so that nothing more may be trained. */
export function isSpent(study: Study): boolean {
  const { time, totalSteps } = study.definition.budget;
  return (
    (totalSteps !== undefined && study.totalSteps >= totalSteps) ||
    (time !== undefined && study.elapsed >= time)
  );
}

/** Whether the budget of trials allows another one. */
export function hasTrialLeft(study: Study): boolean {
  return study.trials.length < (study.definition.budget.trials ?? Number.POSITIVE_INFINITY);
}

/** Whether the budget leaves nothing to do. */
export function isFinished(study: Study): boolean {
  if (isSpent(study)) return true;
  const open = study.byState.waiting.size + study.byState.running.size;
  return open === 0 && !hasTrialLeft(study);
}

/**
 * Whether the trials in flight would need all remaining steps to train to their end. A new trial would only take steps
 * away from them.
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
