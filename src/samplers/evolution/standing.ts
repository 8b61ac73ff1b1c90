import { costOf, type Goal } from "../../core/goal.js";
import { goalValue, lastStep, type Trial } from "../../core/trial.js";

/** How good a trial is, as far as it was trained. */
export interface Standing {
  readonly trial: number;
  /** The cost of what it is measured by; infinite when it diverged, failed or ended without one. */
  readonly cost: number;
  /** The step of that value; infinite if the training is complete. */
  readonly depth: number;
  /** When its training halted, in milliseconds since 1970; infinite while it goes on after a halt. */
  readonly haltedAt: number;
}

/**
 * The standing of a trial in evolution; undefined while it has none. A trial counts from the moment its training halts:
 * complete, stopped, failed or paused. A paused trial that goes on still counts, with its newest value, so that
 * schedulers that promote do not remove the best trials while they train; a trial in its first attempt does not, since
 * its value shows how far it has got rather than how good it is.
 */
export function standingOf(trial: Trial, goal: Goal): Standing | undefined {
  const { number, state, attempt, endedAt } = trial;
  if (state === "running" && attempt === 1) return undefined;
  const value = state === "failed" ? Number.NaN : goalValue(trial, goal);
  const isOver = state === "complete" || state === "stopped" || state === "failed";
  if (value === undefined && !isOver) return undefined;
  return {
    trial: number,
    cost: value === undefined ? Number.POSITIVE_INFINITY : costOf(value, goal),
    depth: state === "complete" ? Number.POSITIVE_INFINITY : lastStep(trial),
    haltedAt: endedAt ?? Number.POSITIVE_INFINITY,
  };
}

/**
 * Orders standings from best to worst: complete ones first, then those that went deeper, since a scheduler let them and
 * a value early in a training says less; at the same depth, the lower cost first. Diverged and failed ones are last. On
 * ties the younger comes first, so that evolution drifts across a plateau.
 */
export function compareStandings(a: Standing, b: Standing): number {
  const isWorse = Number(a.cost === Number.POSITIVE_INFINITY) - Number(b.cost === Number.POSITIVE_INFINITY);
  if (isWorse !== 0) return isWorse;
  if (a.depth !== b.depth) return b.depth - a.depth;
  return a.cost === b.cost ? b.trial - a.trial : a.cost - b.cost;
}
