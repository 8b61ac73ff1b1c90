import type { Study } from "../core/study.js";
import { isBefore, type TrialCost } from "./ranking.js";

/** A paused trial and its rung. */
export interface PausedAt extends TrialCost {
  /** The step of the rung at which it has its cost. */
  readonly step: number;
}

const isFurther = (a: PausedAt, b: PausedAt): boolean => {
  if (a.step !== b.step) return a.step > b.step;
  return isBefore(a, b);
};

/**
 * The best paused trial at the deepest rung: it goes on when a study would otherwise end without a complete training.
 * Undefined if there is a complete training, or if every paused trial has diverged.
 *
 * @param standing returns a trial's rung and cost; undefined if it is not recorded anywhere
 */
export function deepestPaused(
  study: Study,
  standing: (trial: number) => PausedAt | undefined,
): number | undefined {
  if (study.byState.complete.size > 0) return undefined;
  let best: PausedAt | undefined;
  for (const trial of study.byState.paused) {
    const at = standing(trial);
    if (at === undefined || at.cost === Number.POSITIVE_INFINITY) continue;
    if (best === undefined || isFurther(at, best)) best = at;
  }
  return best?.trial;
}
