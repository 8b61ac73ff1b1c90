import { costOf, type Goal } from "../../core/goal.js";
import { goalValue, lastStep, type Trial } from "../../core/trial.js";

/** How good a trial is as far as its training went. */
export interface Standing {
  readonly trial: number;
  /** The cost of what it is measured by; infinite when it diverged, failed or ended without one. */
  readonly cost: number;
  /** The step of that value; infinite when the training is complete. */
  readonly depth: number;
  /** When its training halted, in milliseconds since 1970; infinite while it goes on after a halt. */
  readonly haltedAt: number;
}

/** Whether a training has ended, or was halted before and goes on. */
function hasHalted({ state, attempt }: Trial): boolean {
  if (state === "running") return attempt > 1;
  return state !== "waiting" || attempt > 0;
}

/**
 * The standing of a trial in evolution; undefined while it has none. A trial counts from the moment in which its
 * training halts: complete, stopped, failed or paused. One that was paused and goes on still counts, with its newest
 * value, so that schedulers which promote do not take the best ones away while they train; one in its first attempt does
 * not, since its value tells how far it is rather than how good.
 */
export function standingOf(trial: Trial, goal: Goal): Standing | undefined {
  if (!hasHalted(trial)) return undefined;
  const { number, state, endedAt } = trial;
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
 * Orders standings from the best: diverged and failed ones last; of the others complete ones first, then those that
 * went deeper, since a scheduler let them and a value early in a training says less; at the same depth the lower cost.
 * Of equals the younger comes first, so that evolution drifts over a plateau.
 */
export function compareStandings(a: Standing, b: Standing): number {
  const isWorse = Number(a.cost === Number.POSITIVE_INFINITY) - Number(b.cost === Number.POSITIVE_INFINITY);
  if (isWorse !== 0) return isWorse;
  if (a.depth !== b.depth) return b.depth - a.depth;
  return a.cost === b.cost ? b.trial - a.trial : a.cost - b.cost;
}
