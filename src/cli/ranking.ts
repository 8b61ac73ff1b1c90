import { costOf } from "../core/goal.js";
import type { Study } from "../core/study.js";
import { lastStep, lastValue, type Trial } from "../core/trial.js";

/** A trial with what it is ranked by. */
export interface RankedTrial {
  readonly trial: Trial;
  /** The goal metric's last value. */
  readonly value: number;
  /** Whether its training ended of its own accord. */
  readonly complete: boolean;
}

/**
 * Trials from the best: complete ones first, then those whose training was cut short or has not ended; each by
 * the goal metric's last value, of equals the lower number. Trials without a finite value are left out.
 */
export function rankedTrials(study: Study): RankedTrial[] {
  const { goal } = study.definition;
  return study.trials
    .flatMap((trial): RankedTrial[] => {
      const value = lastValue(trial, goal.metric);
      if (value === undefined || !Number.isFinite(value)) return [];
      return [{ trial, value, complete: trial.state === "complete" }];
    })
    .sort(
      (a, b) =>
        Number(b.complete) - Number(a.complete) ||
        costOf(a.value, goal) - costOf(b.value, goal) ||
        a.trial.number - b.trial.number,
    );
}

/** Steps that trials which were stopped or paused did not train; undefined when the study has no `maxSteps`. */
export function stepsSaved(study: Study): number | undefined {
  const { maxSteps } = study.definition;
  if (maxSteps === undefined) return undefined;
  let saved = 0;
  for (const state of ["stopped", "paused"] as const) {
    for (const number of study.byState[state]) {
      const trial = study.trials[number];
      if (trial !== undefined) saved += Math.max(0, maxSteps - lastStep(trial));
    }
  }
  return saved;
}
