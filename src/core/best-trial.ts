import { costOf } from "./goal.js";
import type { Study } from "./study.js";
import { lastValue, type Trial } from "./trial.js";

/** The best trial of a study, its value, and whether its training is complete. */
export interface BestTrial {
  readonly trial: Trial;
  /** The goal metric's last value. */
  readonly value: number;
  readonly complete: boolean;
}

/**
 * The trials that have a finite value of the goal metric, best first (ties: the lower number). Complete ones
 * come before all others, since a value in the middle of a training says less.
 */
export function rankTrials(study: Study): BestTrial[] {
  const { goal } = study.definition;
  const ranked: BestTrial[] = [];
  for (const trial of study.trials) {
    const value = lastValue(trial, goal.metric);
    if (value !== undefined && Number.isFinite(value) && trial.state !== "failed") {
      ranked.push({ trial, value, complete: trial.state === "complete" });
    }
  }
  return ranked.sort(
    (a, b) => Number(b.complete) - Number(a.complete) || costOf(a.value, goal) - costOf(b.value, goal),
  );
}

/** The best trial; undefined when none has a finite value. See {@link rankTrials}. */
export function bestTrial(study: Study): BestTrial | undefined {
  return rankTrials(study)[0];
}
