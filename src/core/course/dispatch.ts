import type { Resumed, TrialAsked } from "../events.js";
import type { Study } from "../study.js";
import { areStepsCommitted } from "./budget.js";
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

function resumedTrial({ study, scheduler }: Course): Dispatched | undefined {
  const resumption = scheduler.resume?.(study);
  return resumption && { trial: resumption.trial, event: { type: "resumed", ...resumption } };
}

/** What the scheduler goes on with once no new trials begin. */
function closingTrial({ study, scheduler }: Course, isEnding: boolean): Dispatched | undefined {
  const resumption = scheduler.resume?.(study, isEnding, true);
  return resumption && { trial: resumption.trial, event: { type: "resumed", ...resumption, closed: true } };
}

/**
 * The paused trial that a scheduler goes on with, whoever proposes new ones.
 *
 * @param isEnding whether nothing is under way and nothing can begin
 * @param isClosed whether no new trial begins
 */
export function dispatchPaused(course: Course, isEnding: boolean, isClosed: boolean): Dispatched | undefined {
  if (course.study.halt !== undefined) return undefined;
  const resumed = resumedTrial(course);
  return resumed ?? (isEnding || isClosed ? closingTrial(course, isEnding) : undefined);
}

/** Whether the steps that are left will be used by what is under way, so that it is too early to say that nothing begins. */
const isCommitted = (study: Study): boolean =>
  areStepsCommitted(study, [...study.byState.running, ...freeWaiting(study)]);

/**
 * What a free worker gets: the waiting trial with the lowest number; else one that the scheduler resumes; else a new
 * one; else, as no more begin, one that the scheduler resumes then, and once nothing is under way, one that it resumes
 * as a last resort. Undefined: nothing yet. A study that somebody has halted gives nothing, and a waiting trial that somebody holds is passed over. One
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
  const resumed = resumedTrial(course);
  if (resumed !== undefined) return resumed;
  const asked = newTrial(course, reserved);
  if (asked !== undefined) return { trial: asked.trial, event: asked };
  return mayEnd || !isCommitted(course.study) ? closingTrial(course, mayEnd) : undefined;
}
