import type { CurveForecast, CurveModel } from "../../forecast/curve-model.js";
import type { Random } from "../../math/random.js";

/** How many trials of a study trees learn from at most: fewer if each has many features, so that they have so many in all. */
const MOST_LESSONS = 500;
const LEAST_LESSONS = 200;
const MOST_FEATURES = 12_500;
/** The share of the best ones among these. */
const BEST_SHARE = 0.3;

/** A trial that trees learn from. */
export interface Lesson {
  /** Its params as features. */
  readonly row: Float64Array;
  readonly forecast: CurveForecast;
  /** How many trials it stands for, itself included. */
  readonly weight: number;
}

/** The places of the least numbers in ascending order; of equals, the first. */
function leastPlaces(values: Float64Array, count: number): number[] {
  // Sorting numbers is much quicker than sorting places by them.
  const limit = values.toSorted()[count - 1] ?? Number.POSITIVE_INFINITY;
  const places: number[] = [];
  for (let place = 0; place < values.length; place++)
    if ((values[place] ?? limit) <= limit) places.push(place);
  return places.sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0) || a - b).slice(0, count);
}

/** So many numbers of a list that is reordered for it, each once, at random. */
function drawn(from: Int32Array, count: number, random: Random): Int32Array {
  for (let place = 0; place < count; place++) {
    const other = random.integer(place, from.length - 1);
    const here = from[place] ?? 0;
    from[place] = from[other] ?? 0;
    from[other] = here;
  }
  return from.subarray(0, count);
}

/**
 * The trials of a study that trees learn from: all, or of more than 500 the 150 most promising ones (see
 * `CurveModel.outlook`), and 350 drawn from the others, each of which stands for its share of them. So a proposal costs hardly
 * more with many trials, and the best ones are still told apart. With more than 25 features they are fewer, down to 200.
 *
 * @param rows the trials' params as features, by number; of trials without any nothing is learned
 */
export function boundedLessons(
  model: CurveModel,
  rows: readonly (Float64Array | undefined)[],
  random: Random,
): Lesson[] {
  const known = model.outlook().filter(({ trial }) => rows[trial] !== undefined);
  const lessonsOf = (places: Iterable<number>, weight: number): Lesson[] => {
    const lessons: Lesson[] = [];
    for (const place of places) {
      const trial = known[place]?.trial ?? -1;
      const row = rows[trial];
      const forecast = model.forecastOf(trial);
      if (row !== undefined && forecast !== undefined) lessons.push({ row, forecast, weight });
    }
    return lessons;
  };
  const features = rows.find((row) => row !== undefined)?.length ?? 0;
  const most = Math.max(LEAST_LESSONS, Math.min(MOST_LESSONS, Math.floor(MOST_FEATURES / features)));
  if (known.length <= most) return lessonsOf(known.keys(), 1);
  const means = new Float64Array(known.length);
  for (let place = 0; place < means.length; place++) means[place] = known[place]?.mean ?? 0;
  const best = leastPlaces(means, Math.round(BEST_SHARE * most));
  const isBest = new Uint8Array(known.length);
  for (const place of best) isBest[place] = 1;
  const others = Int32Array.from(isBest.keys()).filter((place) => isBest[place] === 0);
  const count = most - best.length;
  return [...lessonsOf(best, 1), ...lessonsOf(drawn(others, count, random), others.length / count)];
}
