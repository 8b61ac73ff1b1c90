import { z } from "zod";
import { keyOf } from "../../core/candidates/params-key.js";
import { createPermutation } from "../../core/candidates/permutation.js";
import { defineSampler } from "../../core/define.js";
import { CurvewiseError } from "../../core/errors.js";
import type { Params } from "../../core/param.js";
import type { Sampler, SamplerSetup } from "../../core/sampler.js";
import { sampleParams } from "../../core/search-space.js";
import type { Study } from "../../core/study.js";
import { transferOption } from "../../core/transfer-option.js";
import { requireTransferred, transferredTo } from "../../core/transferred-study.js";
import type { Trial } from "../../core/trial.js";
import { createCurveModel } from "../../forecast/curve-model.js";
import { rungSteps } from "../../forecast/rung-steps.js";
import { columnsOf, type ExtraTree, growExtraTree } from "../../math/extra-trees.js";
import type { Random } from "../../math/random.js";
import { createTriedParams } from "../tried-params.js";
import { earlierLessons, type Lesson, NO_EARLIER_LESSONS, ofStudy } from "./earlier-lessons.js";
import { createFeatureEncoder } from "./features.js";
import { proposeParams } from "./proposals.js";

/** Trees whose predictions are added up for one choice; each sees its own draw of the forecasts. */
const TREES = 4;
const LEAF_SIZE = 2;
/** How much of a forecast's deviation goes into a draw. */
const DRAW_DEVIATION = 0.5;
/** Added to a trial's relative distance from the best before its logarithm. */
const BEST_OFFSET = 0.05;
/** Trials worse than this many times the median's distance from the best are all the same. */
const WORST_DISTANCE = 1.2;
/** In a space without candidates: so many params from all of it, and as many near the best ones. */
const PROPOSALS = 500;
const CENTERS = 5;

const options = z.strictObject({
  startup: z
    .int()
    .min(2)
    .default(12)
    .describe("Trials drawn at random before the sampler learns; those of earlier studies count."),
  random: z
    .number()
    .min(0)
    .max(1)
    .default(0.1)
    .describe("The share of later trials that is drawn at random all the same."),
  eta: z
    .int()
    .min(2)
    .max(100)
    .default(4)
    .describe("The factor between the rungs at which curves are compared; as the scheduler's."),
  transfer: transferOption
    .exactOptional()
    .describe(
      "Earlier studies of the same database, goal and params to learn from too; their curves are copied into the study as it begins.",
    ),
});

/**
 * What a tree is to predict: half the logarithm of the rank of a drawn end, half the logarithm of its distance from
 * the best, so that both where the good half is and what is best within it count.
 */
function targetsOf(lessons: readonly Lesson[], random: Random): Float64Array {
  const drawn = lessons.map(({ forecast }) => {
    const { mean, deviation, least } = forecast;
    return Number.isFinite(mean)
      ? Math.min(least, mean + DRAW_DEVIATION * deviation * random.normal())
      : mean;
  });
  const order = drawn.map((_, index) => index).sort((a, b) => (drawn[a] ?? 0) - (drawn[b] ?? 0) || a - b);
  const ends = order.map((index) => drawn[index] ?? Number.POSITIVE_INFINITY);
  const [best = 0] = ends;
  const scale = (ends[ends.length >> 1] ?? best) - best + 1e-9;
  const targets = new Float64Array(lessons.length);
  for (const [rank, index] of order.entries()) {
    const distance = Math.min(WORST_DISTANCE, ((ends[rank] ?? best) - best) / scale);
    const away = Number.isNaN(distance) ? WORST_DISTANCE : distance;
    targets[index] = 0.5 * Math.log((rank + 0.5) / ends.length) + 0.5 * Math.log(away + BEST_OFFSET);
  }
  return targets;
}

function createCurveSampler(chosen: z.output<typeof options>, setup: SamplerSetup): Sampler {
  const { space, goal, maxSteps, seed, candidates } = setup;
  if (maxSteps === undefined) {
    throw new CurvewiseError("MAX_STEPS_MISSING", "sampler curve needs to know when a training is complete", {
      hint: "Set maxSteps of the study to the last step that a training reports.",
    });
  }
  const encoder = createFeatureEncoder(space);
  const { transfer = [] } = chosen;
  const rowOf = (params: Params, study = 0): Float64Array =>
    transfer.length === 0 ? encoder.encode(params) : ofStudy(encoder.encode(params), study);
  const rungs = [...rungSteps({ minSteps: 1, eta: chosen.eta, maxSteps }), maxSteps];
  const model = createCurveModel(goal, rungs);
  let earlier = NO_EARLIER_LESSONS;
  const takeOver = (study: Study): void => {
    const studies = transferredTo(study, transfer);
    if (studies.length > 0) earlier = earlierLessons(studies, { goal, rungs, rowOf, bestCount: CENTERS });
  };
  const pool = candidates?.map((params) => ({ params, key: keyOf(params), row: rowOf(params) }));
  const order = pool === undefined ? undefined : createPermutation(pool.length, seed);
  const rows: Float64Array[] = [];
  const tried = createTriedParams();

  const follow = (trial: Trial): void => {
    if (tried.note(trial)) rows[trial.number] = rowOf(trial.params);
    model.update(trial);
  };

  const lessons = (): Lesson[] => {
    const found: Lesson[] = [];
    const forecasts = model.forecasts();
    for (const [number, row] of rows.entries()) {
      const forecast = forecasts.get(number);
      if (forecast !== undefined) found.push({ row, forecast });
    }
    return found;
  };

  const atRandom = (random: Random): Params | undefined => {
    if (pool === undefined || order === undefined) return sampleParams(space, random);
    for (let place = 0; place < pool.length; place++) {
      const entry = pool[order.at(place)];
      if (entry !== undefined && !tried.has(entry.key)) return entry.params;
    }
    return undefined;
  };

  const choicesFor = (study: Study, known: readonly Lesson[], random: Random) => {
    if (pool !== undefined) return pool.filter(({ key }) => !tried.has(key));
    const centers = known
      .filter(({ forecast }) => Number.isFinite(forecast.mean))
      .toSorted((a, b) => a.forecast.mean - b.forecast.mean || a.forecast.trial - b.forecast.trial)
      .slice(0, CENTERS)
      .map(({ forecast }) => study.trials[forecast.trial]?.params)
      .filter((params) => params !== undefined);
    return proposeParams(space, [...centers, ...earlier.best], PROPOSALS, random).map((params) => ({
      params,
      row: rowOf(params),
    }));
  };

  const ask = (trial: number, random: Random, study: Study): Params | undefined => {
    requireTransferred(study, transfer);
    const isRandom = random.uniform() < chosen.random;
    const before = earlier.lessons.reduce((sum, { length }) => sum + length, 0);
    if (trial + before < chosen.startup || isRandom) return atRandom(random);
    const known = lessons();
    if (known.length + before < 2) return atRandom(random);
    const studies = [known, ...earlier.lessons];
    const features = columnsOf(studies.flatMap((each) => each.map(({ row }) => row)));
    const trees: ExtraTree[] = Array.from({ length: TREES }, () => {
      const targets = studies.flatMap((each) => [...targetsOf(each, random)]);
      return growExtraTree(features, Float64Array.from(targets), LEAF_SIZE, random);
    });
    let best: Params | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (const { params, row } of choicesFor(study, known, random)) {
      let sum = 0;
      for (const tree of trees) sum += tree.predict(row);
      if (sum < least) {
        least = sum;
        best = params;
      }
    }
    return best;
  };

  return {
    ...(transfer.length === 0 ? {} : { transfer: { studies: transfer } }),
    restore: (study) => {
      takeOver(study);
      for (const trial of study.trials) follow(trial);
    },
    observe: (event, study) => {
      if (event.type === "curves-transferred") takeOver(study);
      const trial = "trial" in event && event.trial !== undefined ? study.trials[event.trial] : undefined;
      if (trial !== undefined) follow(trial);
    },
    ask,
    ...(pool === undefined ? {} : { size: pool.length }),
  };
}

/**
 * Learns from learning curves which params are worth trying: from all of them, also of trials that were paused or
 * stopped. Each trial's end is forecast from its curve, with its uncertainty. For every new trial a few extremely
 * randomised trees are each fitted to their own draw of these ends, and the params with the best sum of predictions
 * are taken: the draws make it explore where forecasts are uncertain, and keep many trials in flight apart (Thompson
 * sampling). Made for the scheduler `lcm`, and of use with any other.
 *
 * With `transfer`, trials of earlier studies are lessons as well, each with its place among the trials of its own study, so
 * that the first trials of this one are no longer drawn at random.
 *
 * Given candidates, it chooses among those; else among params from all of the space and near the best trials.
 *
 * @example createStudy({ sampler: curve(), scheduler: lcm(), maxSteps: 30 })
 * @throws CurvewiseError `MAX_STEPS_MISSING` when it is made for a study without `maxSteps`; `TRANSFER_MISSING` from the
 *   sampler in a study that lacks the curves that it asked for
 */
export const curve = defineSampler({
  name: "curve",
  summary: "Learns from all learning curves, finished or not, which params are worth trying; made for lcm.",
  options,
  create: createCurveSampler,
});
