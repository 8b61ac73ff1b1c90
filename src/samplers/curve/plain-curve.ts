// The sampler `curve` once more, written out from its documentation and nothing else: every proposal is worked out from the
// whole study, without any state. The forecasts and the trees are the product's, which have tests of their own. Tests compare
// the product with it; nothing else uses it.
import { allParams } from "../../core/candidates/finite-space.js";
import { keyOf } from "../../core/candidates/params-key.js";
import { createPermutation } from "../../core/candidates/permutation.js";
import { createUntriedParams } from "../../core/candidates/untried-params.js";
import { drawParams } from "../../core/draw/draw-params.js";
import { sampleParams } from "../../core/draw/sample-params.js";
import type { Goal } from "../../core/goal.js";
import type { Params } from "../../core/param.js";
import { sameValue } from "../../core/param-value.js";
import { contains, type SearchSpace, valueAt } from "../../core/search-space.js";
import type { Study, TransferredTrial } from "../../core/study.js";
import { type CurveForecast, createCurveModel } from "../../forecast/curve-model.js";
import { columnsOf, growExtraTree } from "../../math/extra-trees.js";
import type { Random } from "../../math/random.js";
import { nearValue } from "../near-value.js";

export interface PlainCurveSettings {
  readonly space: SearchSpace;
  readonly goal: Goal;
  readonly maxSteps: number;
  readonly seed: number;
  readonly candidates?: readonly Params[];
  readonly startup: number;
  readonly random: number;
  readonly eta: number;
  readonly transfer: readonly string[];
  /** How many trees choose together; undefined: 4 from a list, else 1. */
  readonly trees?: number;
}

interface Lesson {
  readonly params: Params;
  readonly features: readonly number[];
  readonly forecast: CurveForecast;
  /** What is expected of its end at first sight. */
  readonly outlook: number;
  /** How many trials it stands for. */
  readonly weight: number;
}

/** Params as numbers: logarithms, places, a number for each value of a choice, and for each condition whether it holds. */
function featuresOf(space: SearchSpace, params: Params): number[] {
  return space.order.flatMap((name) => {
    const param = space.params[name];
    const value = params[name];
    if (param === undefined) return [];
    const presence = param.when === undefined ? [] : [value === undefined ? 0 : 1];
    switch (param.kind) {
      case "fixed":
        return presence;
      case "choice":
        return [...presence, ...param.options.map((option) => Number(sameValue(option, value)))];
      case "ordinal":
        return [...presence, param.options.findIndex((option) => sameValue(option, value))];
      default: {
        if (value === undefined) return [...presence, 0];
        return [...presence, param.log ? Math.log(Number(value)) : Number(value)];
      }
    }
  });
}

function lessonsOf(
  { space, goal, maxSteps, eta, transfer }: PlainCurveSettings,
  trials: readonly TransferredTrial[],
  study: number,
): Lesson[] {
  const rungs = Array.from({ length: 60 }, (_, power) => eta ** power).filter((step) => step < maxSteps);
  const model = createCurveModel(goal, [...rungs, maxSteps]);
  for (const trial of trials) model.update(trial);
  const outlooks = new Map(model.outlook().map((each) => [each.trial, each.mean]));
  return trials.flatMap(({ number, params }) => {
    const forecast = model.forecasts().get(number);
    // With other studies, which one it is is a feature too.
    const features = [...featuresOf(space, params), ...(transfer.length === 0 ? [] : [study])];
    const outlook = outlooks.get(number) ?? Number.NaN;
    return forecast === undefined ? [] : [{ params, features, forecast, outlook, weight: 1 }];
  });
}

/**
 * All lessons, or of more than 500 the best 150, and 350 of the others, drawn at random, which stand for all of them. With more
 * than 25 features they are as many as have 12,500 in all, but at least 200.
 */
function boundedOf(lessons: readonly Lesson[], random: Random): readonly Lesson[] {
  const features = lessons[0]?.features.length ?? 0;
  const most = features <= 25 ? 500 : Math.max(200, Math.floor(12_500 / features));
  if (lessons.length <= most) return lessons;
  const best = lessons.toSorted((a, b) => a.outlook - b.outlook).slice(0, Math.round(0.3 * most));
  const left = lessons.filter((lesson) => !best.includes(lesson));
  const count = most - best.length;
  const weight = left.length / count;
  const drawn = Array.from({ length: count }, (_, place) => {
    // Each takes the place of the one that is drawn.
    const other = random.integer(place, left.length - 1);
    const [lesson, here] = [left[other], left[place]];
    if (here !== undefined) left[other] = here;
    return lesson === undefined ? [] : [{ ...lesson, weight }];
  });
  return [...best, ...drawn.flat()];
}

/** What a tree learns: half the logarithm of each one's rank in a draw of the ends, half that of its distance from the best. */
function targetsOf(lessons: readonly Lesson[], goal: Goal, random: Random): number[] {
  const ends = lessons.map(({ forecast: { mean, deviation, present } }) => {
    if (!Number.isFinite(mean)) return Number.POSITIVE_INFINITY;
    const end = mean + 0.5 * deviation * random.normal();
    // Where the best report counts, a training ends no worse than it stands.
    return goal.of === "last" ? end : Math.min(present, end);
  });
  const sorted = ends
    .map((end, place) => ({ end, place, weight: lessons[place]?.weight ?? 1 }))
    .sort((a, b) => (a.end === b.end ? a.place - b.place : a.end < b.end ? -1 : 1));
  const sumOf = (some: readonly { weight: number }[]): number =>
    some.reduce((sum, { weight }) => sum + weight, 0);
  const all = sumOf(lessons);
  const best = sorted[0]?.end ?? 0;
  const middle = sorted.findLast((_, rank) => sumOf(sorted.slice(0, rank)) < all / 2 + 0.5);
  const scale = (middle?.end ?? 0) - best + 1e-9;
  return ends.map((end, place) => {
    const rank = sorted.findIndex((each) => each.place === place);
    const before = sumOf(sorted.slice(0, rank)) + (sorted[rank]?.weight ?? 1) / 2;
    const share = (end - best) / scale;
    const away = share < 1.2 ? share : 1.2;
    return 0.5 * Math.log(before / all) + 0.5 * Math.log(away + 0.05);
  });
}

/** The five best of some lessons, as far as they are known. */
function centersOf(lessons: readonly Lesson[]): Params[] {
  return lessons
    .filter(({ forecast }) => Number.isFinite(forecast.mean))
    .toSorted((a, b) => a.forecast.mean - b.forecast.mean || a.forecast.trial - b.forecast.trial)
    .slice(0, 5)
    .map(({ params }) => params);
}

/** Params near some: each is that of a mate with a probability of a half, and moves with one of a half; what they lack is drawn. */
function near(
  space: SearchSpace,
  center: Params,
  spread: number,
  mate: Params | undefined,
  random: Random,
): Params[] {
  try {
    return [
      drawParams(space, (param, name) => {
        const other = mate?.[name];
        const value = other !== undefined && random.uniform() < 0.5 ? other : center[name];
        if (value !== undefined && contains(param, value)) {
          return random.uniform() >= 0.5 ? value : nearValue(param, value, spread, random);
        }
        return param.kind === "fixed" ? param.value : valueAt(param, random.uniform());
      }),
    ];
  } catch {
    return [];
  }
}

/** 300 params near good ones in turn: without a mate and with one, first far, then nearer; and 100 of the whole space. */
function choicesOf(space: SearchSpace, centers: readonly Params[], random: Random): Params[] {
  const places = Array.from({ length: 300 }, (_, place) => place);
  const close =
    centers.length === 0
      ? []
      : places.flatMap((place) => {
          const round = Math.floor(place / centers.length) % 4;
          const mate =
            round === 1 || round === 3 ? centers[random.integer(0, centers.length - 1)] : undefined;
          return near(space, centers[place % centers.length] ?? {}, round < 2 ? 0.2 : 0.1, mate, random);
        });
  const others = Array.from({ length: centers.length === 0 ? 400 : 100 }, () => sampleParams(space, random));
  return [...close, ...others];
}

/** The next params. */
export function plainCurve(
  settings: PlainCurveSettings,
  trial: number,
  random: Random,
  study: Study,
): Params | undefined {
  const { space, candidates, seed, startup, transfer } = settings;
  const known = lessonsOf(settings, study.trials, 0);
  const earlier = transfer.map((name, place) =>
    lessonsOf(settings, study.transferred.find((each) => each.name === name)?.trials ?? [], place + 1),
  );
  const untried = createUntriedParams({ space, seed });
  for (const each of study.trials) untried.note(each);
  const proposed = new Set(study.trials.map((each) => keyOf(each.params)));
  const left = candidates?.filter((params) => !proposed.has(keyOf(params)));
  const draw = (): Params | undefined => {
    if (candidates === undefined) return untried.draw(random);
    const { at } = createPermutation(candidates.length, seed);
    return candidates.map((_, place) => candidates[at(place)] ?? {}).find((params) => left?.includes(params));
  };
  const isRandom = random.uniform() < settings.random;
  const count = earlier.flat().length;
  if (isRandom || trial + count < startup || known.length + count < 2) return draw();
  const studies = [known, ...earlier].map((each) => boundedOf(each, random));
  const [own = []] = studies;
  const columns = columnsOf(studies.flat().map(({ features }) => Float64Array.from(features)));
  const listed = left ?? allParams(space, 1000)?.filter((params) => !untried.isTried(params));
  // The first version had four everywhere; its studies do not say which report counts.
  const hasFour = listed !== undefined || settings.goal.of === undefined;
  const trees = Array.from({ length: settings.trees ?? (hasFour ? 4 : 1) }, () =>
    growExtraTree(
      columns,
      Float64Array.from(studies.flatMap((lessons) => targetsOf(lessons, settings.goal, random))),
      2,
      random,
    ),
  );
  const choices =
    listed ??
    choicesOf(space, [...centersOf(own), ...earlier.flatMap(centersOf)], random).filter(
      (params) => !untried.isTried(params),
    );
  if (choices.length === 0) return draw();
  const sums = choices.map((params) => {
    const features = [...featuresOf(space, params), ...(transfer.length === 0 ? [] : [0])];
    return trees.reduce((sum, tree) => sum + tree.predict(Float64Array.from(features)), 0);
  });
  return choices[sums.indexOf(Math.min(...sums))];
}
