import type { Study } from "../core/study.js";
import { hasTrialLeft, isSpent } from "../engine/budget.js";

/** How many trials have ended, whatever became of them. */
export function endedTrials(study: Study): number {
  const { complete, stopped, failed } = study.byState;
  return complete.size + stopped.size + failed.size;
}

/** Whether nothing is left to do within the budget. */
export function isFinished(study: Study): boolean {
  if (isSpent(study)) return true;
  const open = study.byState.waiting.size + study.byState.running.size;
  return open === 0 && !hasTrialLeft(study);
}

/** How much of the budget is used, from 0 to 1: the limit that is nearest; undefined without a budget. */
export function usedShare(study: Study): number | undefined {
  const { trials, time, totalSteps } = study.definition.budget;
  const shares = [
    ...(trials === undefined ? [] : [endedTrials(study) / trials]),
    ...(time === undefined ? [] : [study.elapsed / time]),
    ...(totalSteps === undefined ? [] : [study.totalSteps / totalSteps]),
  ];
  return shares.length === 0 ? undefined : Math.min(1, Math.max(...shares));
}

/**
 * Seconds until the budget is used, at the pace since a session began; undefined while there is nothing to
 * judge by.
 *
 * @param usedBefore the share that was used when the session began
 * @param seconds since then
 */
export function secondsLeft(study: Study, usedBefore: number, seconds: number): number | undefined {
  const used = usedShare(study);
  if (used === undefined || used >= 1 || used <= usedBefore || seconds <= 0) return undefined;
  return ((1 - used) * seconds) / (used - usedBefore);
}
