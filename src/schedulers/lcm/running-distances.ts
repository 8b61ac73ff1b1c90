import type { Trial } from "../../core/trial.js";
import { ABSENT, type CurveLibrary, DIVERGED, valueAtPoint } from "./curve-library.js";
import { ANY_DISTANCE, createNearest, type Match, type Nearest } from "./nearest.js";

/** A running trial's own curve and the nearest ones. */
export interface Neighbourhood {
  /** The curve at the library's points; only the requested ones count. */
  readonly own: Float64Array;
  readonly matches: readonly Match[];
}

/**
 * The squared distances of running trials to every curve of a library, kept from one point to the next: a new point
 * costs one pass over its column, however many points came before.
 */
export interface RunningDistances {
  /** Adds a trial's values at the first `points` points, which must be final. */
  advance(trial: Trial, points: number): void;
  /**
   * The nearest curves over the first `points` points, nearest first, ties by trial number: `d_i = sqrt(sum_p (x_p -
   * y_ip)^2)` over the points that both have. Curves without a point in common, and those that diverged at one, are not
   * comparable and left out.
   */
  nearest(trial: Trial, points: number, count: number): Neighbourhood;
  /** Forgets a trial that is no longer running. If requested again, its distances are recomputed. */
  forget(trial: number): void;
}

/** The state of one running trial. */
interface Distances {
  readonly own: Float64Array;
  /** By row: the squared distance so far; NaN while no point is in common, and in the rest of the last block. */
  squared: Float64Array;
  /** How many rows of the library and how many points are in `squared`. */
  rows: number;
  points: number;
  /** Whether no row's entry is NaN, so that the fast loop applies. */
  isDense: boolean;
  /** Whether the trial has had no value at any of the points. */
  isEmpty: boolean;
}

/** How many bytes of squared distances are kept; beyond that, the least recently requested trials are forgotten. */
export const KEPT_BYTES = 256 * 2 ** 20;

/** A limit that no squared distance is within. */
const NO_DISTANCE = -1;

/**
 * A squared distance with one more point. NaN if the curve has no value there, or if there was no point in common so
 * far.
 */
function withPoint(squared: number, x: number, y: number): number {
  if (Number.isNaN(y)) return squared;
  // Two diverged values are no nearer to each other than one is to a number; avoid Infinity - Infinity.
  const difference = x === DIVERGED ? DIVERGED : x - y;
  return Number.isNaN(squared) ? difference * difference : squared + difference * difference;
}

/** How many rows are added at a time, with one comparison for all of them. Arrays consist of whole blocks. */
const BLOCK = 4;

const wholeBlocks = (rows: number): number => Math.ceil(rows / BLOCK) * BLOCK;

/** Adds a point for every row. The column may have gaps, and so may the distances. */
function addSparse(squared: Float64Array, column: Float64Array, rows: number, x: number): void {
  if (x === DIVERGED) {
    for (let row = 0; row < rows; row++) {
      if (!Number.isNaN(column[row] ?? ABSENT)) squared[row] = DIVERGED;
    }
    return;
  }
  for (let row = 0; row < rows; row++) {
    const y = column[row] ?? ABSENT;
    if (Number.isNaN(y)) continue;
    const sum = squared[row] ?? ABSENT;
    const difference = x - y;
    squared[row] = (Number.isNaN(sum) ? 0 : sum) + difference * difference;
  }
}

/**
 * Adds a point for the rows from `start` on, up to and including the first block with a row within the limit. Returns
 * that block's first row, or `end`. No row has a gap, and x is finite.
 *
 * This loop dominates the cost of a decision. It calls nothing, because the compiler would spill its registers.
 */
function addUntilNear(
  squared: Float64Array,
  column: Float64Array,
  start: number,
  end: number,
  x: number,
  limit: number,
): number {
  for (let row = start; row < end; row += BLOCK) {
    const a = x - (column[row] ?? 0);
    const b = x - (column[row + 1] ?? 0);
    const c = x - (column[row + 2] ?? 0);
    const d = x - (column[row + 3] ?? 0);
    const first = (squared[row] ?? 0) + a * a;
    const second = (squared[row + 1] ?? 0) + b * b;
    const third = (squared[row + 2] ?? 0) + c * c;
    const fourth = (squared[row + 3] ?? 0) + d * d;
    squared[row] = first;
    squared[row + 1] = second;
    squared[row + 2] = third;
    squared[row + 3] = fourth;
    if (first <= limit || second <= limit || third <= limit || fourth <= limit) return row;
  }
  return end;
}

/** Adds a point for every row and finds the nearest in the same pass. No row has a gap, and x is finite. */
function addDense(
  squared: Float64Array,
  column: Float64Array,
  rows: number,
  x: number,
  nearest: Nearest | undefined,
): void {
  const end = wholeBlocks(rows);
  let limit = nearest === undefined ? NO_DISTANCE : ANY_DISTANCE;
  for (let start = 0; start < end; start += BLOCK) {
    start = addUntilNear(squared, column, start, end, x, limit);
    if (nearest !== undefined)
      limit = offerFrom(squared, start, Math.min(start + BLOCK, rows), limit, nearest);
  }
}

/** Offers the rows from `start` to before `end` that are within the limit, and returns the new limit. */
function offerFrom(
  squared: Float64Array,
  start: number,
  end: number,
  limit: number,
  nearest: Nearest,
): number {
  let within = limit;
  for (let row = start; row < end; row++) {
    const sum = squared[row] ?? ABSENT;
    if (sum <= within) within = nearest.offer(row, sum);
  }
  return within;
}

/**
 * @param metric the metric whose curves the library keeps
 * @param keptBytes see {@link KEPT_BYTES}
 */
export function createRunningDistances(
  library: CurveLibrary,
  metric: string,
  keptBytes: number = KEPT_BYTES,
): RunningDistances {
  /** By trial, the least recently requested first. */
  const kept = new Map<number, Distances>();
  let bytes = 0;

  const forget = (trial: number): void => {
    bytes -= kept.get(trial)?.squared.byteLength ?? 0;
    kept.delete(trial);
  };

  const stateOf = (trial: number, points: number): Distances => {
    const known = kept.get(trial);
    forget(trial);
    return known !== undefined && known.points <= points
      ? known
      : {
          own: new Float64Array(library.points.length).fill(ABSENT),
          squared: new Float64Array(0),
          rows: 0,
          points: 0,
          isDense: true,
          isEmpty: true,
        };
  };

  const keep = (trial: number, state: Distances): void => {
    kept.set(trial, state);
    bytes += state.squared.byteLength;
    for (const oldest of kept.keys()) {
      if (bytes <= keptBytes || oldest === trial) break;
      forget(oldest);
    }
  };

  /** Adds the curves that joined the library since: along their rows, over the points so far. */
  const addRows = (state: Distances): void => {
    const { size } = library;
    if (size > state.squared.length) {
      const room = Math.max(size, Math.min(2 * state.squared.length, size + 65536));
      const wider = new Float64Array(wholeBlocks(room)).fill(ABSENT);
      wider.set(state.squared);
      state.squared = wider;
    }
    const { squared, own } = state;
    for (let row = state.rows; row < size; row++) {
      let sum = ABSENT;
      for (let point = 0; point < state.points; point++) {
        const x = own[point] ?? ABSENT;
        if (!Number.isNaN(x)) sum = withPoint(sum, x, library.column(point)[row] ?? ABSENT);
      }
      squared[row] = sum;
      if (Number.isNaN(sum)) state.isDense = false;
    }
    state.rows = size;
  };

  /** Adds points up to a number; at the last one, finds the nearest. Returns whether it did. */
  const addPoints = (state: Distances, trial: Trial, points: number, nearest?: Nearest): boolean => {
    const { squared, own, rows } = state;
    let isFound = false;
    for (; state.points < points; state.points++) {
      const point = state.points;
      const x = valueAtPoint(trial, metric, library.points, point);
      own[point] = x;
      if (Number.isNaN(x)) continue;
      const column = library.column(point);
      const isFull = library.isFull(point);
      if (state.isEmpty && isFull) {
        squared.fill(0, 0, rows);
        state.isDense = true;
      }
      state.isEmpty = false;
      if (state.isDense && isFull && x !== DIVERGED) {
        isFound = point === points - 1 && nearest !== undefined;
        addDense(squared, column, rows, x, isFound ? nearest : undefined);
      } else {
        addSparse(squared, column, rows, x);
        // A curve that has a point in common has one from here on.
        if (isFull) state.isDense = true;
      }
    }
    return isFound;
  };

  return {
    advance: (trial, points) => {
      const known = kept.get(trial.number);
      if (known !== undefined && known.points >= points) return;
      const state = stateOf(trial.number, points);
      addRows(state);
      addPoints(state, trial, points);
      keep(trial.number, state);
    },
    nearest: (trial, points, count) => {
      const state = stateOf(trial.number, points);
      addRows(state);
      const nearest = createNearest(library.trials, count);
      if (!addPoints(state, trial, points, nearest))
        offerFrom(state.squared, 0, state.rows, ANY_DISTANCE, nearest);
      keep(trial.number, state);
      return { own: state.own, matches: nearest.matches };
    },
    forget,
  };
}
