import { z } from "zod";
import { defineScheduler } from "../core/define.js";
import { CurvewiseError } from "../core/errors.js";
import type { Scheduler } from "../core/scheduler.js";
import { posterMode } from "./lcm/poster-mode.js";
import { checkpoints, cumulativePoints } from "./lcm/training-points.js";

const points = z.union([z.int().min(1).max(10_000), z.array(z.number().positive()).min(1).max(10_000)], {
  error: "must be a whole number of equal parts, or a list of steps",
});

const options = z.strictObject({
  mode: z
    .enum(["poster"])
    .default("poster")
    .describe("Which rule decides; `poster`: the one first published."),
  accumulate: z
    .int()
    .min(1)
    .default(10)
    .describe("Complete trainings to collect before any trial is stopped."),
  cumulativePoints: points
    .default(10)
    .describe("Where curves are recorded: steps, or a number of equal parts of maxSteps."),
  checkpoints: points
    .default(10)
    .describe("Where decisions are made: steps below maxSteps, or a number of equal parts of it."),
  stopRank: z
    .number()
    .min(0)
    .max(1)
    .default(0.5)
    .describe("A trial stops if more than this share of the complete trainings beat its prediction."),
  curve: z
    .string()
    .min(1)
    .exactOptional()
    .describe("The metric whose curves are matched; the goal metric unless given."),
  maxSteps: z
    .number()
    .positive()
    .exactOptional()
    .describe("The step at which a training is complete, if the study itself has no maxSteps."),
});

function completeTraining(own: number | undefined, ofStudy: number | undefined): number {
  const maxSteps = ofStudy ?? own;
  if (maxSteps === undefined) {
    throw new CurvewiseError("MAX_STEPS_MISSING", "scheduler lcm needs to know when a training is complete", {
      hint: "Set maxSteps of the study to the last step that a training reports.",
    });
  }
  if (own !== undefined && own !== maxSteps) {
    throw new CurvewiseError(
      "OPTIONS_INVALID",
      `scheduler lcm: its maxSteps is ${own}, but the study's is ${maxSteps}`,
      { hint: "Leave out maxSteps of the scheduler." },
    );
  }
  return maxSteps;
}

/**
 * Learning Curve Matching. Every complete training (a trial that ended by itself having reached `maxSteps`) leaves
 * its curve at the cumulative points and its performance (the goal metric at the end) in a library. Once
 * `accumulate` of them are there, a running trial is compared at every checkpoint c with the library, over the
 * cumulative points up to c that both curves have: the nearest curve by Euclidean distance (equally near: the lower
 * trial number) tells the performance to expect, and the trial stops if more than `stopRank` of the complete trainings
 * are strictly better than that. For trainings whose early curves tell their ends apart, and a goal that many
 * settings come near.
 *
 * A program need not report at every step. A checkpoint's decision is made at the first report at or after it,
 * once; a report that passes several checkpoints is judged at the last of them. A cumulative point is recorded by
 * the first report at or after it and before the next point, else it is absent. A curve with a diverged point (NaN,
 * infinite) is at an infinite distance; a trial whose goal metric is diverged at a checkpoint stops.
 *
 * @example createStudy({ scheduler: lcm({ accumulate: 5, checkpoints: [3, 10] }), maxSteps: 30 })
 * @throws CurvewiseError `MAX_STEPS_MISSING` when the scheduler is made for a study without `maxSteps`;
 *   `OPTIONS_INVALID` when checkpoints or cumulative points lie beyond it
 */
export const lcm = defineScheduler({
  name: "lcm",
  summary: "Stops trials whose learning curve resembles those of complete trainings that ended badly.",
  options,
  create: (chosen, { goal, maxSteps: ofStudy }): Scheduler => {
    const maxSteps = completeTraining(chosen.maxSteps, ofStudy);
    return posterMode({
      goal,
      maxSteps,
      metric: chosen.curve ?? goal.metric,
      points: cumulativePoints(chosen.cumulativePoints, maxSteps),
      decisionSteps: checkpoints(chosen.checkpoints, maxSteps),
      accumulate: chosen.accumulate,
      stopRank: chosen.stopRank,
    });
  },
});
