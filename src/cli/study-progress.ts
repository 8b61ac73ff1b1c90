import { populationOf } from "../core/population.js";
import type { Study } from "../core/study.js";
import { lastStep, type Trial } from "../core/trial.js";

/** How many trials have ended, in whatever state. */
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

/** How many trials the study has at most, by its budget or its population; undefined if neither says. */
export function trialLimit(study: Study): number | undefined {
  const { trials } = study.definition.budget;
  const population = populationOf(study.definition);
  return trials === undefined || population === undefined
    ? (trials ?? population)
    : Math.min(trials, population);
}

/** The steps that all trainings of a trial have reached. */
function stepsOf(trial: Trial): number {
  const further = trial.replicates.map(({ curve }) => curve.steps.at(-1) ?? 0);
  return further.reduce((sum, steps) => sum + steps, lastStep(trial));
}

/**
 * The number of trials that have ended, plus the finished part of those that will go on. In a population all go on; else
 * a paused trial has had its turn, since most of them stay paused.
 */
function trialsDone(study: Study): number {
  const { maxSteps, replicates = 1 } = study.definition;
  const { running, waiting, paused } = study.byState;
  const isPopulation = populationOf(study.definition) !== undefined;
  let done = endedTrials(study) + (isPopulation ? 0 : paused.size);
  if (maxSteps === undefined) return done;
  // Between two of its trainings, a trial waits.
  const underWay = replicates > 1 ? [running, waiting] : [running];
  for (const numbers of isPopulation ? [running, waiting, paused] : underWay) {
    for (const number of numbers) {
      const trial = study.trials[number];
      if (trial !== undefined) done += Math.min(1, stepsOf(trial) / (maxSteps * replicates));
    }
  }
  return done;
}

/** How much of a study's budget is used, limit by limit; the size of a population is a limit of trials. */
export function usedShares(study: Study): UsedShares {
  const { time, totalSteps } = study.definition.budget;
  const trials = trialLimit(study);
  return {
    ...(trials === undefined ? {} : { trials: Math.min(1, trialsDone(study) / trials) }),
    ...(time === undefined ? {} : { time: Math.min(1, study.elapsed / time) }),
    ...(totalSteps === undefined ? {} : { totalSteps: Math.min(1, study.totalSteps / totalSteps) }),
  };
}

/** How much of the budget is used, by the nearest limit; undefined without a budget. */
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
