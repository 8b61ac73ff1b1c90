import type { Params } from "../../core/param.js";
import type { SearchSpace } from "../../core/search-space.js";
import type { Trial } from "../../core/trial.js";
import type { Random } from "../../math/random.js";
import { type Dimension, dimensionOf } from "../dimension.js";
import { type Clip, inKernelOrder } from "./kernels.js";
import { type Beliefs, createParzen, type Parzen } from "./parzen.js";
import type { Division } from "./ranking.js";

/** How many of the newest trials are compared with the good ones; older ones would count for next to nothing. */
export const WINDOW = 10_000;
/** The least weight of a good trial, so that those as good as the best of the others count at all. */
const LEAST_WEIGHT = 1e-12;

/** How trials are weighed: by how new they are, or the good ones by how much better they are than the others. */
export type Weighing = "recent" | "improvement";

/**
 * Params that are always on together, with the densities of the good trials and of all others that have them. Trials
 * whose values are no longer in the space are in neither.
 */
export interface Group {
  readonly dimensions: readonly Dimension[];
  /** Takes in the params that a trial has now. Trials come in the order of their numbers, but may come again. */
  note(trial: Pick<Trial, "number" | "params">): void;
  /** Divides the trials again; to be called before points are drawn or scored. */
  divide(division: Division): void;
  /** The places of params; undefined if one is off or outside of the space. */
  placesOf(params: Params): Float64Array | undefined;
  /** A point from the density of the good trials. */
  draw(random: Random): Float64Array;
  /** How much more likely points are among the good trials than among the others: the logarithms of the ratios. */
  scores(points: readonly Float64Array[]): Float64Array;
  /** The point with the highest score; quicker than all scores. */
  best(points: readonly Float64Array[]): Float64Array;
}

/** The place of the largest number; of equals the first. */
const placeOfMost = (numbers: Float64Array): number =>
  numbers.reduce((most, each, place) => (each > (numbers[most] ?? 0) ? place : most), 0);

/**
 * @param clip of the densities of both; only the others have its spread
 * @param beliefOf what is believed of the good values of a param, by name
 */
export function createGroup(
  given: readonly Dimension[],
  { spread = 0, ...clip }: Clip,
  weighing: Weighing,
  beliefOf: (name: string) => Beliefs[number] = () => undefined,
): Group {
  const dimensions = inKernelOrder(given);
  const beliefs = dimensions.map(({ name }) => beliefOf(name));
  /** A row for each trial from the number {@link dropped}. */
  const others = createParzen(dimensions, { ...clip, spread });
  let dropped = 0;
  /** By row: params with which it was noted. */
  const noted: (Params | undefined)[] = [];
  let good: Parzen = createParzen(dimensions, clip, beliefs);
  /** What the good ones were fitted to. */
  let known: Division | undefined;
  let goodNumbers = new Set<number>();

  const placesOf = (params: Params): Float64Array | undefined => {
    const places = new Float64Array(dimensions.length);
    for (const [index, dimension] of dimensions.entries()) {
      const place = dimension.placeOf(params[dimension.name]);
      if (Number.isNaN(place)) return undefined;
      places[index] = place;
    }
    return places;
  };
  const isAmongOthers = (row: number): boolean =>
    row >= others.rows - WINDOW && !goodNumbers.has(row + dropped);

  const add = (params: Params | undefined): void => {
    others.append(params === undefined ? undefined : placesOf(params));
    noted.push(params);
    const row = others.rows - 1;
    if (isAmongOthers(row)) others.include(row, true);
    if (row >= WINDOW) others.include(row - WINDOW, false);
    if (others.rows < 2 * WINDOW) return;
    others.drop(WINDOW);
    noted.splice(0, WINDOW);
    dropped += WINDOW;
  };

  const note = ({ number, params }: Pick<Trial, "number" | "params">): void => {
    while (others.rows + dropped < number) add(undefined);
    const row = number - dropped;
    if (row === others.rows) add(params);
    else if (row >= 0 && noted[row] !== params) {
      noted[row] = params;
      others.replace(row, placesOf(params));
      if (isAmongOthers(row)) others.include(row, true);
    }
  };

  const fit = ({ good: found, next }: Division): void => {
    const within = found.flatMap(({ params, cost }) => {
      const places = placesOf(params);
      return places === undefined ? [] : [{ places, cost }];
    });
    good = createParzen(dimensions, clip, beliefs);
    for (const [row, { places }] of within.entries()) {
      good.append(places);
      good.include(row, true);
    }
    if (weighing === "recent") good.weigh("recent");
    else if (!Number.isFinite(next)) good.weigh("equal");
    else good.weigh(within.map(({ cost }) => Math.max(LEAST_WEIGHT, next - cost)));
  };

  const isSame = (division: Division): boolean =>
    known !== undefined &&
    division.good.length === known.good.length &&
    (weighing === "recent" || division.next === known.next) &&
    division.good.every(({ params, trial, cost }, place) => {
      const before = known?.good[place];
      const hasCost = weighing === "recent" || before?.cost === cost;
      return before?.trial === trial && before.params === params && hasCost;
    });

  return {
    dimensions,
    note,
    divide: (division) => {
      const before = goodNumbers;
      if (!isSame(division)) fit(division);
      known = division;
      goodNumbers = new Set(division.good.map(({ trial }) => trial));
      for (const trial of [...before, ...goodNumbers]) {
        const row = trial - dropped;
        if (row >= 0) others.include(row, isAmongOthers(row));
      }
      others.weigh(weighing === "recent" ? "recent" : "equal");
    },
    placesOf,
    draw: (random) => good.draw(random),
    scores: (points) => {
      const densities = others.logDensities(points);
      return good.logDensities(points).map((density, index) => density - (densities[index] ?? 0));
    },
    best: (points) => {
      const densities = good.logDensities(points);
      const guess = placeOfMost(densities);
      const [among = 0] = others.logDensities([points[guess] ?? new Float64Array(dimensions.length)]);
      const score = (densities[guess] ?? 0) - among;
      // What cannot be better than the guess is not looked at any further, nor is the guess itself.
      const limits = densities.map((density) => density - score);
      limits[guess] = Number.NEGATIVE_INFINITY;
      const amongOthers = others.logDensities(points, limits);
      amongOthers[guess] = among;
      const best = placeOfMost(densities.map((density, index) => density - (amongOthers[index] ?? 0)));
      return points[best] ?? new Float64Array(dimensions.length);
    },
  };
}

/** Params whose conditions are the same, and those without: each list is a group of its own. */
export function groupsOf(space: SearchSpace): (readonly Dimension[])[] {
  const groups = new Map<string, Dimension[]>();
  for (const name of space.order) {
    const param = space.params[name];
    const dimension = param === undefined ? undefined : dimensionOf(name, param);
    if (dimension === undefined) continue;
    const conditions = Object.entries(param?.when ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1));
    const key = JSON.stringify(conditions);
    groups.set(key, [...(groups.get(key) ?? []), dimension]);
  }
  return [...groups.values()];
}
