import type { Resumed, TrialAsked } from "../events.js";
import type { Study } from "../study.js";
import type { Course } from "./course.js";
import { newTrial } from "./new-trial.js";

/** What a free worker gets. */
export interface Dispatched {
  readonly trial: number;
  /** To be recorded before the trial starts; undefined for a trial that is already waiting. */
  readonly event: Resumed | TrialAsked | undefined;
}

/** Whether no trial is running and none is on its way to a worker. */
export function isIdle({ byState }: Study, reserved: ReadonlySet<number>): boolean {
  return byState.running.size === 0 && reserved.size === 0;
}

function lowestWaiting({ byState }: Study, isPassedOver: (trial: number) => boolean): number | undefined {
  let lowest: number | undefined;
  for (const number of byState.waiting) {
    if (!isPassedOver(number) && (lowest === undefined || number < lowest)) lowest = number;
  }
  return lowest;
}

/** The trials that wait for a worker and may get one: nobody holds them. */
export function freeWaiting({ byState, held }: Study): number[] {
  return [...byState.waiting].filter((trial) => !held.has(trial));
}

function resumedTrial({ study, scheduler }: Course, isEnding: boolean): Dispatched | undefined {
  const resumption = scheduler.resume?.(study, isEnding);
  return resumption && { trial: resumption.trial, event: { type: "resumed", ...resumption } };
}

/**
 * What a free worker gets: the waiting trial with the lowest number; else one that the scheduler resumes; else a new
 * one; else, once nothing is under way, one that the scheduler resumes as a last resort. Undefined: nothing
 * yet. A study that somebody has halted gives nothing, and a waiting trial that somebody holds is passed over. One
 * that the scheduler resumes is returned even so: it is to be recorded, and then waits until nobody holds it.
 *
 * Budgets of steps and time are only checked for new trials: see {@link isSpent}.
 *
 * @param reserved waiting trials that are on their way to a worker
 * @param mayEnd whether the study ends if there is nothing to do; by default, if it is idle
 * @param isAvoided whether this worker should leave a waiting trial to others
 */
export function dispatch(
  course: Course,
  reserved: ReadonlySet<number>,
  mayEnd = isIdle(course.study, reserved),
  isAvoided: (trial: number) => boolean = () => false,
): Dispatched | undefined {
  const { halt, held } = course.study;
  if (halt !== undefined) return undefined;
  const isPassedOver = (trial: number): boolean => reserved.has(trial) || held.has(trial) || isAvoided(trial);
  const waiting = lowestWaiting(course.study, isPassedOver);
  if (waiting !== undefined) return { trial: waiting, event: undefined };
  const resumed = resumedTrial(course, false);
  if (resumed !== undefined) return resumed;
  const asked = newTrial(course, reserved);
  if (asked !== undefined) return { trial: asked.trial, event: asked };
  return mayEnd ? resumedTrial(course, true) : undefined;
}
