import { logNormalMass } from "../../math/normal.js";
import type { Dimension } from "../dimension.js";
import { type Column, createColumn } from "./columns.js";

const LOG_ROOT_TWO_PI = 0.5 * Math.log(2 * Math.PI);

/**
 * How narrow kernels may be: a share of the range, `max(floor, 1 / (n + 2) ** exponent)` with n observations; in d
 * dimensions at least `spread / n ** (1 / (d + 4))` too (Scott's rule), and at least the share `step` of a step.
 */
export interface Clip {
  readonly exponent: number;
  readonly floor: number;
  /** By default 0. */
  readonly spread?: number;
  /** By default 0. */
  readonly step?: number;
}
/** Spreads follow the number of observations in steps of this factor, since a change of them changes all kernels. */
const SPREAD_STEP = 1.1;

/** A normal kernel over steps; all that are equal are one, so that masses are computed once. */
export interface StepKernel {
  readonly of: Dimension;
  readonly place: number;
  readonly deviation: number;
  /** The logarithm of one over its mass inside the range. */
  readonly constant: number;
  /** By step: minus the logarithm of its mass there, where it is known already; else NaN. */
  penalties: Float64Array | undefined;
}

/**
 * Observations as rows, each with a normal kernel for every numeric dimension, cut off at the ends of the range. A
 * kernel is as wide as the gap to the further one of its two neighbours in the same dimension, within the clip. Rows can
 * be taken out and put back in: only the kernels beside them change, unless the clip does.
 */
export interface Kernels {
  /** How many rows there are, in or out. */
  readonly rows: number;
  /** How many are in. */
  readonly size: number;
  isIn(row: number): boolean;
  /** Adds a row, which is out. @param places one for each dimension; undefined for a row that never is in */
  append(places: ArrayLike<number> | undefined): void;
  /** Changes the places of a row, which is out afterwards. */
  replace(row: number, places: ArrayLike<number> | undefined): void;
  /** Puts a row in or takes it out; a row without places stays out. */
  include(row: number, isIn: boolean): void;
  /** Forgets the first rows, and counts the others from 0. */
  drop(count: number): void;
  /** Brings the kernels up to date with what is in; before that, what follows may be of an earlier state. */
  settle(): void;
  /** By row and dimension (those without an order too). */
  readonly places: Float64Array;
  /** By row and numeric dimension: 1 / (deviation √2). */
  readonly narrowness: Float64Array;
  /** By row and numeric dimension: which of {@link stepKernels} it has; only of steps. */
  readonly stepKernel: Int32Array;
  readonly stepKernels: readonly StepKernel[];
  /** By row: the logarithm of the product of its continuous and stepped kernels at their own centres. */
  readonly heights: Float64Array;
}

/** The dimensions in the order in which kernels have their places: continuous ones, steps, categories. */
export function inKernelOrder(dimensions: readonly Dimension[]): Dimension[] {
  const order = ["continuous", "steps", "category"];
  return dimensions.toSorted((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind));
}

/** The logarithm of what a cut-off normal kernel is multiplied by: of a density with the height of the bell itself. */
export function kernelConstant({ kind, low, high }: Dimension, place: number, deviation: number): number {
  const mass = logNormalMass((low - place) / deviation, (high - place) / deviation);
  return kind === "continuous" ? -LOG_ROOT_TWO_PI - Math.log(deviation) - mass : -mass;
}

function copied<List extends Float64Array | Int32Array | Uint8Array>(from: List, to: List): List {
  to.set(from);
  return to;
}

const OUT = 1;
const IN = 2;

/** @param dimensions in the order of {@link inKernelOrder} */
export function createKernels(dimensions: readonly Dimension[], clipping: Clip): Kernels {
  const { exponent, floor, spread = 0, step = 0 } = clipping;
  const width = dimensions.length;
  const numeric = dimensions.filter(({ kind }) => kind !== "category");
  const numbers = numeric.length;

  let capacity = 32;
  let rows = 0;
  let size = 0;
  let places = new Float64Array(capacity * width);
  let narrowness = new Float64Array(capacity * numbers);
  let constants = new Float64Array(capacity * numbers);
  let stepKernel = new Int32Array(capacity * numbers);
  let heights = new Float64Array(capacity);
  /** By row: 0 without places, or {@link OUT} or {@link IN}. */
  let states = new Uint8Array(capacity);
  const columns: readonly Column[] = numeric.map((_, dimension) =>
    createColumn((row) => places[row * width + dimension] ?? 0),
  );
  let clip = Number.NaN;
  /** Kernels whose neighbours have changed, as row * numbers + dimension. */
  let stale: number[] = [];
  let stepKernels: StepKernel[] = [];
  /** By dimension, place and deviation. */
  let numbersOfSteps: Map<number, Map<number, number>>[] = [];

  const forgetSteps = (): void => {
    stepKernels = [];
    numbersOfSteps = numeric.map(() => new Map<number, Map<number, number>>());
  };
  forgetSteps();

  const grow = (): void => {
    capacity *= 2;
    places = copied(places, new Float64Array(capacity * width));
    narrowness = copied(narrowness, new Float64Array(capacity * numbers));
    constants = copied(constants, new Float64Array(capacity * numbers));
    stepKernel = copied(stepKernel, new Int32Array(capacity * numbers));
    heights = copied(heights, new Float64Array(capacity));
    states = copied(states, new Uint8Array(capacity));
  };

  const write = (row: number, given: ArrayLike<number> | undefined): void => {
    states[row] = given === undefined ? 0 : OUT;
    for (let dimension = 0; dimension < width; dimension++)
      places[row * width + dimension] = given?.[dimension] ?? 0;
    // No deviation is infinite: the kernel counts as changed when the row comes in.
    for (let dimension = 0; dimension < numbers; dimension++) narrowness[row * numbers + dimension] = 0;
  };

  const outdate = ({ rows: sorted, size: count }: Column, dimension: number, at: number): void => {
    if (at >= 0 && at < count) stale.push((sorted[at] ?? 0) * numbers + dimension);
  };

  const include = (row: number, isIn: boolean): void => {
    if (states[row] !== (isIn ? OUT : IN)) return;
    states[row] = isIn ? IN : OUT;
    size += isIn ? 1 : -1;
    for (const [dimension, column] of columns.entries()) {
      const at = isIn ? column.insert(row) : column.remove(row);
      outdate(column, dimension, at - 1);
      outdate(column, dimension, at);
      if (isIn) outdate(column, dimension, at + 1);
    }
  };

  const deviationAt = (column: Column, dimension: number, at: number): number => {
    const { low, high, steps } = numeric[dimension] ?? { low: 0, high: 1, steps: 0 };
    const placeAt = (where: number): number => places[(column.rows[where] ?? 0) * width + dimension] ?? 0;
    const own = placeAt(at);
    const last = column.size - 1;
    // The ends of the range are neighbours only of a single observation.
    const below = at > 0 ? own - placeAt(at - 1) : last === 0 ? own - low : 0;
    const above = at < last ? placeAt(at + 1) - own : last === 0 ? high - own : 0;
    const least = Math.max(clip, steps === 0 ? 0 : step / steps);
    return Math.min(high - low, Math.max(least * (high - low), below, above));
  };

  const leastShare = (): number => {
    const narrow = Math.max(floor, (size + 2) ** -exponent);
    if (spread === 0 || size === 0) return narrow;
    const rounded = SPREAD_STEP ** Math.floor(Math.log(size) / Math.log(SPREAD_STEP));
    return Math.max(narrow, spread * rounded ** (-1 / (width + 4)));
  };

  const stepKernelOf = (of: Dimension, dimension: number, place: number, deviation: number): number => {
    const byPlace = numbersOfSteps[dimension];
    const byDeviation = byPlace?.get(place) ?? new Map<number, number>();
    const known = byDeviation.get(deviation);
    if (known !== undefined) return known;
    const constant = kernelConstant(of, place, deviation);
    stepKernels.push({ of, place, deviation, constant, penalties: undefined });
    byDeviation.set(deviation, stepKernels.length - 1);
    byPlace?.set(place, byDeviation);
    return stepKernels.length - 1;
  };

  const setKernel = (column: Column, dimension: number, at: number): void => {
    const of = numeric[dimension];
    if (of === undefined) return;
    const row = column.rows[at] ?? 0;
    const index = row * numbers + dimension;
    const deviation = deviationAt(column, dimension, at);
    const narrow = Math.SQRT1_2 / deviation;
    if (narrowness[index] === narrow) return;
    narrowness[index] = narrow;
    const place = places[row * width + dimension] ?? 0;
    if (of.kind === "continuous") constants[index] = kernelConstant(of, place, deviation);
    else {
      stepKernel[index] = stepKernelOf(of, dimension, place, deviation);
      constants[index] = stepKernels[stepKernel[index] ?? 0]?.constant ?? 0;
    }
  };

  const setHeight = (row: number): void => {
    let sum = 0;
    for (let dimension = 0; dimension < numbers; dimension++)
      sum += constants[row * numbers + dimension] ?? 0;
    heights[row] = sum;
  };

  const settleAll = (): void => {
    if (stepKernels.length > 2 * size * numbers + 1000) {
      forgetSteps();
      narrowness.fill(0);
    }
    for (const [dimension, column] of columns.entries())
      for (let at = 0; at < column.size; at++) setKernel(column, dimension, at);
    for (let row = 0; row < rows; row++) if (states[row] === IN) setHeight(row);
  };

  return {
    get rows() {
      return rows;
    },
    get size() {
      return size;
    },
    isIn: (row) => states[row] === IN,
    append: (given) => {
      if (rows === capacity) grow();
      write(rows, given);
      rows += 1;
    },
    replace: (row, given) => {
      include(row, false);
      write(row, given);
    },
    include,
    drop: (count) => {
      for (let row = 0; row < count; row++) include(row, false);
      for (const column of columns) column.shift(count);
      places.copyWithin(0, count * width);
      narrowness.copyWithin(0, count * numbers);
      constants.copyWithin(0, count * numbers);
      stepKernel.copyWithin(0, count * numbers);
      heights.copyWithin(0, count);
      states.copyWithin(0, count);
      rows -= count;
      stale = [];
      clip = Number.NaN;
    },
    settle: () => {
      const wanted = leastShare();
      const isMuch = stale.length > size * numbers || stepKernels.length > 4 * size * numbers + 1000;
      if (clip !== wanted || isMuch) {
        clip = wanted;
        settleAll();
      } else {
        for (const index of stale) {
          const row = Math.floor(index / numbers);
          const dimension = index % numbers;
          const column = columns[dimension];
          if (states[row] !== IN || column === undefined) continue;
          setKernel(column, dimension, column.placeOf(row));
          setHeight(row);
        }
      }
      stale = [];
    },
    get places() {
      return places;
    },
    get narrowness() {
      return narrowness;
    },
    get stepKernel() {
      return stepKernel;
    },
    get stepKernels() {
      return stepKernels;
    },
    get heights() {
      return heights;
    },
  };
}
