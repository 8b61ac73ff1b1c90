import type { Study } from "../core/study.js";
import { isBefore, type TrialCost } from "./ranking.js";

/** Where a paused trial stands. */
export interface PausedAt extends TrialCost {
  /** The step of its rung, where it has its cost. */
  readonly step: number;
}

const isFurther = (a: PausedAt, b: PausedAt): boolean => {
  if (a.step !== b.step) return a.step > b.step;
  return isBefore(a, b);
};

/**
 * The paused trial that is the best of those at the deepest rung: what goes on when a study would otherwise end
 * without a complete training. Undefined when there is a complete training, or no paused trial that has not diverged.
 *
 * @param standing where a trial stands; undefined for one that is not recorded anywhere
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
