import { type Area, openProcessKernel, type ProcessKernel } from "./kernel.js";

/** Where a function was seen, and what is known about its values there. */
export interface Sightings {
  /** One row of coordinates for each point; all of the same length. */
  readonly points: readonly Float64Array[];
  /** What was seen at each of the first points; at the others, which come last, an observation is under way. */
  readonly targets: Float64Array;
  /** The variance of the noise of each point's observation, whether seen or under way; above zero. */
  readonly noises: Float64Array;
}

/** The marginal likelihood of targets, and how it changes with what the model is made of. */
export interface Likelihood {
  /** The logarithm of the targets' density; with a mean, of the mean's prior as well, but for a constant. */
  readonly value: number;
  /** Its derivative by each weight. */
  readonly byWeight: Float64Array;
  /** Its derivative by a variance that is added to all noises. */
  readonly byNoise: number;
  /** Its derivatives by the coordinates of numeric column k of every point, at `k`. */
  readonly byCoordinate: readonly Float64Array[];
}

/** The distributions of a function's values at some points, without the noise of observing them. */
export interface Predictions {
  readonly means: Float64Array;
  readonly variances: Float64Array;
}

/** A prediction at one point, and how it changes with each of the numeric coordinates. */
export interface SlopedPrediction {
  readonly mean: number;
  readonly variance: number;
  readonly meanSlopes: Float64Array;
  readonly varianceSlopes: Float64Array;
}

/**
 * Gaussian process regression with a constant mean, variance one and the Matern 5/2 kernel (Rasmussen and Williams, "Gaussian
 * processes for machine learning", 2006, algorithm 2.1 and section 5.4.1). The squared distance of two points is the
 * sum of `weight * difference^2` over the numeric columns, which come first, and of the weight of each other column in
 * which they differ. A weight is one over the square of a length scale.
 *
 * The mean is zero, or the most likely one given the targets and a normal prior around zero: where targets crowd in one
 * place, they count less for the mean than their number. That it is not certain is left out of the variances.
 *
 * Where observations are under way they are taken to show what is expected there: this reduces the deviation and leaves
 * the mean as it is.
 */
export interface MaternProcess {
  /** @returns undefined when the covariance is not positive definite, because the noise is too low */
  likelihood(sightings: Sightings, weights: Float64Array): Likelihood | undefined;
  /**
   * Conditions the process on sightings, for {@link predict} and {@link slopes}. It is quick where the first points, their
   * noises and the weights are those of the last call: only the rows of the others are computed.
   *
   * @returns false when the covariance is not positive definite, because the noise is too low
   */
  condition(sightings: Sightings, weights: Float64Array): boolean;
  /** Predicts at points (rows of coordinates); each takes time quadratic in the number of sightings. */
  predict(points: readonly Float64Array[]): Predictions;
  slopes(point: Float64Array): SlopedPrediction;
}

/** How many points are predicted at once: their rows stay in the cache. */
const BATCH = 64;

const strideOf = (count: number): number => 4 * Math.ceil(count / 4);

/** Points as columns in the kernel's memory, zero beyond the last point. */
function writeColumns(area: Area, points: readonly Float64Array[], size: number, stride: number): void {
  area.reserve(size * stride);
  const view = area.view();
  for (let column = 0; column < size; column++) {
    const start = column * stride;
    for (const [index, point] of points.entries()) view[start + index] = point[column] ?? 0;
    view.fill(0, start + points.length, start + stride);
  }
}

function write(area: Area, values: Float64Array, length = values.length): void {
  area.reserve(length);
  const view = area.view();
  view.fill(0, 0, length);
  view.set(values);
}

const sameNumbers = (a: Float64Array, b: Float64Array): boolean =>
  a.length === b.length && a.every((value, index) => value === b[index]);

/** The numbers that a factor was made of. */
interface Conditioned {
  readonly points: readonly Float64Array[];
  readonly noises: Float64Array;
  readonly weights: Float64Array;
}

/** How many points, from the first, two processes share with their noises. */
function sharedCount(before: Conditioned | undefined, sightings: Sightings, weights: Float64Array): number {
  if (before === undefined || !sameNumbers(before.weights, weights)) return 0;
  const { points, noises } = sightings;
  let count = 0;
  for (; count < Math.min(points.length, before.points.length); count++) {
    const [old, now] = [before.points[count], points[count]];
    if (old === undefined || now === undefined || before.noises[count] !== noises[count]) break;
    if (!sameNumbers(old, now)) break;
  }
  return count;
}

/**
 * @param numeric how many columns are compared by their difference
 * @param all how many columns there are
 * @param meanVariance of the mean's prior; 0 for a mean of zero
 */
export function createMaternProcess(numeric: number, all: number, meanVariance = 0): MaternProcess {
  // Many processes are made and never asked.
  let opened: ReturnType<typeof openAreas> | undefined;
  const areas = () => (opened ??= openAreas(openProcessKernel()));
  let conditioned: Conditioned | undefined;
  let stride = 0;
  let observed = 0;
  let conditionedMean = 0;
  let weightsOf: Float64Array = new Float64Array(all);

  /** Leaves the solution of `lower * x = targets - mean` in `alpha`, and returns the mean. */
  const solveTargets = (lower: number, step: number, count: number, targets: Float64Array): number => {
    const { kernel, alpha } = areas();
    // The second row is for ones.
    write(alpha, targets, 2 * step);
    if (meanVariance === 0) {
      kernel.call.solve(lower, step, count, alpha.at, 1);
      return 0;
    }
    const view = alpha.view();
    view.fill(1, step, step + count);
    kernel.call.solve(lower, step, count, alpha.at, 2);
    let product = 0;
    let square = 1 / meanVariance;
    for (let row = 0; row < count; row++) {
      const one = view[step + row] ?? 0;
      product += one * (view[row] ?? 0);
      square += one * one;
    }
    const mean = product / square;
    for (let row = 0; row < count; row++) view[row] = (view[row] ?? 0) - mean * (view[step + row] ?? 0);
    return mean;
  };

  const likelihood: MaternProcess["likelihood"] = ({ points, targets, noises }, weights) => {
    const { kernel, columns, scales, matrix, slopes, scratch, inverse, alpha, sums, products, mismatches } =
      areas();
    const { call } = kernel;
    const count = points.length;
    const step = strideOf(count);
    conditioned = undefined;
    writeColumns(columns, points, all, step);
    write(scales, weights);
    for (const area of [matrix, slopes, scratch, inverse]) area.reserve(count * step);
    sums.reserve(step);
    products.reserve(Math.max(1, numeric) * step);
    mismatches.reserve(Math.max(1, all - numeric));
    for (let row = 0; row < count; row++) {
      const at = 8 * row * step;
      call.covariances(
        columns.at,
        step,
        row + 1,
        numeric,
        all,
        scales.at,
        columns.at + 8 * row,
        step,
        matrix.at + at,
        slopes.at + at,
      );
    }
    const diagonal = matrix.view();
    for (let row = 0; row < count; row++) diagonal[row * step + row] = 1 + (noises[row] ?? 0);
    if (call.factor(matrix.at, step, 0, count) !== 0) return undefined;
    let value = -0.5 * count * Math.log(2 * Math.PI);
    const mean = solveTargets(matrix.at, step, count, targets);
    if (meanVariance > 0) value -= (0.5 * mean ** 2) / meanVariance;
    // Only now, since to solve may make room, after which an earlier window is empty.
    const [solved, lower] = [alpha.view(), matrix.view()];
    for (let row = 0; row < count; row++) {
      value -= 0.5 * (solved[row] ?? 0) ** 2 + Math.log(lower[row * step + row] ?? 1);
    }
    call.solveTransposed(matrix.at, step, count, alpha.at);
    call.invert(matrix.at, step, count, scratch.at, inverse.at);
    call.derivativeSums(
      columns.at,
      step,
      count,
      numeric,
      all,
      alpha.at,
      inverse.at,
      slopes.at,
      sums.at,
      products.at,
      mismatches.at,
    );
    const [inverses, totals, moments, differing] = [inverse, sums, products, mismatches].map((area) =>
      area.view(),
    );
    let byNoise = 0;
    for (let row = 0; row < count; row++) {
      byNoise += 0.5 * ((solved[row] ?? 0) ** 2 - (inverses?.[row * step + row] ?? 0));
    }
    const byWeight = new Float64Array(all);
    const byCoordinate = Array.from({ length: numeric }, (_, column) => {
      const result = new Float64Array(count);
      const weight = weights[column] ?? 0;
      let sum = 0;
      for (const [row, point] of points.entries()) {
        const coordinate = point[column] ?? 0;
        const moment = coordinate * (totals?.[row] ?? 0) - (moments?.[column * step + row] ?? 0);
        result[row] = 2 * weight * moment;
        sum += coordinate * moment;
      }
      byWeight[column] = sum;
      return result;
    });
    for (let column = numeric; column < all; column++)
      byWeight[column] = 0.5 * (differing?.[column - numeric] ?? 0);
    return { value, byWeight, byNoise, byCoordinate };
  };

  const condition: MaternProcess["condition"] = (sightings, weights) => {
    const { kernel, columns, scales, lower, alpha, forMean } = areas();
    const { call } = kernel;
    const { points, noises, targets } = sightings;
    const count = points.length;
    let from = sharedCount(conditioned, sightings, weights);
    conditioned = undefined;
    if (count > stride) {
      // Room for more, so that rows can be added where they are.
      stride = strideOf(Math.ceil(1.25 * count) + 8);
      from = 0;
    }
    if (lower.reserve(stride * stride)) from = 0;
    writeColumns(columns, points, all, stride);
    write(scales, weights);
    for (let row = from; row < count; row++) {
      const to = lower.at + 8 * row * stride;
      call.covariances(
        columns.at,
        stride,
        row + 1,
        numeric,
        all,
        scales.at,
        columns.at + 8 * row,
        stride,
        to,
        0,
      );
    }
    const view = lower.view();
    for (let row = from; row < count; row++) view[row * stride + row] = 1 + (noises[row] ?? 0);
    if (call.factor(lower.at, stride, from, count) !== 0) return false;
    observed = targets.length;
    conditionedMean = solveTargets(lower.at, stride, observed, targets);
    forMean.reserve(stride);
    forMean.view().set(alpha.view().subarray(0, stride));
    call.solveTransposed(lower.at, stride, observed, forMean.at);
    weightsOf = weights;
    conditioned = { points, noises, weights };
    return true;
  };

  /** Writes the solved covariances of points with the sightings, a row each, and returns their moments. */
  const solveBatch = (points: readonly Float64Array[], slopesAt: number): Predictions => {
    const { kernel, columns, scales, lower, alpha, rows, query, means, squares } = areas();
    const { call } = kernel;
    const count = conditioned?.points.length ?? 0;
    query.reserve(points.length * all);
    rows.reserve(points.length * stride);
    means.reserve(points.length);
    squares.reserve(points.length);
    const coordinates = query.view();
    for (const [row, point] of points.entries()) coordinates.set(point, row * all);
    for (let row = 0; row < points.length; row++) {
      const point = query.at + 8 * row * all;
      const to = rows.at + 8 * row * stride;
      call.covariances(columns.at, stride, count, numeric, all, scales.at, point, 1, to, slopesAt);
    }
    call.solve(lower.at, stride, count, rows.at, points.length);
    call.moments(rows.at, stride, points.length, alpha.at, observed, count, means.at, squares.at);
    return {
      means: means
        .view()
        .slice(0, points.length)
        .map((each) => conditionedMean + each),
      variances: squares
        .view()
        .slice(0, points.length)
        .map((square) => Math.max(0, 1 - square)),
    };
  };

  const predict: MaternProcess["predict"] = (points) => {
    const result = { means: new Float64Array(points.length), variances: new Float64Array(points.length) };
    for (let first = 0; first < points.length; first += BATCH) {
      const { means, variances } = solveBatch(points.slice(first, first + BATCH), 0);
      result.means.set(means, first);
      result.variances.set(variances, first);
    }
    return result;
  };

  const slopes: MaternProcess["slopes"] = (point) => {
    const { kernel, lower, rows, pointSlopes, forMean } = areas();
    const known = conditioned?.points ?? [];
    pointSlopes.reserve(stride);
    const { means, variances } = solveBatch([point], pointSlopes.at);
    kernel.call.solveTransposed(lower.at, stride, known.length, rows.at);
    const [byDistance, toSquare, toMean] = [pointSlopes.view(), rows.view(), forMean.view()];
    const meanSlopes = new Float64Array(numeric);
    const varianceSlopes = new Float64Array(numeric);
    for (const [row, each] of known.entries()) {
      const slope = byDistance[row] ?? 0;
      const forTheMean = row < observed ? slope * (toMean[row] ?? 0) : 0;
      const forTheSquare = slope * (toSquare[row] ?? 0);
      for (let column = 0; column < numeric; column++) {
        const pull = 2 * (weightsOf[column] ?? 0) * ((point[column] ?? 0) - (each[column] ?? 0));
        meanSlopes[column] = (meanSlopes[column] ?? 0) + pull * forTheMean;
        varianceSlopes[column] = (varianceSlopes[column] ?? 0) - 2 * pull * forTheSquare;
      }
    }
    return { mean: means[0] ?? 0, variance: variances[0] ?? 0, meanSlopes, varianceSlopes };
  };
  return { likelihood, condition, predict, slopes };
}

/** The areas of an instance of the kernel, each for one purpose. */
function openAreas(kernel: ProcessKernel) {
  const area = (): Area => kernel.area();
  return {
    kernel,
    columns: area(),
    scales: area(),
    alpha: area(),
    /** For the likelihood. */
    matrix: area(),
    slopes: area(),
    scratch: area(),
    inverse: area(),
    sums: area(),
    products: area(),
    mismatches: area(),
    /** For predictions. */
    lower: area(),
    rows: area(),
    query: area(),
    means: area(),
    squares: area(),
    pointSlopes: area(),
    forMean: area(),
  };
}
