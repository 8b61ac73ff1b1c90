import { logNormalMass } from "../../math/normal.js";
import type { Random } from "../../math/random.js";
import type { Dimension } from "./dimension.js";
import { type Clip, createKernels, kernelConstant, type Kernels } from "./kernels.js";

/** Kernels that add less than the exponential of minus this to a density are left out. */
const NEGLIGIBLE = 40;
/** How many of the newest observations count fully. */
const NEWEST = 25;

/**
 * What observations count. `recent`: 1 for the newest 25, and less the older the others are, down to 1/n; `equal`: all
 * the same. A list has a number for every observation that is in, in the order of rows; the prior then counts as much
 * as they do on average.
 */
export type Weights = "recent" | "equal" | readonly number[];

/**
 * A density over the params of observations: a mixture of one product of kernels for each of them, and of a prior as
 * wide as the space. A category's kernel has 1 / (1 + n) at each option and another 1 at its own, normalised, where n is
 * the number of observations; the prior has the same at each. See {@link Kernels} for numbers.
 *
 * The density does not depend on the order of changes, not even by rounding: kernels are added up in the order of rows.
 */
export interface Parzen extends Pick<Kernels, "rows" | "size" | "isIn" | "append" | "replace" | "include" | "drop"> {
  /** Weighs the observations; to be called after changes, before the density is asked for. */
  weigh(weights: Weights): void;
  /** The logarithms of the density at points, each with a place for every dimension. */
  logDensities(points: readonly Float64Array[]): Float64Array;
  /** A point drawn from the density. */
  draw(random: Random): Float64Array;
}

/** The weight of an observation by its place among all, oldest first. */
function weightAt(weights: Weights, place: number, size: number): number {
  if (weights === "equal") return 1;
  if (weights !== "recent") return weights[place] ?? 1;
  const older = size - NEWEST;
  if (place >= older) return 1;
  return older === 1 ? 1 / size : 1 / size + (place * (1 - 1 / size)) / (older - 1);
}

/** @param dimensions in the order of `inKernelOrder` */
export function createParzen(dimensions: readonly Dimension[], clip: Clip): Parzen {
  const kernels = createKernels(dimensions, clip);
  const width = dimensions.length;
  const continuous = dimensions.filter(({ kind }) => kind === "continuous").length;
  const numbers = dimensions.filter(({ kind }) => kind !== "category").length;
  const middles = dimensions.map(({ low, high }) => (low + high) / 2);
  const ranges = dimensions.map(({ low, high }) => high - low);
  const priorHeight = dimensions.reduce((sum, dimension, index) => {
    if (dimension.kind === "category") return sum - Math.log(dimension.high);
    return sum + kernelConstant(dimension, middles[index] ?? 0, ranges[index] ?? 1);
  }, 0);
  /** By row; that of the prior is apart. */
  let weights = new Float64Array(0);
  let priorWeight = 1;
  let total = 1;
  let logWeights = new Float64Array(0);
  let priorLogWeight = 0;
  /** What it costs a category not to be that of the observation. */
  let mismatch = 0;
  /** Of all categories of an observation together, at their own options. */
  let categoryHeight = 0;

  const weigh = (given: Weights): void => {
    kernels.settle();
    const { rows, size } = kernels;
    if (weights.length < rows) {
      weights = new Float64Array(2 * rows);
      logWeights = new Float64Array(2 * rows);
    }
    let place = 0;
    let sum = 0;
    for (let row = 0; row < rows; row++) {
      weights[row] = 0;
      if (!kernels.isIn(row)) continue;
      const weight = weightAt(given, place, size);
      weights[row] = weight;
      sum += weight;
      place += 1;
    }
    priorWeight = typeof given === "string" || size === 0 ? 1 : sum / size;
    total = sum + priorWeight;
    mismatch = Math.log(size + 2);
    categoryHeight = dimensions
      .slice(numbers)
      .reduce((height, { high }) => height + Math.log((size + 2) / (size + 1 + high)), 0);
    priorLogWeight = Math.log(priorWeight / total);
    for (let row = 0; row < rows; row++) logWeights[row] = Math.log((weights[row] ?? 0) / total);
  };

  const penaltyAtSteps = (dimension: number, place: number, middle: number, deviation: number): number => {
    const [from, to] = dimensions[dimension]?.edgesOf(place) ?? [0, 0];
    return -logNormalMass((from - middle) / deviation, (to - middle) / deviation);
  };

  const priorAt = (point: Float64Array): number => {
    let penalty = 0;
    for (let dimension = 0; dimension < numbers; dimension++) {
      const place = point[dimension] ?? 0;
      const middle = middles[dimension] ?? 0;
      const range = ranges[dimension] ?? 1;
      penalty +=
        dimension < continuous
          ? 0.5 * ((place - middle) / range) ** 2
          : penaltyAtSteps(dimension, place, middle, range);
    }
    return priorLogWeight + priorHeight - penalty;
  };

  const logDensities = (points: readonly Float64Array[]): Float64Array => {
    const { rows, places, narrowness, heights, stepKernel, stepKernels } = kernels;
    const count = points.length;
    const tops = Float64Array.from(points, priorAt);
    const sums = new Float64Array(count).fill(1);
    const flat = new Float64Array(count * width);
    for (const [index, point] of points.entries()) flat.set(point, index * width);
    /** By point and kernel of steps; NaN until it is needed. */
    const steps = new Float64Array(numbers > continuous ? count * stepKernels.length : 0).fill(Number.NaN);
    const penaltyOf = (index: number, dimension: number, kernel: number): number => {
      const at = index * stepKernels.length + kernel;
      const known = steps[at] ?? 0;
      if (!Number.isNaN(known)) return known;
      const { place, deviation } = stepKernels[kernel] ?? { place: 0, deviation: 1 };
      const penalty = penaltyAtSteps(dimension, flat[index * width + dimension] ?? 0, place, deviation);
      steps[at] = penalty;
      return penalty;
    };

    for (let row = 0; row < rows; row++) {
      const logWeight = logWeights[row] ?? 0;
      if (logWeight === Number.NEGATIVE_INFINITY) continue;
      const height = logWeight + (heights[row] ?? 0) + categoryHeight;
      const ownPlaces = row * width;
      const ownKernels = row * numbers;
      for (let index = 0; index < count; index++) {
        const top = tops[index] ?? 0;
        const most = height - top + NEGLIGIBLE;
        const point = index * width;
        // Each dimension lowers the height of the kernel: most kernels are out of reach after a few.
        let penalty = 0;
        let dimension = 0;
        for (; dimension < continuous && penalty < most; dimension++) {
          const away =
            ((flat[point + dimension] ?? 0) - (places[ownPlaces + dimension] ?? 0)) *
            (narrowness[ownKernels + dimension] ?? 0);
          penalty += away * away;
        }
        for (let category = numbers; category < width && penalty < most; category++)
          if (flat[point + category] !== places[ownPlaces + category]) penalty += mismatch;
        for (; dimension < numbers && penalty < most; dimension++)
          penalty += penaltyOf(index, dimension, stepKernel[ownKernels + dimension] ?? 0);
        if (penalty >= most) continue;
        const above = height - penalty - top;
        if (above <= 0) sums[index] = (sums[index] ?? 0) + Math.exp(above);
        else {
          sums[index] = (sums[index] ?? 0) * Math.exp(-above) + 1;
          tops[index] = top + above;
        }
      }
    }
    return tops.map((top, index) => top + Math.log(sums[index] ?? 1));
  };

  const drawRow = (random: Random): number => {
    let left = random.uniform() * total - priorWeight;
    if (left < 0) return -1;
    for (let row = 0; row < kernels.rows; row++) {
      left -= weights[row] ?? 0;
      if (left < 0) return row;
    }
    return -1;
  };

  const drawPlace = (dimension: Dimension, middle: number, deviation: number, random: Random): number => {
    let place = Number.NaN;
    // Centres are inside the range and kernels no wider than it: more than a third of the draws are inside.
    while (!(place >= dimension.low && place <= dimension.high)) place = middle + deviation * random.normal();
    // Of steps, the places are those of values.
    return dimension.kind === "steps" ? dimension.placeOf(dimension.valueOf(place)) : place;
  };

  return {
    get rows() {
      return kernels.rows;
    },
    get size() {
      return kernels.size;
    },
    isIn: kernels.isIn,
    append: kernels.append,
    replace: kernels.replace,
    include: kernels.include,
    drop: kernels.drop,
    weigh,
    logDensities,
    draw: (random) => {
      const row = drawRow(random);
      const { places, narrowness, size } = kernels;
      return Float64Array.from(dimensions, (dimension, index) => {
        if (dimension.kind === "category") {
          const own = places[row * width + index] ?? 0;
          // The mass at its own option beyond what each has.
          const isOwn = row >= 0 && random.uniform() * (size + 1 + dimension.high) < size + 1;
          return isOwn ? own : random.integer(0, dimension.high - 1);
        }
        if (row < 0) return drawPlace(dimension, middles[index] ?? 0, ranges[index] ?? 1, random);
        const deviation = Math.SQRT1_2 / (narrowness[row * numbers + index] ?? 1);
        return drawPlace(dimension, places[row * width + index] ?? 0, deviation, random);
      });
    },
  };
}
