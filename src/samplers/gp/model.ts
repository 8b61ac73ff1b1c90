import type { Outcome } from "../../forecast/outcomes.js";
import { createMaternProcess } from "../../math/process/matern-process.js";
import { type Acquisition, createAcquisition } from "./acquisition.js";
import type { Encoding } from "./encoding.js";
import { fitHyperparameters, type Hyperparameters, type Lessons } from "./hyperparameters.js";
import { warpRow } from "./input-warp.js";
import { targetsOf } from "./targets.js";

/** An outcome with the coordinates of its params. */
export interface Located {
  readonly outcome: Outcome;
  readonly row: Float64Array;
}

/** What the model says about a study. */
export interface Judgement {
  readonly acquisition: Acquisition;
  /** The trials that seem best, best first. */
  readonly best: readonly Located[];
}

/** Learns from outcomes what can be expected of other params. */
export interface Model {
  /** Undefined if fewer than two outcomes are known, or nothing tells them apart. */
  judge(outcomes: readonly Located[]): Judgement | undefined;
}

/** Up to this many lessons, hyperparameters are fitted again whenever there is another one. */
const EVERY_LESSON = 24;
/** After that, at every number of lessons that is larger by this factor. */
const GROWTH = 1.08;
/** To how many lessons they are fitted at most. */
const MOST_FITTED = 200;
/** From more lessons than these only some are kept: those nearest to the best, and some of all others. */
const MOST_LESSONS = 1000;
const NEAREST = 500;
const OTHERS = 250;
const BEST = 5;
/**
 * The variance of the prior of the mean, in that of the targets: wide, since the targets crowd near the best while the
 * mean is that of all params. With a mean of zero, params far from all trials would seem as good as the trials.
 */
const MEAN_VARIANCE = 10;

/** The largest number of lessons up to `count` at which hyperparameters are fitted. */
function fittedCount(count: number): number {
  let fitted = Math.min(count, EVERY_LESSON);
  for (let next = fitted; next <= count; next = Math.ceil(next * GROWTH)) fitted = next;
  return fitted;
}

function distance(a: Float64Array, b: Float64Array, numeric: number): number {
  let sum = 0;
  for (let column = 0; column < a.length; column++) {
    const gap = (a[column] ?? 0) - (b[column] ?? 0);
    sum += column < numeric ? gap * gap : Number(gap !== 0);
  }
  return sum;
}

const costOf = ({ outcome }: Located): number => outcome.cost ?? Number.POSITIVE_INFINITY;
/** Infinite costs are equal. */
function byCost(a: Located, b: Located): number {
  const [first, second] = [costOf(a), costOf(b)];
  return first === second ? a.outcome.trial - b.outcome.trial : first - second;
}

/** Items evenly spread over a list. */
function spread<Item>(items: readonly Item[], count: number): readonly Item[] {
  return items.filter(
    (_, place) =>
      Math.floor((place * count) / items.length) !== Math.floor(((place - 1) * count) / items.length),
  );
}

/** Half of them the best, the others spread evenly over the rest. */
function forFitting(located: readonly Located[]): readonly Located[] {
  if (located.length <= MOST_FITTED) return located;
  const ascending = located.toSorted(byCost);
  const half = MOST_FITTED / 2;
  return [...ascending.slice(0, half), ...spread(ascending.slice(half), half)];
}

/** Those nearest to the best, and others spread evenly, all in their order. */
function forPredicting(located: readonly Located[], best: Located, numeric: number): readonly Located[] {
  if (located.length <= MOST_LESSONS) return located;
  const away = new Map(located.map((each) => [each, distance(each.row, best.row, numeric)]));
  const nearest = located.toSorted((a, b) => (away.get(a) ?? 0) - (away.get(b) ?? 0)).slice(0, NEAREST);
  const near = new Set(nearest);
  const kept = new Set([
    ...nearest,
    ...spread(
      located.filter((each) => !near.has(each)),
      OTHERS,
    ),
  ]);
  return located.filter((each) => kept.has(each));
}

/** @param choose picks those that are learnt from; how good each is shows among all of them */
function lessonsOf(
  located: readonly Located[],
  choose: (located: readonly Located[]) => readonly Located[],
): Lessons {
  const { values, variances } = targetsOf(
    located.map((each) => ({ cost: costOf(each), deviation: each.outcome.deviation })),
  );
  const places = new Map(located.map((each, place) => [each, place]));
  const chosen = choose(located);
  const of = (numbers: Float64Array): Float64Array =>
    Float64Array.from(chosen, (each) => numbers[places.get(each) ?? 0] ?? 0);
  return { rows: chosen.map(({ row }) => row), targets: of(values), variances: of(variances) };
}

const sameNumbers = (a: Float64Array, b: Float64Array): boolean =>
  a.length === b.length && a.every((value, place) => value === b[place]);
const sameLessons = (a: Lessons, b: Lessons): boolean =>
  sameNumbers(a.targets, b.targets) &&
  sameNumbers(a.variances, b.variances) &&
  a.rows.every((row, place) => {
    const other = b.rows[place];
    return other !== undefined && sameNumbers(row, other);
  });

/**
 * A Gaussian process of the outcomes of trials. What it says follows from the outcomes alone; what it remembers saves
 * time.
 */
export function createModel(encoding: Encoding): Model {
  const numeric = encoding.numeric.length;
  const process = createMaternProcess(numeric, encoding.size, MEAN_VARIANCE);
  let fitted: { readonly lessons: Lessons; readonly hyperparameters: Hyperparameters } | undefined;

  const fit = (known: readonly Located[]): Hyperparameters => {
    const lessons = lessonsOf(known.slice(0, fittedCount(known.length)), forFitting);
    if (fitted === undefined || !sameLessons(fitted.lessons, lessons)) {
      fitted = { lessons, hyperparameters: fitHyperparameters(process, lessons, numeric) };
    }
    return fitted.hyperparameters;
  };

  return {
    judge: (outcomes) => {
      // In flight, a value that is not a forecast shows how far a training has got, and not how good it is.
      const known = outcomes.filter(
        ({ outcome: { cost, deviation, isInFlight } }) =>
          cost !== undefined && (!isInFlight || deviation > 0),
      );
      const costs = new Set(known.map(costOf).filter(Number.isFinite));
      if (costs.size < 2) return undefined;
      const [top] = known.toSorted(byCost);
      if (top === undefined) return undefined;
      const { weights, noise, warp } = fit(known);
      const pending = outcomes.filter(({ outcome }) => outcome.isInFlight);
      const near = forPredicting(known, top, numeric);
      const { rows, targets, variances } = lessonsOf(known, () => near);
      const observed = rows.map((row) => warpRow(row, warp));
      const points = [...observed, ...pending.map(({ row }) => warpRow(row, warp))];
      const noises = Float64Array.from(points, (_, place) => noise + (variances[place] ?? 0));
      if (!process.condition({ points, targets, noises }, weights)) return undefined;
      const { means } = process.predict(observed);
      const expected = near.map((each, place) => ({ each, mean: means[place] ?? 0 }));
      const inOrder = expected.toSorted(
        (a, b) => a.mean - b.mean || a.each.outcome.trial - b.each.outcome.trial,
      );
      return {
        acquisition: createAcquisition(process, warp, inOrder[0]?.mean ?? 0),
        best: inOrder.slice(0, BEST).map(({ each }) => each),
      };
    },
  };
}
