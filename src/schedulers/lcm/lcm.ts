import { z } from "zod";
import { defineScheduler } from "../../core/define.js";
import { CurvewiseError } from "../../core/errors.js";
import { isOfFirstVersion } from "../../core/goal.js";
import { isPlainGoal } from "../../core/goals/trial-result.js";
import type { Scheduler } from "../../core/scheduler.js";
import { namedStudies, transferOption, withFoundStudies } from "../../core/transfer-option.js";
import { rungSteps } from "../../forecast/rung-steps.js";
import { createBrackets } from "../ladders/brackets.js";
import { ashaStopping } from "../ladders/stopping.js";
import { ashaStoppingByFront } from "../ladders/stopping-by-front.js";
import { endAfterRungs } from "../rungs.js";
import { withRungsPlan } from "../rungs-plan.js";
import { posterMode } from "./poster-mode.js";
import { createPromotion } from "./promote.js";
import { createPromotionByFront } from "./promote-by-front.js";
import { checkpoints, cumulativePoints } from "./training-points.js";
import { withTransfer } from "./with-transfer.js";

const points = z.union([z.int().min(1).max(10_000), z.array(z.number().positive()).min(1).max(10_000)], {
  error: "must be a number of equal parts or a list of steps",
});

const options = z.strictObject({
  mode: z
    .enum(["promote", "stop", "poster"])
    .default("promote")
    .describe(
      "`promote`: trials pause, and those with the best forecasts go on; `stop`: for programs that cannot be paused; `poster`: the rule as first published.",
    ),
  accumulate: z
    .int()
    .min(0)
    .exactOptional()
    .describe(
      "Complete trainings to collect before any trial is paused or stopped (promote: 0; poster: 10).",
    ),
  eta: z
    .int()
    .min(2)
    .max(100)
    .exactOptional()
    .describe(
      "promote, stop: one trial in this many goes on from each rung, and rungs grow by this factor (promote: 2; stop, and with several goals: 4).",
    ),
  minSteps: z.int().min(1).exactOptional().describe("promote, stop: the step of the first rung (1)."),
  optimism: z
    .number()
    .min(0)
    .max(10)
    .exactOptional()
    .describe("promote: how much uncertain forecasts are favoured, at most, in standard deviations (3)."),
  audit: z
    .number()
    .min(0)
    .max(1)
    .exactOptional()
    .describe(
      "promote: the share of all steps spent on trials that are trained to the end whatever the rule says (0.02).",
    ),
  cumulativePoints: points
    .exactOptional()
    .describe(
      "poster: where curves are recorded: a list of steps, or a number of equal parts of maxSteps (10).",
    ),
  checkpoints: points
    .exactOptional()
    .describe(
      "poster: where decisions are made: a list of steps below maxSteps, or a number of equal parts of it (10).",
    ),
  stopRank: z
    .number()
    .min(0)
    .max(1)
    .exactOptional()
    .describe(
      "poster: a trial stops if more than this share of complete trainings beat its prediction (0.5).",
    ),
  curve: z
    .string()
    .min(1)
    .exactOptional()
    .describe("poster: the metric whose curves are matched; by default the goal metric."),
  transfer: transferOption
    .exactOptional()
    .describe(
      "Earlier studies with the same database and goal whose curves are compared too, or auto: all that fit; they are copied into the study when it begins.",
    ),
  maxSteps: z
    .number()
    .positive()
    .exactOptional()
    .describe("The step at which a training is complete, if the study itself has no maxSteps."),
});

type Options = z.output<typeof options>;
type Mode = Options["mode"];

/** The modes that an option belongs to; options not listed belong to all. */
const MODES_OF: Partial<Record<keyof Options, readonly Mode[]>> = {
  accumulate: ["promote", "poster"],
  eta: ["promote", "stop"],
  minSteps: ["promote", "stop"],
  optimism: ["promote"],
  audit: ["promote"],
  cumulativePoints: ["poster"],
  checkpoints: ["poster"],
  stopRank: ["poster"],
  curve: ["poster"],
};

function checkModes(chosen: Options): void {
  if (chosen.mode === "poster" && chosen.accumulate === 0) {
    throw new CurvewiseError(
      "OPTIONS_INVALID",
      "scheduler lcm: accumulate is 0, but there must be a curve to match",
      {
        hint: "Collect at least one complete training.",
      },
    );
  }
  for (const [name, modes] of Object.entries(MODES_OF)) {
    if (!Object.hasOwn(chosen, name) || modes.includes(chosen.mode)) continue;
    throw new CurvewiseError(
      "OPTIONS_INVALID",
      `scheduler lcm: ${name} has no effect in mode ${chosen.mode}`,
      {
        hint: `Add mode: ${modes.join(" or mode: ")}, or leave ${name} out.`,
      },
    );
  }
}

function completeTraining(own: number | undefined, ofStudy: number | undefined): number {
  const maxSteps = ofStudy ?? own;
  if (maxSteps === undefined) {
    throw new CurvewiseError("MAX_STEPS_MISSING", "scheduler lcm needs to know when a training is complete", {
      hint: "Set the study's maxSteps to the last step that a training reports.",
    });
  }
  if (own !== undefined && own !== maxSteps) {
    throw new CurvewiseError(
      "OPTIONS_INVALID",
      `scheduler lcm: its maxSteps is ${own}, but the study's is ${maxSteps}`,
      { hint: "Remove the scheduler's maxSteps." },
    );
  }
  return maxSteps;
}

/**
 * Learning Curve Matching: a training's curve is compared with earlier ones to predict how it will end.
 *
 * `mode: "promote"` (the default) pauses trials at rungs (steps `minSteps * eta^k`). Each trial's end is forecast from
 * its curve: by a line learned from the trials that went further, corrected by the curves most similar to its own,
 * shifted to its value. One in `eta` of the trials that reached a rung goes on, best forecast first, with optimism for
 * curves unlike any other; the first rung adapts to where curves become informative. A small share of steps (`audit`)
 * trains trials to the end whatever the rule says. Use it if programs can be paused and resumed from snapshots.
 *
 * `mode: "stop"` is for programs that cannot be paused: a trial stops at a rung unless it is among the best 1/eta
 * there. No rule that stops by forecast did better on recorded curves (see docs/schedulers.md).
 *
 * `mode: "poster"` is the rule as first published. Every complete training (a trial that reached `maxSteps` and ended
 * by itself) leaves its curve at the cumulative points and its performance (the goal metric at the end) in a library.
 * Once there are `accumulate` of them, a running trial is compared at every checkpoint c with the library, over the
 * cumulative points up to c that both curves have: the nearest curve by Euclidean distance (on ties, the lower trial
 * number) gives the expected performance, and the trial stops if more than `stopRank` of the complete trainings are
 * strictly better than that. A checkpoint's decision is made once, at the first report at or after it; a report that
 * passes several checkpoints is judged at the last of them. A cumulative point records the first report at or after it
 * and before the next point, and is otherwise absent. A curve with a diverged point (NaN, infinite) is at an infinite
 * distance; a trial whose goal metric has diverged at a checkpoint stops.
 *
 * @example createStudy({ scheduler: lcm(), maxSteps: 30 })
 * @example createStudy({ scheduler: lcm({ mode: "poster", accumulate: 5, checkpoints: [3, 10] }), maxSteps: 30 })
 * @throws CurvewiseError `MAX_STEPS_MISSING` when the scheduler is created for a study without `maxSteps`;
 *   `OPTIONS_INVALID` when an option does not belong to the mode, or a step lies beyond the end
 */
export const lcm = defineScheduler({
  name: "lcm",
  summary: "Forecasts how trainings end from the curves of earlier ones, and lets the promising ones go on.",
  options,
  severalGoals: true,
  transferring: withFoundStudies,
  create: (chosen, { goal, maxSteps: ofStudy, seed }): Scheduler => {
    checkModes(chosen);
    const maxSteps = completeTraining(chosen.maxSteps, ofStudy);
    const { mode, minSteps = 1 } = chosen;
    const transfer = namedStudies(chosen.transfer);
    const wish = { studies: transfer, metrics: chosen.curve === undefined ? [] : [chosen.curve] };
    const isPlain = isPlainGoal(goal);
    if (mode === "poster" && goal.others !== undefined) {
      throw new CurvewiseError("GOALS_UNSUPPORTED", "scheduler lcm: mode poster goes by one metric", {
        hint: "Use mode promote or stop, or name one goal.",
      });
    }
    if (!isPlain && transfer.length > 0) {
      throw new CurvewiseError(
        "OPTIONS_INVALID",
        "scheduler lcm: transfer is for studies with one goal and without constraints on metrics",
        { hint: "Leave transfer out; the curves of earlier studies were recorded for one metric." },
      );
    }
    if (mode === "poster") {
      const poster = posterMode({
        goal,
        maxSteps,
        metric: chosen.curve ?? goal.metric,
        points: cumulativePoints(chosen.cumulativePoints ?? 10, maxSteps),
        decisionSteps: checkpoints(chosen.checkpoints ?? 10, maxSteps),
        accumulate: chosen.accumulate ?? 10,
        stopRank: chosen.stopRank ?? 0.5,
        transfer,
      });
      return withTransfer(poster, wish);
    }
    const eta = chosen.eta ?? (mode === "promote" && isPlain && !isOfFirstVersion(goal) ? 2 : 4);
    const end = endAfterRungs("lcm", "minSteps", minSteps, maxSteps);
    const rungs = { maxSteps: end, eta, minSteps };
    if (mode === "stop") {
      const brackets = createBrackets({ ...rungs, count: 1, goal, seed });
      const stopping = isPlain
        ? withTransfer(ashaStopping(brackets, eta, goal, { rule: "lcm/stop", transfer }), wish)
        : ashaStoppingByFront(brackets, eta, goal, "lcm/stop-by-front");
      return withRungsPlan(stopping, { does: "looks at", steps: rungSteps(rungs), eta });
    }
    const { accumulate = 0, optimism = 3, audit = 0.02 } = chosen;
    const create = isPlain ? createPromotion : createPromotionByFront;
    const promotion = create({ ...rungs, goal, accumulate, optimism, audit, seed, transfer });
    return withRungsPlan(withTransfer(promotion, wish), { does: "pauses", steps: rungSteps(rungs), eta });
  },
});
