import { z } from "zod";
import { createFeatureEncoder } from "../../core/candidates/features.js";
import { defineSampler } from "../../core/define.js";
import { CurvewiseError } from "../../core/errors.js";
import { trialOf } from "../../core/event-trial.js";
import { isOfFirstVersion } from "../../core/goal.js";
import type { Params } from "../../core/param.js";
import type { Sampler, SamplerSetup } from "../../core/sampler.js";
import type { Study } from "../../core/study.js";
import { namedStudies, transferOption, withFoundStudies } from "../../core/transfer-option.js";
import { requireTransferred, transferredTo } from "../../core/transferred-study.js";
import type { Trial } from "../../core/trial.js";
import { createCurveModel } from "../../forecast/curve-model.js";
import { rungSteps } from "../../forecast/rung-steps.js";
import { columnsOf, type ExtraTree, growExtraTree } from "../../math/extra-trees.js";
import type { Random } from "../../math/random.js";
import { createSupply } from "../supply.js";
import { boundedLessons, type Lesson } from "./bounded-lessons.js";
import { drawnTargets } from "./drawn-targets.js";
import { type EarlierStudy, earlierStudies, ofStudy } from "./earlier-lessons.js";
import { proposeNear } from "./proposals.js";

/**
 * Trees whose predictions are added up for one choice; each is fitted to its own draw of the forecasts. Of params drawn near
 * the best ones, several trees agree on what is nearest to these, and a search hardly leaves them.
 */
const TREES = { ofDrawn: 1, ofListed: 4 } as const;
const LEAF_SIZE = 2;
/** How many of the best trials params are proposed near. */
const CENTERS = 5;

const options = z.strictObject({
  startup: z
    .int()
    .min(2)
    .default(12)
    .describe("Trials drawn at random before the sampler learns; those of earlier studies count too."),
  random: z
    .number()
    .min(0)
    .max(1)
    .default(0.1)
    .describe("The share of later trials that are still drawn at random."),
  eta: z
    .int()
    .min(2)
    .max(100)
    .default(4)
    .describe(
      "The factor between the rungs at which curves are compared; on recorded curves, 4 did better than the scheduler's 2.",
    ),
  trees: z
    .int()
    .min(1)
    .max(100)
    .exactOptional()
    .describe(
      "How many trees choose together: more keep to what is known, fewer explore; by default 1, and 4 among given candidates or in a space of few combinations.",
    ),
  transfer: transferOption
    .exactOptional()
    .describe(
      "Earlier studies to learn from as well, with the same database, goal and params, or auto: all that fit; their curves are copied into the study when it begins.",
    ),
});

function createCurveSampler(chosen: z.output<typeof options>, setup: SamplerSetup): Sampler {
  const { space, goal, maxSteps } = setup;
  if (maxSteps === undefined) {
    throw new CurvewiseError("MAX_STEPS_MISSING", "sampler curve needs to know when a training is complete", {
      hint: "Set the study's maxSteps to the last step that a training reports.",
    });
  }
  const encoder = createFeatureEncoder(space);
  const transfer = namedStudies(chosen.transfer);
  const rowOf = (params: Params, study = 0): Float64Array =>
    transfer.length === 0 ? encoder.encode(params) : ofStudy(encoder.encode(params), study);
  const rungs = [...rungSteps({ minSteps: 1, eta: chosen.eta, maxSteps }), maxSteps];
  const model = createCurveModel(goal, rungs);
  let earlier: readonly EarlierStudy[] = [];
  const takeOver = (study: Study): void => {
    earlier = earlierStudies(transferredTo(study, transfer), { goal, rungs, rowOf, bestCount: CENTERS });
  };
  const rows: Float64Array[] = [];
  const supply = createSupply(setup, rowOf, (centers, random, trial) =>
    proposeNear(space, centers, random, trial),
  );

  const { ofDrawn, ofListed } = TREES;
  const treeCount = chosen.trees ?? (supply.isListed || isOfFirstVersion(goal) ? ofListed : ofDrawn);

  const follow = (trial: Trial): void => {
    if (supply.note(trial)) rows[trial.number] = rowOf(trial.params);
    model.update(trial);
  };

  const centersOf = (study: Study, known: readonly Lesson[]): Params[] => {
    // Of equals the earlier, as sorting keeps their order.
    const best = known
      .filter(({ forecast }) => Number.isFinite(forecast.mean))
      .toSorted((a, b) => a.forecast.mean - b.forecast.mean)
      .slice(0, CENTERS)
      .map(({ forecast }) => study.trials[forecast.trial]?.params)
      .filter((params) => params !== undefined);
    return [...best, ...earlier.flatMap(({ best: params }) => params)];
  };

  const ask = (trial: number, random: Random, study: Study): Params | undefined => {
    requireTransferred(study, transfer);
    const isRandom = random.uniform() < chosen.random;
    const before = earlier.reduce((sum, { count }) => sum + count, 0);
    if (trial + before < chosen.startup || isRandom) return supply.draw(random);
    const known = boundedLessons(model, rows, random);
    if (known.length + before < 2) return supply.draw(random);
    const studies = [known, ...earlier.map((each) => boundedLessons(each.model, each.rows, random))];
    const features = columnsOf(studies.flatMap((each) => each.map(({ row }) => row)));
    const trees: ExtraTree[] = Array.from({ length: treeCount }, () => {
      const targets = studies.flatMap((each) => [...drawnTargets(each, goal, random)]);
      return growExtraTree(features, Float64Array.from(targets), LEAF_SIZE, random);
    });
    const predicted = supply.proposals(centersOf(study, known), random).map(({ params, row }) => ({
      params,
      target: trees.reduce((sum, tree) => sum + tree.predict(row), 0),
    }));
    // Of equals the first, as sorting keeps their order.
    const best = predicted
      .toSorted((a, b) => a.target - b.target)
      .find(({ params }) => !supply.isTried(params));
    return best === undefined ? supply.draw(random) : best.params;
  };

  return {
    ...(transfer.length === 0 ? {} : { transfer: { studies: transfer } }),
    restore: (study) => {
      takeOver(study);
      for (const trial of study.trials) follow(trial);
    },
    observe: (event, study) => {
      if (event.type === "curves-transferred") takeOver(study);
      const trial = trialOf(event, study);
      if (trial !== undefined) follow(trial);
    },
    ask,
    ...(supply.size === undefined ? {} : { size: supply.size }),
  };
}

/**
 * Learns from learning curves which params are worth trying, including the curves of paused and stopped trials. Each
 * trial's end is forecast from its curve, with its uncertainty. For every new trial, an extremely randomised tree is fitted
 * to a draw of these ends, and the params with the best prediction are chosen: the draws make it explore where forecasts
 * are uncertain, and keep trials in flight apart (Thompson sampling). Where it chooses from a list, the predictions of four
 * such trees are added up. Made for the scheduler `lcm`, but useful with any other.
 *
 * With `transfer`, it also learns from trials of earlier studies, each ranked among the trials of its own study, so
 * that the first trials of this one are no longer drawn at random.
 *
 * Given candidates, or a space of few combinations, it chooses among those; else among params from all of the space and
 * near the best trials. It proposes nothing that a trial has, and nothing more when every combination was tried.
 *
 * @example createStudy({ sampler: curve(), scheduler: lcm(), maxSteps: 30 })
 * @throws CurvewiseError `MAX_STEPS_MISSING` when created for a study without `maxSteps`; `TRANSFER_MISSING` from the
 *   sampler in a study without the curves that it asked for
 */
export const curve = defineSampler({
  name: "curve",
  summary: "Learns which params are worth trying from all learning curves, finished or not; made for lcm.",
  options,
  transferring: withFoundStudies,
  create: createCurveSampler,
});
