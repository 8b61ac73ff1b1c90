import type { Goal } from "../../core/goal.js";
import { lastStep, presentValue, type Trial, valueAtStep } from "../../core/trial.js";

/** A trial as a member of a ranked population. */
export interface Member {
  readonly trial: Trial;
  /** The goal metric by which it is ranked; NaN if it diverged or failed. */
  readonly value: number;
  /** Lower is fitter; infinite if it diverged or failed. */
  readonly cost: number;
}

/** Whether a trial's own model has been trained since it went on with another one's. */
export function hasReportedSince(trial: Trial): boolean {
  const reported = trial.curve.steps.at(-1) ?? 0;
  const inherited = trial.inheritances.at(-1)?.step;
  return inherited === undefined ? reported > 0 : reported > inherited;
}

/**
 * A failed trial is replaced as long as its last replacement reported something, so that a program that always fails
 * ends.
 */
export function isReplaceable(trial: Trial): boolean {
  return trial.state === "failed" && (trial.inheritances.length === 0 || hasReportedSince(trial));
}

/** Whether a trial still takes part: it trains, waits, is paused, or failed and can be replaced. */
export function takesPart(trial: Trial): boolean {
  const { state } = trial;
  return state === "running" || state === "waiting" || state === "paused" || isReplaceable(trial);
}

/** The goal metric that was reported for a trial's newest snapshot, if that is a finite number. */
export function fitnessOfSnapshot(trial: Trial, goal: Goal): number | undefined {
  const { snapshot, inheritances } = trial;
  if (snapshot === undefined) return undefined;
  const reported = valueAtStep(trial, goal.metric, snapshot.step);
  const inherited = inheritances.at(-1);
  const value = reported ?? (inherited?.step === snapshot.step ? inherited.value : presentValue(trial, goal));
  return Number.isFinite(value) ? value : undefined;
}

/** Fittest first; on ties, the lower trial number. */
export function compareMembers(a: Member, b: Member): number {
  return a.cost === b.cost ? a.trial.number - b.trial.number : a.cost - b.cost;
}

const ROUNDING = 1e-9;

/**
 * How many members the least fit (and the fittest) quantile has: rounded up, but never more than half, so that
 * populations of 2 and 3 work and no member is in both.
 */
export function quantileSize(members: number, quantile: number): number {
  // 100 times 0.07 is a little more than 7 in floating point.
  return Math.min(Math.ceil(members * quantile - ROUNDING), Math.floor(members / 2));
}

/**
 * Whether a trial may go on from a step. It may go ahead, or back to a later step than it last went back to: otherwise,
 * two members whose metric gets worse as they train would take each other's older models forever.
 */
function mayGoTo(heir: Trial, step: number): boolean {
  if (step >= lastStep(heir)) return true;
  return heir.inheritances.every((inherited) => inherited.step >= inherited.at || inherited.step < step);
}

/**
 * Whether another trial can copy a member's model: the member did not fail, and has a snapshot of known fitness from
 * which the other may go on.
 */
export function canBeParent({ trial, cost }: Member, heir: Trial, goal: Goal): boolean {
  const { snapshot } = trial;
  if (!Number.isFinite(cost) || snapshot === undefined) return false;
  return fitnessOfSnapshot(trial, goal) !== undefined && mayGoTo(heir, snapshot.step);
}
