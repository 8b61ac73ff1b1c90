import { bestTrial, type RankedTrial } from "../core/best-trial.js";
import { secondsSaved, stepsSaved } from "../core/steps-saved.js";
import type { Study } from "../core/study.js";
import { TRIAL_STATES, type TrialState } from "../core/trial.js";

/** The figures of a study that people ask for first. */
export interface StudyFigures {
  readonly best: RankedTrial | undefined;
  readonly trials: number;
  readonly counts: readonly { readonly state: TrialState; readonly count: number }[];
  /** Steps reached, summed over trials. */
  readonly spent: number;
  /**
   * Steps up to `maxSteps` that trials did not take because they were stopped or paused; undefined if the
   * study has no `maxSteps`. Trials that failed or are still running saved nothing.
   */
  readonly saved: number | undefined;
  /** The same in seconds, less the starts after pauses; undefined while too little is known. */
  readonly secondsSaved: number | undefined;
  /** Seconds. */
  readonly elapsed: number;
}

/** Summarises a study. */
export function studyFigures(study: Study): StudyFigures {
  return {
    best: bestTrial(study),
    trials: study.trials.length,
    counts: TRIAL_STATES.map((state) => ({ state, count: study.byState[state].size })),
    spent: study.totalSteps,
    saved: stepsSaved(study),
    secondsSaved: secondsSaved(study),
    elapsed: study.elapsed,
  };
}

/** The metrics of a study: the goal's first, then the others in the order in which they first appeared. */
export function metricsOf(study: Study): string[] {
  const names = new Set([study.definition.goal.metric]);
  for (const trial of study.trials) for (const name of trial.curve.metrics.keys()) names.add(name);
  return [...names];
}
