import { trialOf } from "../../core/event-trial.js";
import type { Scheduler } from "../../core/scheduler.js";
import type { Study } from "../../core/study.js";
import { lastStep, type Trial } from "../../core/trial.js";
import { earlierTrials } from "../earlier-trials.js";
import { createCurveLibrary } from "./curve-library.js";
import { decideAtCheckpoint, type PosterSettings } from "./poster.js";
import { createRunningDistances } from "./running-distances.js";
import { lastPointWithin, pointsUpTo } from "./training-points.js";

/** What the mode `poster` is created for. */
export interface PosterModeSetup extends PosterSettings {
  readonly maxSteps: number;
  /** The steps at which curves are recorded, ascending. */
  readonly points: readonly number[];
  /** The checkpoints, ascending. */
  readonly decisionSteps: readonly number[];
}

/** Learning Curve Matching as published: see {@link decideAtCheckpoint} for the rule. */
export function posterMode(setup: PosterModeSetup): Scheduler {
  const { goal, maxSteps, metric, points, decisionSteps, transfer } = setup;
  const library = createCurveLibrary({ goal, maxSteps, metric, points });
  const distances = createRunningDistances(library, metric);
  const checkpointPassed = (trial: Trial): number | undefined =>
    lastPointWithin(decisionSteps, trial.curve.steps.at(-2) ?? 0, lastStep(trial));
  /** For this study, an earlier training that reached the study's maxSteps is complete, however it ended. */
  const takeOver = (study: Study, only?: string): void => {
    for (const trial of earlierTrials(study, transfer, only)) library.add({ ...trial, state: "complete" });
  };
  return {
    restore: (study) => {
      takeOver(study);
      for (const number of study.byState.complete) {
        const trial = study.trials[number];
        if (trial !== undefined) library.add(trial);
      }
    },
    observe: (event, study) => {
      if (event.type === "curves-transferred") takeOver(study, event.study);
      const trial = trialOf(event, study);
      if (trial === undefined) return;
      // A trial that goes on with an older model loses reports.
      if (trial.state !== "running" || event.type === "exploited") distances.forget(trial.number);
      if (event.type === "finished" && event.state === "complete") library.add(trial);
      // At a checkpoint, the decision adds the new point and finds the nearest in one pass.
      if (event.type === "reported" && library.size > 0 && checkpointPassed(trial) === undefined) {
        distances.advance(trial, pointsUpTo(points, event.step));
      }
    },
    decide: (trial, step, study) => {
      const checkpoint = step < maxSteps ? checkpointPassed(trial) : undefined;
      return checkpoint === undefined
        ? { action: "continue" }
        : decideAtCheckpoint(library, distances, setup, study, trial, checkpoint);
    },
  };
}
