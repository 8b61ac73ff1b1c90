import { haltedSinceLead } from "../core/course/budget.js";
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
 * The finished parts of the trials that will go on, summed, from a trial's number on. In a population all go on; else a
 * paused trial has had its turn, since most of them stay paused.
 */
function partsUnderWay(study: Study, from: number): number {
  const { maxSteps, replicates = 1 } = study.definition;
  if (maxSteps === undefined) return 0;
  const { running, waiting, paused } = study.byState;
  const isPopulation = populationOf(study.definition) !== undefined;
  // Between two of its trainings, a trial waits.
  const underWay = replicates > 1 ? [running, waiting] : [running];
  let parts = 0;
  for (const numbers of isPopulation ? [running, waiting, paused] : underWay) {
    for (const number of numbers) {
      const trial = study.trials[number];
      if (trial === undefined || number < from) continue;
      parts += Math.min(1, stepsOf(trial) / (maxSteps * replicates));
    }
  }
  return parts;
}

/** The number of trials that have ended or had their turn, plus the finished part of those that will go on. */
function trialsDone(study: Study): number {
  const isPopulation = populationOf(study.definition) !== undefined;
  return endedTrials(study) + (isPopulation ? 0 : study.byState.paused.size) + partsUnderWay(study, 0);
}

/**
 * How many more trials have to end without a better value until `noBetterFor` ends the search; undefined without that
 * limit, and for a population, whose trials are asked for at its beginning.
 */
function trialsUntilNoBetter(study: Study): number | undefined {
  const { noBetterFor } = study.definition.budget;
  if (noBetterFor === undefined || populationOf(study.definition) !== undefined) return undefined;
  if (study.lead === undefined) return noBetterFor;
  return noBetterFor - haltedSinceLead(study) - partsUnderWay(study, study.lead.trials);
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

/** How far a study is: what its time left follows from. */
export interface Standing {
  readonly shares: UsedShares;
  /** Trials that are done, and the finished parts of others, summed. */
  readonly trials: number;
  /** How many more trials have to end without a better value until the search ends; undefined without such a limit. */
  readonly untilNoBetter?: number;
}

export function standingOf(study: Study): Standing {
  const untilNoBetter = trialsUntilNoBetter(study);
  return {
    shares: usedShares(study),
    trials: trialsDone(study),
    ...(untilNoBetter === undefined ? {} : { untilNoBetter }),
  };
}

/** How much longer a study will take. */
export interface TimeLeft {
  readonly seconds: number;
  /** Whether this holds only if no trial until then has a better value, so that `noBetterFor` ends the search. */
  readonly unlessBetter: boolean;
}

/**
 * The time until the first limit of the budget is reached, at the pace since a session began; undefined without a
 * budget, and while the pace towards one of its limits is not known yet.
 *
 * @param before where the study was when the session began
 * @param now where it is now
 * @param seconds between the two
 */
export function timeLeft(before: Standing, now: Standing, seconds: number): TimeLeft | undefined {
  const estimates: TimeLeft[] = [];
  const isKnown = (left: number, gained: number, unlessBetter = false): boolean => {
    if (left <= 0 || gained <= 0 || seconds <= 0) return false;
    estimates.push({ seconds: (left * seconds) / gained, unlessBetter });
    return true;
  };
  for (const limit of ["trials", "time", "totalSteps"] as const) {
    const used = now.shares[limit];
    if (used !== undefined && !isKnown(1 - used, used - (before.shares[limit] ?? 0))) return undefined;
  }
  const { untilNoBetter } = now;
  if (untilNoBetter !== undefined && !isKnown(untilNoBetter, now.trials - before.trials, true))
    return undefined;
  return estimates.reduce<TimeLeft | undefined>(
    (first, each) => (first === undefined || each.seconds < first.seconds ? each : first),
    undefined,
  );
}
