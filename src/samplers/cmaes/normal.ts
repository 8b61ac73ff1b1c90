import { symmetricEigen } from "../../math/symmetric-eigen.js";
import type { Selection } from "./selection.js";

/** What an eigenvalue counts that rounding made negative. */
const NEGATIVE = 1e-8;
/** Eigenvalues never get smaller than this through the step size. */
const LEAST_EIGENVALUE = 1e-30;
const LARGEST_STEP = 1e32;

/** A multivariate normal distribution that learns: of the plain CMA-ES, plus a stretch for each coordinate. */
export interface Normal {
  readonly mean: Float64Array;
  /** The step size, a factor of all deviations. */
  readonly sigma: number;
  /** By rows. */
  readonly covariance: Float64Array;
  /** The roots of the covariance's eigenvalues, and its eigenvectors as rows. */
  readonly roots: Float64Array;
  readonly axes: Float64Array;
  /** By coordinate: a factor of its deviations that the covariance knows nothing about, 1 if it is not rounded. */
  readonly stretch: Float64Array;
  /** The path of the means in coordinates in which all directions are alike, which says whether steps are too short. */
  readonly stepPath: Float64Array;
  /** The path of the means. */
  readonly path: Float64Array;
}

const dot = (a: Float64Array, b: Float64Array): number =>
  a.reduce((sum, value, place) => sum + value * (b[place] ?? 0), 0);

/** The sum over all axes of a factor times the axis times its share of a vector. */
function alongAxes(
  axes: Float64Array,
  vector: Float64Array,
  factorOf: (axis: number) => number,
): Float64Array {
  const size = vector.length;
  const result = new Float64Array(size);
  for (let axis = 0; axis < size; axis++) {
    const from = axis * size;
    let share = 0;
    for (let place = 0; place < size; place++) share += (axes[from + place] ?? 0) * (vector[place] ?? 0);
    share *= factorOf(axis);
    for (let place = 0; place < size; place++)
      result[place] = (result[place] ?? 0) + share * (axes[from + place] ?? 0);
  }
  return result;
}

/** The covariance's eigenvalues and vectors, and the covariance that these make, which is positive. */
function decomposed(covariance: Float64Array, size: number): Pick<Normal, "covariance" | "roots" | "axes"> {
  const symmetric = new Float64Array(size * size);
  for (let row = 0; row < size; row++)
    for (let column = 0; column < size; column++)
      symmetric[row * size + column] =
        ((covariance[row * size + column] ?? 0) + (covariance[column * size + row] ?? 0)) / 2;
  const { values, vectors } = symmetricEigen(symmetric, size);
  if (values.every((value) => value >= 0))
    return { covariance: symmetric, roots: values.map(Math.sqrt), axes: vectors };
  const mended = new Float64Array(size * size);
  const positive = values.map((value) => (value < 0 ? NEGATIVE : value));
  for (let axis = 0; axis < size; axis++)
    addOuter(mended, vectors.subarray(axis * size, (axis + 1) * size), positive[axis] ?? 0);
  return { covariance: mended, roots: positive.map(Math.sqrt), axes: vectors };
}

/** Adds a factor times a vector times itself to a matrix. */
function addOuter(matrix: Float64Array, vector: Float64Array, factor: number): void {
  const size = vector.length;
  for (let row = 0; row < size; row++) {
    const from = row * size;
    const scaled = factor * (vector[row] ?? 0);
    for (let column = 0; column < size; column++)
      matrix[from + column] = (matrix[from + column] ?? 0) + scaled * (vector[column] ?? 0);
  }
}

/** A distribution before its first generation. @param covariance by rows; times sigma² */
export function createNormal(mean: Float64Array, sigma: number, covariance: Float64Array): Normal {
  const size = mean.length;
  return {
    mean,
    sigma,
    ...decomposed(covariance, size),
    stretch: new Float64Array(size).fill(1),
    stepPath: new Float64Array(size),
    path: new Float64Array(size),
  };
}

/** The standard deviation of a coordinate without its stretch. */
export const deviationOf = ({ sigma, covariance, mean }: Normal, place: number): number =>
  sigma * Math.sqrt(covariance[place * (mean.length + 1)] ?? 0);

/** The sample that standard normal deviates make, by the symmetric root of the covariance. */
export function sampleOf(normal: Normal, deviates: Float64Array): Float64Array {
  const { mean, sigma, roots, axes, stretch } = normal;
  return alongAxes(axes, deviates, (axis) => roots[axis] ?? 0).map(
    (step, place) => (mean[place] ?? 0) + sigma * (stretch[place] ?? 1) * step,
  );
}

/** How far a sample is from the mean, in coordinates in which all directions are alike. */
const whitened = ({ axes, roots }: Normal, step: Float64Array): Float64Array =>
  alongAxes(axes, step, (axis) => 1 / (roots[axis] ?? 1));

const stepTo = ({ mean, sigma, stretch }: Normal, sample: Float64Array): Float64Array =>
  sample.map((value, place) => (value - (mean[place] ?? 0)) / (stretch[place] ?? 1) / sigma);

/**
 * A sample of another origin, moved towards the mean until the distribution might have drawn it: at most the expected
 * distance and two more (Hansen, "Injecting external solutions into CMA-ES", arXiv 1110.4181). Otherwise it would break
 * what the paths have learnt.
 */
export function tamed(normal: Normal, sample: Float64Array): Float64Array {
  const size = sample.length;
  const white = whitened(normal, stepTo(normal, sample));
  const length = Math.sqrt(dot(white, white));
  const most = Math.sqrt(size) + (2 * size) / (size + 2);
  if (!(length > most)) return sample;
  return sample.map((value, place) => {
    const mean = normal.mean[place] ?? 0;
    return mean + ((value - mean) * most) / length;
  });
}

/** The expected length of standard normal deviates. */
const expectedLength = (size: number): number =>
  Math.sqrt(size) * (1 - 1 / (4 * size) + 1 / (21 * size ** 2));

/**
 * The distribution after a generation: the mean moves to the weighted parents, the step size follows the length of its
 * path, and the covariance learns from the path and from all samples (Hansen's tutorial, appendix A).
 *
 * @param samples of the generation, best first
 * @param generation how many there were before
 */
export function learnNormal(
  normal: Normal,
  samples: readonly Float64Array[],
  selection: Selection,
  generation: number,
): Normal {
  const { weights, parents, mass, rankOne, rankMany, stepMemory, damping, pathMemory } = selection;
  const size = normal.mean.length;
  const steps = samples.map((sample) => stepTo(normal, sample));
  const move = new Float64Array(size);
  for (let rank = 0; rank < parents; rank++) {
    const weight = weights[rank] ?? 0;
    for (const [place, value] of steps[rank]?.entries() ?? [])
      move[place] = (move[place] ?? 0) + weight * value;
  }
  const mean = normal.mean.map((value, place) => value + normal.sigma * (move[place] ?? 0));

  const keep = Math.sqrt(stepMemory * (2 - stepMemory) * mass);
  const white = whitened(normal, move);
  const stepPath = normal.stepPath.map(
    (value, place) => (1 - stepMemory) * value + keep * (white[place] ?? 0),
  );
  const length = Math.sqrt(dot(stepPath, stepPath));
  const expected = expectedLength(size);
  const grown = normal.sigma * Math.exp((stepMemory / damping) * (length / expected - 1));

  // While the step size has to grow first, the covariance's path stands still.
  const begun = Math.sqrt(1 - (1 - stepMemory) ** (2 * (generation + 2)));
  const moves = length / begun < (1.4 + 2 / (size + 1)) * expected;
  const gain = moves ? Math.sqrt(pathMemory * (2 - pathMemory) * mass) : 0;
  const path = normal.path.map((value, place) => (1 - pathMemory) * value + gain * (move[place] ?? 0));

  const sum = weights.reduce((total, weight) => total + weight, 0);
  const stood = moves ? 0 : pathMemory * (2 - pathMemory);
  const left = 1 + rankOne * stood - rankOne - rankMany * sum;
  const covariance = normal.covariance.map((value) => left * value);
  addOuter(covariance, path, rankOne);
  for (const [rank, step] of steps.entries()) {
    const weight = weights[rank] ?? 0;
    if (weight >= 0) addOuter(covariance, step, rankMany * weight);
    else {
      const far = whitened(normal, step);
      addOuter(covariance, step, (rankMany * weight * size) / (dot(far, far) + NEGATIVE));
    }
  }
  const next = decomposed(covariance, size);
  const least = Math.sqrt(
    LEAST_EIGENVALUE / next.roots.reduce((low, root) => Math.min(low, root), Number.POSITIVE_INFINITY),
  );
  return {
    ...next,
    mean,
    sigma: Math.max(Math.min(grown, LARGEST_STEP), least),
    stretch: normal.stretch,
    stepPath,
    path,
  };
}
