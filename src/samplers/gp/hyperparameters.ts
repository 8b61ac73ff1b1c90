import { type Bounds, type Evaluation, minimize } from "../../math/minimize.js";
import type { Likelihood, MaternProcess } from "../../math/process/matern-process.js";
import { type InputWarp, warpRow, warpSlopes } from "./input-warp.js";

/** What a Gaussian process is made of besides its sightings. */
export interface Hyperparameters {
  /** One over the squared length scale of each column. */
  readonly weights: Float64Array;
  /** The variance of the noise. */
  readonly noise: number;
  readonly warp: InputWarp | undefined;
}

/** What hyperparameters are fitted to. */
export interface Lessons {
  /** Unwarped. */
  readonly rows: readonly Float64Array[];
  readonly targets: Float64Array;
  /** Variances that each target has besides the noise. */
  readonly variances: Float64Array;
}

/** A normal prior of a logarithm, as a density of the number itself. */
interface Prior {
  readonly mean: number;
  readonly variance: number;
}

const LEAST_LENGTH = 0.025;
const MOST_LENGTH = 1e3;
const LEAST_NOISE = 1e-4;
const NOISE: Prior = { mean: -4, variance: 1 };
const WARP: Prior = { mean: 0, variance: 0.1 };
/** The largest exponent of a warp; the least is one over it. */
const MOST_WARP = 4;
/** From how many lessons on coordinates are warped. */
export const WARP_LESSONS = 20;
const LIMITS = { evaluations: 60, tolerance: 1e-2, gain: 1e-3 };
/** Where the search begins, relative to the modes of the length scales and of the noise: most of it signal, most noise. */
const STARTS = [
  { length: 1, noise: 1 },
  { length: 2, noise: 60 },
];

const lengthPrior = (columns: number): Prior => ({ mean: Math.SQRT2 + 0.5 * Math.log(columns), variance: 3 });
/** The logarithm of the most likely number. */
const modeOf = ({ mean, variance }: Prior): number => mean - variance;

/** The logarithm of a prior's density but for a constant, and its derivative by the logarithm. */
function logDensity(log: number, { mean, variance }: Prior): readonly [value: number, slope: number] {
  const away = log - mean;
  return [-log - (away * away) / (2 * variance), -1 - away / variance];
}

/** How often the parts of a point of the search are: lengths, noise, then both exponents of each warped column. */
interface Layout {
  readonly columns: number;
  readonly warpedColumns: number;
}

function read(point: Float64Array, { columns, warpedColumns }: Layout): Hyperparameters {
  const weights = Float64Array.from({ length: columns }, (_, column) => Math.exp(-2 * (point[column] ?? 0)));
  const noise = Math.exp(point[columns] ?? 0);
  if (warpedColumns === 0) return { weights, noise, warp: undefined };
  const start = columns + 1;
  return {
    weights,
    noise,
    warp: {
      first: point.slice(start, start + warpedColumns).map(Math.exp),
      second: point.slice(start + warpedColumns).map(Math.exp),
    },
  };
}

/** The derivatives of the likelihood by the logarithms of the exponents. */
function addWarpSlopes(
  gradient: Float64Array,
  rows: readonly Float64Array[],
  { first, second }: InputWarp,
  { byCoordinate }: Likelihood,
  start: number,
): void {
  const count = first.length;
  for (let column = 0; column < count; column++) {
    const slopes = byCoordinate[column];
    let byFirst = 0;
    let bySecond = 0;
    for (const [index, row] of rows.entries()) {
      const at = warpSlopes(row[column] ?? 0, first[column] ?? 1, second[column] ?? 1);
      byFirst += (slopes?.[index] ?? 0) * at.byFirst;
      bySecond += (slopes?.[index] ?? 0) * at.bySecond;
    }
    gradient[start + column] = byFirst;
    gradient[start + count + column] = bySecond;
  }
}

/** What is minimised: minus the logarithm of how likely hyperparameters are, but for a constant. */
interface Unlikeliness {
  /** At a point of the search, with derivatives; undefined where it cannot be computed. */
  readonly evaluate: (point: Float64Array) => Evaluation | undefined;
  readonly bounds: Bounds;
  /** A point with all length scales and the noise at multiples of their priors' modes, without a warp. */
  startAt(length: number, noise: number): Float64Array;
  /** What a point of the search stands for. */
  hyperparametersAt(point: Float64Array): Hyperparameters;
}

/**
 * How unlikely hyperparameters are given lessons and priors: length scales LogNormal(sqrt 2 + log(columns) / 2, sqrt 3),
 * which grow with the number of columns (Hvarfner, Hellsten and Nardi, "Vanilla Bayesian optimization performs great in
 * high dimensions", ICML 2024), a noise LogNormal(-4, 1), and exponents of the warp LogNormal(0, sqrt 0.1). The points
 * of the search are logarithms: length scales, the noise, then both exponents of each warped column.
 *
 * @param numeric how many columns, from the first, are numeric
 */
export function unlikelinessOf(
  process: MaternProcess,
  { rows, targets, variances }: Lessons,
  numeric: number,
): Unlikeliness {
  const columns = rows[0]?.length ?? 0;
  const layout: Layout = { columns, warpedColumns: rows.length < WARP_LESSONS ? 0 : numeric };
  const size = columns + 1 + 2 * layout.warpedColumns;
  const lengths = lengthPrior(columns);
  const priorOf = (place: number): Prior => (place < columns ? lengths : place === columns ? NOISE : WARP);
  const pointOf = (length: number, noise: number, warp: number): Float64Array =>
    Float64Array.from({ length: size }, (_, place) =>
      Math.log(place < columns ? length : place === columns ? noise : warp),
    );

  const evaluate = (point: Float64Array): Evaluation | undefined => {
    const { weights, noise, warp } = read(point, layout);
    const points = warp === undefined ? rows : rows.map((row) => warpRow(row, warp));
    const noises = variances.map((variance) => variance + noise);
    const likelihood = process.likelihood({ points, targets, noises }, weights);
    if (likelihood === undefined) return undefined;
    const gradient = new Float64Array(size);
    for (const [column, slope] of likelihood.byWeight.entries())
      gradient[column] = -2 * (weights[column] ?? 0) * slope;
    gradient[columns] = noise * likelihood.byNoise;
    if (warp !== undefined) addWarpSlopes(gradient, rows, warp, likelihood, columns + 1);
    let { value } = likelihood;
    for (const [place, log] of point.entries()) {
      const [density, slope] = logDensity(log, priorOf(place));
      value += density;
      gradient[place] = (gradient[place] ?? 0) + slope;
    }
    return { value: -value, gradient: gradient.map((slope) => -slope) };
  };
  return {
    evaluate,
    bounds: {
      low: pointOf(LEAST_LENGTH, LEAST_NOISE, 1 / MOST_WARP),
      high: pointOf(MOST_LENGTH, 1, MOST_WARP),
    },
    startAt: (length, noise) =>
      pointOf(length * Math.exp(modeOf(lengths)), noise * Math.exp(modeOf(NOISE)), 1),
    hyperparametersAt: (point) => read(point, layout),
  };
}

/**
 * The most likely hyperparameters (see {@link unlikelinessOf}), found by L-BFGS from two starts. They depend on nothing
 * but the lessons, so that a study that is opened again goes on as it would have.
 *
 * @param numeric how many columns, from the first, are numeric
 */
export function fitHyperparameters(
  process: MaternProcess,
  lessons: Lessons,
  numeric: number,
): Hyperparameters {
  const { evaluate, bounds, startAt, hyperparametersAt } = unlikelinessOf(process, lessons, numeric);
  const [best] = STARTS.map(({ length, noise }) =>
    minimize(evaluate, startAt(length, noise), bounds, LIMITS),
  ).toSorted((a, b) => (a.value === b.value ? 0 : a.value - b.value));
  return hyperparametersAt(best?.point ?? startAt(1, 1));
}
