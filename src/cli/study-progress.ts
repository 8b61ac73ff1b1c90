import type { Study } from "../core/study.js";
import { lastStep } from "../core/trial.js";

/** How many trials have ended, whatever became of them. */
export function endedTrials(study: Study): number {
  const { complete, stopped, failed } = study.byState;
  return complete.size + stopped.size + failed.size;
}

/** How much of each limit of the budget is used, from 0 to 1. */
export interface UsedShares {
  readonly trials?: number;
  readonly time?: number;
  readonly totalSteps?: number;
}

/** Trials that have ended, and of the running ones the part that is behind them. */
function trialsDone(study: Study): number {
  const { maxSteps } = study.definition;
  let done = endedTrials(study);
  if (maxSteps === undefined) return done;
  for (const number of study.byState.running) {
    const trial = study.trials[number];
    if (trial !== undefined) done += Math.min(1, lastStep(trial) / maxSteps);
  }
  return done;
}

/** How much of a study's budget is used, limit by limit. */
export function usedShares(study: Study): UsedShares {
  const { trials, time, totalSteps } = study.definition.budget;
  return {
    ...(trials === undefined ? {} : { trials: Math.min(1, trialsDone(study) / trials) }),
    ...(time === undefined ? {} : { time: Math.min(1, study.elapsed / time) }),
    ...(totalSteps === undefined ? {} : { totalSteps: Math.min(1, study.totalSteps / totalSteps) }),
  };
}

/** How much of the budget is used: the limit that is nearest; undefined without a budget. */
export function usedShare(study: Study): number | undefined {
  const shares = Object.values(usedShares(study));
  return shares.length === 0 ? undefined : Math.max(...shares);
}

/**
 * Seconds until the first limit of the budget is reached, at the pace since a session began; undefined without a
 * budget, and while the pace towards one of its limits is not known yet.
 *
 * @param before what was used when the session began
 * @param now what is used now
 * @param seconds between the two
 */
export function secondsLeft(before: UsedShares, now: UsedShares, seconds: number): number | undefined {
  const estimates: number[] = [];
  for (const limit of ["trials", "time", "totalSteps"] as const) {
    const used = now[limit];
    if (used === undefined) continue;
    const gained = used - (before[limit] ?? 0);
    if (used >= 1 || gained <= 0 || seconds <= 0) return undefined;
    estimates.push(((1 - used) * seconds) / gained);
  }
  return estimates.length === 0 ? undefined : Math.min(...estimates);
}
