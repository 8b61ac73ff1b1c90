import { costOf, type Goal } from "../core/goal.js";
import type { Study } from "../core/study.js";
import { lastValue, type Trial } from "../core/trial.js";

/** The best trial of a study, and how far it may be trusted. */
export interface BestTrial {
  readonly trial: Trial;
  /** The goal metric's last value. */
  readonly value: number;
  /** Whether its training ended of its own accord; without one, the best of the others stands in. */
  readonly complete: boolean;
}

/**
 * The trial with the best last value of the goal metric among the complete ones; among all when none is
 * complete. Of equals the lowest number. Diverged values never win. Undefined when there is no finite value.
 */
export function bestTrial(study: Study, goal: Goal = study.definition.goal): BestTrial | undefined {
  let best: BestTrial | undefined;
  for (const trial of study.trials) {
    const value = lastValue(trial, goal.metric);
    if (value === undefined || !Number.isFinite(value)) continue;
    const complete = trial.state === "complete";
    const better =
      best === undefined ||
      (complete && !best.complete) ||
      (complete === best.complete && costOf(value, goal) < costOf(best.value, goal));
    if (better) best = { trial, value, complete };
  }
  return best;
}
