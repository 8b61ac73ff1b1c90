import type { Goal } from "../../core/goal.js";
import type { Params } from "../../core/param.js";
import type { SearchSpace } from "../../core/search-space.js";
import type { Study } from "../../core/study.js";
import type { Trial } from "../../core/trial.js";
import { counted } from "../../core/wording.js";
import { createGaussianProcess } from "../../math/gaussian-process.js";
import type { Random } from "../../math/random.js";
import { type Evolution, perturb } from "../population/perturb.js";
import type { Exploration } from "../population/population.js";
import { standardGains } from "./gains.js";
import { intervalsOfStudy } from "./intervals.js";
import { fitKernel, timeVaryingKernel } from "./kernel.js";
import { coordinatesOf, numbersOf, type OpenNumbers, openNumbers } from "./numbers.js";

/** Params are drawn at random until this many intervals have ended. */
const FEWEST = 4;
/** The maximum number of intervals to learn from, and of open ones to consider, to limit the cost of a choice. */
const MOST = 300;
const MOST_OPEN = 64;
/** How many params are drawn at random, and how many small changes then refine the best. */
const DRAWN = 96;
const REFINED = 36;
/** The standard deviation of the first changes in the unit cube, and the number of rounds; it is halved after each. */
const FIRST_CHANGE = 0.1;
const ROUNDS = 6;

/** How lists evolve: as in PBT by default. */
const LISTS: Evolution = { factors: [1], resample: 0.25 };

/** What a bandit is created for. */
export interface BanditSetup {
  readonly goal: Goal;
  readonly space: SearchSpace;
  /** Steps in an interval. */
  readonly interval: number;
  /** The params that change during training. */
  readonly evolving: readonly string[];
}

/**
 * The squared weight of uncertainty after a number of observations: GP-UCB's beta with the constants of PB2's authors,
 * 0.2 and 0.4.
 */
const betaAfter = (observations: number): number => 0.2 + Math.max(0, Math.log(0.4 * observations));

/** Reflects a number at the ends of [0, 1]. */
const reflected = (place: number): number => Math.max(0, 1 - Math.abs(1 - Math.abs(place)));

interface Choice {
  readonly places: readonly number[];
  readonly params: Params;
  readonly score: number;
}

/**
 * The params with the highest score among randomly drawn ones, the given ones, and increasingly small changes to the
 * best.
 */
function bestParams(
  numbers: OpenNumbers,
  given: readonly number[],
  scoreOf: (params: Params) => number,
  random: Random,
): Params | undefined {
  let best: Choice | undefined;
  const consider = (places: readonly number[]): void => {
    const params = numbers.paramsAt(places);
    const score = params === undefined ? Number.NEGATIVE_INFINITY : scoreOf(params);
    if (params !== undefined && (best === undefined || score > best.score)) best = { places, params, score };
  };
  consider(given);
  for (let count = 0; count < DRAWN; count++) consider(given.map(() => random.uniform()));
  for (let count = 0; count < REFINED; count++) {
    const spread = FIRST_CHANGE / 2 ** Math.floor((count * ROUNDS) / REFINED);
    const places = best?.places ?? given;
    consider(places.map((place) => reflected(place + spread * random.normal())));
  }
  return best?.params;
}

/** Numbers drawn at random; undefined if the constraints reject many draws in a row. */
function drawnParams(numbers: OpenNumbers, random: Random): Params | undefined {
  for (let count = 0; count < DRAWN; count++) {
    const params = numbers.paramsAt(Array.from({ length: numbers.count }, () => random.uniform()));
    if (params !== undefined) return params;
  }
  return undefined;
}

/**
 * How PB2 chooses the params with which a member goes on from another's model: lists as PBT does, then the numbers with
 * the highest upper confidence bound of the gain in the next interval.
 */
export function createBandit({ goal, space, interval, evolving }: BanditSetup) {
  const names = numbersOf(space, evolving);
  const lists = new Map(evolving.filter((name) => !names.includes(name)).map((name) => [name, LISTS]));
  const pointOf = (time: number, params: Params): Float64Array =>
    Float64Array.of(time, ...coordinatesOf(space, params));

  return (trial: Trial, parent: Trial, study: Study, random: Random): Exploration => {
    const perturbed = perturb(space, parent.params, lists, random);
    if (names.length === 0) return { params: perturbed };
    const numbers = openNumbers(space, perturbed, names, random);
    const { ended, open } = intervalsOfStudy(study, { goal, length: interval }, trial.number);
    const known = ended.slice(0, MOST);
    const finite = known.filter(({ gain }) => gain !== undefined).length;
    if (finite < FEWEST) {
      const params = drawnParams(numbers, random) ?? perturbed;
      return {
        params,
        finding: `drawn at random, as there is too little to learn from (${counted(finite, "interval")})`,
        values: { intervals: known.length },
      };
    }
    const points = known.map(({ time, params }) => pointOf(time, params));
    const targets = standardGains(known);
    const settings = fitKernel(points, targets);
    const pending = open.slice(0, MOST_OPEN).map(({ time, params }) => pointOf(time, params));
    const { predict } = createGaussianProcess(
      { points, targets, pending },
      timeVaryingKernel(settings),
      settings.noise,
    );
    const time = (parent.snapshot?.step ?? 0) / interval;
    const weight = Math.sqrt(betaAfter(known.length));
    const scoreOf = (params: Params): number => {
      const { mean, deviation } = predict(pointOf(time, params));
      return mean + weight * deviation;
    };
    const params = bestParams(numbers, numbers.placesIn(perturbed), scoreOf, random) ?? perturbed;
    const { mean, deviation } = predict(pointOf(time, params));
    return {
      params,
      finding: `the most promising after ${counted(known.length, "interval")}`,
      values: { intervals: known.length, open: pending.length, mean, deviation, weight, ...settings },
    };
  };
}
