import { isBetter } from "../goal.js";
import type { Study } from "../study.js";
import { lastStep, presentTraining } from "../trial.js";

/** Whether a training has reported what is good enough. */
export function isTargetReached({ definition, bestReported }: Study): boolean {
  const { budget, goal } = definition;
  return (
    budget.target !== undefined && bestReported !== undefined && !isBetter(budget.target, bestReported, goal)
  );
}

/**
 * Whether a study's steps or time are used up, its target is reached, or somebody has stopped it, so that nothing more
 * may be trained.
 */
export function isSpent(study: Study): boolean {
  const { time, totalSteps } = study.definition.budget;
  return (
    study.halt?.action === "stop" ||
    (totalSteps !== undefined && study.totalSteps >= totalSteps) ||
    (time !== undefined && study.elapsed >= time) ||
    isTargetReached(study)
  );
}

/** How many of the trials begun since the best value was reached have halted without a better one. */
export function haltedSinceLead({ lead, trials }: Study): number {
  if (lead === undefined) return 0;
  let halted = 0;
  for (let number = lead.trials; number < trials.length; number++) {
    const state = trials[number]?.state;
    if (state !== "waiting" && state !== "running") halted += 1;
  }
  return halted;
}

/**
 * Whether the trials begun since the best value was reached, that have halted without a better one, are as many as the
 * budget allows. A trial that still trains may be better; then the count begins again.
 */
export function isWithoutProgress(study: Study): boolean {
  const { noBetterFor } = study.definition.budget;
  if (noBetterFor === undefined || study.lead === undefined) return false;
  // Most of the time so few have begun that none of them need be looked at.
  if (study.trials.length - study.lead.trials < noBetterFor) return false;
  return haltedSinceLead(study) >= noBetterFor;
}

/** Whether the budget allows another trial. */
export function hasTrialLeft(study: Study): boolean {
  const limit = study.definition.budget.trials ?? Number.POSITIVE_INFINITY;
  return study.trials.length < limit && !isWithoutProgress(study);
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
    if (trial === undefined || maxSteps === undefined) continue;
    const further = (study.definition.replicates ?? 1) - 1 - trial.replicates.length;
    committed += Math.max(0, maxSteps - lastStep(presentTraining(trial))) + Math.max(0, further) * maxSteps;
  }
  return committed >= budget.totalSteps;
}
