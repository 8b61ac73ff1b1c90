import { logNormalMass } from "../../math/normal.js";
import type { Random } from "../../math/random.js";
import type { UnitDistribution } from "../../math/truncated-normal.js";
import type { Dimension } from "../dimension.js";
import { type Clip, createKernels, type Kernels, kernelConstant, type StepKernel } from "./kernels.js";

/** Kernels that add less than the exponential of minus this to a density are left out. */
const NEGLIGIBLE = 32;
/** How many masses of steps are kept; when there are more, all are forgotten. */
const MOST_PENALTIES = 2 ** 21;
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
 * The density does not depend on the order of changes, not even by rounding: kernels are added up in the order of rows, from the last.
 */
export interface Parzen
  extends Pick<Kernels, "rows" | "size" | "isIn" | "append" | "replace" | "include" | "drop"> {
  /** Weighs the observations; to be called after changes, before the density is asked for. */
  weigh(weights: Weights): void;
  /**
   * The logarithms of the density at points, each with a place for every dimension.
   *
   * @param limits for each point: a density beyond it need not be known, and is infinite
   */
  logDensities(points: readonly Float64Array[], limits?: Float64Array): Float64Array;
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

const penaltyAtSteps = (
  of: Dimension | undefined,
  place: number,
  middle: number,
  deviation: number,
): number => {
  const [from, to] = of?.edgesOf(place) ?? [0, 0];
  return -logNormalMass((from - middle) / deviation, (to - middle) / deviation);
};

/** What is believed of each dimension before anything was observed; undefined: nothing. */
export type Beliefs = readonly (UnitDistribution | undefined)[];

/**
 * @param dimensions in the order of `inKernelOrder`
 * @param beliefs take the place of the prior in dimensions that have one
 */
export function createParzen(dimensions: readonly Dimension[], clip: Clip, beliefs: Beliefs = []): Parzen {
  const kernels = createKernels(dimensions, clip);
  const width = dimensions.length;
  const continuous = dimensions.filter(({ kind }) => kind === "continuous").length;
  const numeric = dimensions.filter(({ kind }) => kind !== "category");
  const numbers = numeric.length;
  const middles = dimensions.map(({ low, high }) => (low + high) / 2);
  const ranges = dimensions.map(({ low, high }) => high - low);
  const believed = beliefs.flatMap((belief, index) => (belief === undefined ? [] : [{ belief, index }]));
  const priorHeight = dimensions.reduce((sum, dimension, index) => {
    if (beliefs[index] !== undefined) return sum;
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
  let keptPenalties = 0;

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
    // Most have the same weight as the one before: a logarithm takes longer than all else here.
    let last = 0;
    let logarithm = Number.NEGATIVE_INFINITY;
    for (let row = 0; row < rows; row++) {
      const weight = weights[row] ?? 0;
      if (weight !== last) {
        last = weight;
        logarithm = Math.log(weight / total);
      }
      logWeights[row] = logarithm;
    }
  };

  const forgetPenalties = (): void => {
    for (const kernel of kernels.stepKernels) kernel.penalties = undefined;
    keptPenalties = 0;
  };
  /** Minus the logarithm of a kernel's mass at a step. */
  const penaltyAt = (kernel: StepKernel, place: number): number => {
    const step = kernel.of.stepOf(place);
    if (kernel.penalties === undefined) {
      kernel.penalties = new Float64Array(kernel.of.steps).fill(Number.NaN);
      keptPenalties += kernel.of.steps;
    }
    const known = kernel.penalties[step] ?? 0;
    if (!Number.isNaN(known)) return known;
    const penalty = penaltyAtSteps(kernel.of, place, kernel.place, kernel.deviation);
    kernel.penalties[step] = penalty;
    return penalty;
  };

  /** Minus the logarithm of what is believed of a place. */
  const beliefPenalty = (belief: UnitDistribution, of: Dimension | undefined, place: number): number => {
    if (of === undefined) return 0;
    const { low, high, kind } = of;
    const share = (at: number): number => (at - low) / (high - low);
    if (kind === "continuous") return Math.log(high - low) - Math.log(belief.density(share(place)));
    const [from, to] = kind === "category" ? [place, place + 1] : of.edgesOf(place);
    return -Math.log(belief.below(share(to)) - belief.below(share(from)));
  };
  const priorAt = (point: Float64Array): number => {
    let penalty = 0;
    for (const { belief, index } of believed)
      penalty += beliefPenalty(belief, dimensions[index], point[index] ?? 0);
    for (let dimension = 0; dimension < numbers; dimension++) {
      if (beliefs[dimension] !== undefined) continue;
      const place = point[dimension] ?? 0;
      const middle = middles[dimension] ?? 0;
      const range = ranges[dimension] ?? 1;
      penalty +=
        dimension < continuous
          ? 0.5 * ((place - middle) / range) ** 2
          : penaltyAtSteps(numeric[dimension], place, middle, range);
    }
    return priorLogWeight + priorHeight - penalty;
  };

  /** By how much the kernels of a row are lower at a point than at their centres, as a logarithm. */
  const exactPenalty = (row: number, index: number, flat: Float64Array): number => {
    const { places, narrowness, stepKernel, stepKernels } = kernels;
    let penalty = 0;
    for (let dimension = 0; dimension < width; dimension++) {
      const place = flat[index * width + dimension] ?? 0;
      const own = places[row * width + dimension] ?? 0;
      if (dimension >= numbers) penalty += place === own ? 0 : mismatch;
      else if (dimension < continuous)
        penalty += ((place - own) * (narrowness[row * numbers + dimension] ?? 0)) ** 2;
      else {
        const kernel = stepKernels[stepKernel[row * numbers + dimension] ?? 0];
        if (kernel !== undefined) penalty += penaltyAt(kernel, place);
      }
    }
    return penalty;
  };

  const logDensities = (points: readonly Float64Array[], limits?: Float64Array): Float64Array => {
    const { rows, places, narrowness, heights } = kernels;
    const count = points.length;
    const tops = Float64Array.from(points, priorAt);
    const sums = new Float64Array(count).fill(1);
    const flat = new Float64Array(count * width + 4);
    /** By point and numeric dimension: how far the ends of a step are from its place; 0 where there are no steps. */
    const halves = new Float64Array(count * numbers + 4);
    for (const [index, point] of points.entries()) {
      flat.set(point, index * width);
      for (let dimension = continuous; dimension < numbers; dimension++) {
        const place = point[dimension] ?? 0;
        const [from, to] = numeric[dimension]?.edgesOf(place) ?? [place, place];
        halves[index * numbers + dimension] = Math.max(place - from, to - place);
      }
    }
    if (keptPenalties > MOST_PENALTIES) forgetPenalties();
    /** What the sums of points may come to, and the points that are not beyond their limits. */
    const mostSum = tops.map((top, index) => Math.exp((limits?.[index] ?? Number.POSITIVE_INFINITY) - top));
    const active = Int32Array.from(points.keys()).filter((index) => !((mostSum[index] ?? 0) < 1));
    let left = active.length;
    for (const [index, most] of mostSum.entries()) if (most < 1) tops[index] = Number.POSITIVE_INFINITY;

    // The newest first: new candidates are mostly near them, and what is far from them is then left out sooner.
    for (let row = rows - 1; row >= 0 && left > 0; row--) {
      const logWeight = logWeights[row] ?? 0;
      if (logWeight === Number.NEGATIVE_INFINITY) continue;
      const height = logWeight + (heights[row] ?? 0) + categoryHeight;
      const ownPlaces = row * width;
      const ownKernels = row * numbers;
      // Each dimension lowers the height of the kernel: after four, most kernels are out of reach. Those four are added
      // up at once, since a test after each is slower than what it saves. Of steps, the nearer end counts at first: a
      // cut-off bell has at most its height there as mass beyond it.
      const place0 = places[ownPlaces] ?? 0;
      const place1 = places[ownPlaces + 1] ?? 0;
      const place2 = places[ownPlaces + 2] ?? 0;
      const place3 = places[ownPlaces + 3] ?? 0;
      const narrow0 = numbers > 0 ? (narrowness[ownKernels] ?? 0) : 0;
      const narrow1 = numbers > 1 ? (narrowness[ownKernels + 1] ?? 0) : 0;
      const narrow2 = numbers > 2 ? (narrowness[ownKernels + 2] ?? 0) : 0;
      const narrow3 = numbers > 3 ? (narrowness[ownKernels + 3] ?? 0) : 0;
      for (let turn = left - 1; turn >= 0; turn--) {
        const index = active[turn] ?? 0;
        const top = tops[index] ?? 0;
        const most = height - top + NEGLIGIBLE;
        const point = index * width;
        const half = index * numbers;
        const away0 = Math.max(0, Math.abs((flat[point] ?? 0) - place0) - (halves[half] ?? 0)) * narrow0;
        const away1 =
          Math.max(0, Math.abs((flat[point + 1] ?? 0) - place1) - (halves[half + 1] ?? 0)) * narrow1;
        const away2 =
          Math.max(0, Math.abs((flat[point + 2] ?? 0) - place2) - (halves[half + 2] ?? 0)) * narrow2;
        const away3 =
          Math.max(0, Math.abs((flat[point + 3] ?? 0) - place3) - (halves[half + 3] ?? 0)) * narrow3;
        let penalty = away0 * away0 + away1 * away1 + (away2 * away2 + away3 * away3);
        if (penalty >= most) continue;
        for (let dimension = 4; dimension < numbers && penalty < most; dimension++) {
          const from = Math.abs((flat[point + dimension] ?? 0) - (places[ownPlaces + dimension] ?? 0));
          const away =
            Math.max(0, from - (halves[half + dimension] ?? 0)) * (narrowness[ownKernels + dimension] ?? 0);
          penalty += away * away;
        }
        for (let category = numbers; category < width && penalty < most; category++)
          if (flat[point + category] !== places[ownPlaces + category]) penalty += mismatch;
        if (penalty >= most) continue;
        if (continuous < numbers) penalty = exactPenalty(row, index, flat);
        if (penalty >= most) continue;
        const above = height - penalty - top;
        if (above <= 0) sums[index] = (sums[index] ?? 0) + Math.exp(above);
        else {
          sums[index] = (sums[index] ?? 0) * Math.exp(-above) + 1;
          tops[index] = top + above;
          mostSum[index] = (mostSum[index] ?? 0) * Math.exp(-above);
        }
        if ((sums[index] ?? 0) > (mostSum[index] ?? 0)) {
          tops[index] = Number.POSITIVE_INFINITY;
          left -= 1;
          active[turn] = active[left] ?? 0;
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
        const belief = row < 0 ? beliefs[index] : undefined;
        if (belief !== undefined) {
          const place = dimension.low + belief.at(random.uniform()) * (dimension.high - dimension.low);
          if (dimension.kind === "category") return Math.min(dimension.high - 1, Math.floor(place));
          return dimension.kind === "steps" ? dimension.placeOf(dimension.valueOf(place)) : place;
        }
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
