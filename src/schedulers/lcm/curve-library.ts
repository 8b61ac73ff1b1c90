import { costOf, type Goal, isBetter } from "../../core/goal.js";
import { goalValue, lastStep, type Trial } from "../../core/trial.js";
import type { RecordedTrial } from "../../forecast/curve-record.js";
import { isEarlier } from "../earlier-trials.js";
import { createSortedNumbers, type SortedNumbers } from "../sorted-numbers.js";

/** Marks a cumulative point without a value. */
export const ABSENT = Number.NaN;

/** Marks a cumulative point at which a curve had diverged (NaN or an infinity was reported). */
export const DIVERGED = Number.POSITIVE_INFINITY;

/**
 * A curve at the cumulative points, {@link ABSENT} or {@link DIVERGED} where it has no number. A point records the
 * first report at or after it, if that comes before the next point: a program that reports at the points is recorded
 * exactly, and one that reports at other steps by its nearest later report.
 */
export function curveAtPoints(
  trial: Pick<Trial, "curve">,
  metric: string,
  points: readonly number[],
): Float64Array {
  const { steps, metrics } = trial.curve;
  const column = metrics.get(metric);
  const values = new Float64Array(points.length).fill(ABSENT);
  if (column === undefined) return values;
  let report = 0;
  for (let index = 0; index < points.length; index++) {
    const point = points[index] ?? Number.POSITIVE_INFINITY;
    while (report < steps.length && (steps[report] ?? 0) < point) report += 1;
    const step = steps[report];
    if (step === undefined) break;
    if (step >= (points[index + 1] ?? Number.POSITIVE_INFINITY)) continue;
    const value = column[report] ?? null;
    if (value !== null) values[index] = Number.isFinite(value) ? value : DIVERGED;
  }
  return values;
}

/** The value of {@link curveAtPoints} at one of the points, by index. */
export function valueAtPoint(trial: Trial, metric: string, points: readonly number[], index: number): number {
  const { steps, metrics } = trial.curve;
  const point = points[index] ?? Number.POSITIVE_INFINITY;
  let low = 0;
  let high = steps.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((steps[middle] ?? 0) < point) low = middle + 1;
    else high = middle;
  }
  const step = steps[low] ?? Number.POSITIVE_INFINITY;
  const value = metrics.get(metric)?.[low] ?? null;
  if (value === null || step >= (points[index + 1] ?? Number.POSITIVE_INFINITY)) return ABSENT;
  return Number.isFinite(value) ? value : DIVERGED;
}

/**
 * The performance of a complete training: the goal metric at its end, which is its first report at or after
 * `maxSteps` (the last value before it if that report lacks the metric), or the best value up to there where the best
 * report counts. Undefined for a trial that is no complete
 * training or never reported the goal metric; NaN or infinite for one that diverged.
 */
export function performanceOf(trial: RecordedTrial, goal: Goal, maxSteps: number): number | undefined {
  if (trial.state !== "complete" || lastStep(trial) < maxSteps) return undefined;
  if (trial.replicates !== undefined && trial.replicates.length > 0) return goalValue(trial, goal);
  const { steps, metrics } = trial.curve;
  const column = metrics.get(goal.metric);
  let end = steps.length - 1;
  while (end > 0 && (steps[end - 1] ?? 0) >= maxSteps) end -= 1;
  const values = (column ?? []).slice(0, end + 1).filter((value) => value !== null);
  const last = values.at(-1);
  if (goal.of !== "best" || last === undefined || !Number.isFinite(last)) return last;
  return values.reduce((best, value) => (isBetter(value, best, goal) ? value : best), last);
}

/** The curves of all complete trainings. Row i of every column belongs to the same training. */
export interface CurveLibrary {
  readonly size: number;
  /** The steps at which curves are recorded. */
  readonly points: readonly number[];
  /** By row: the trial's number; trials of earlier studies have higher numbers than this one's. */
  readonly trials: readonly number[];
  /** Whether any belong to earlier studies. */
  readonly hasEarlier: boolean;
  /** By row: the goal metric at the end. */
  readonly performances: readonly number[];
  /** The costs of all performances, for ranks. */
  readonly ranking: SortedNumbers;
  /** One cumulative point of all curves, contiguous; only the first {@link CurveLibrary.size} entries count. */
  column(point: number): Float64Array;
  /** Whether every curve has a value at a point. */
  isFull(point: number): boolean;
  /** Adds a trial if it is a complete training. */
  add(trial: RecordedTrial): void;
}

/** @param metric the metric whose curves are kept */
export function createCurveLibrary(setup: {
  readonly goal: Goal;
  readonly maxSteps: number;
  readonly metric: string;
  readonly points: readonly number[];
}): CurveLibrary {
  const { goal, maxSteps, metric, points } = setup;
  const trials: number[] = [];
  const performances: number[] = [];
  const ranking = createSortedNumbers();
  let capacity = 64;
  let columns = points.map(() => new Float64Array(capacity));
  let hasEarlier = false;
  const gaps = new Int32Array(points.length);

  const grow = (): void => {
    capacity *= 2;
    columns = columns.map((column) => {
      const wider = new Float64Array(capacity);
      wider.set(column);
      return wider;
    });
  };
  return {
    get size() {
      return trials.length;
    },
    get hasEarlier() {
      return hasEarlier;
    },
    points,
    trials,
    performances,
    ranking,
    column: (point) => columns[point] ?? new Float64Array(capacity).fill(ABSENT),
    isFull: (point) => gaps[point] === 0,
    add: (trial) => {
      const performance = performanceOf(trial, goal, maxSteps);
      if (performance === undefined) return;
      if (trials.length === capacity) grow();
      const values = curveAtPoints(trial, metric, points);
      for (let point = 0; point < values.length; point++) {
        const column = columns[point];
        const value = values[point] ?? ABSENT;
        if (column !== undefined) column[trials.length] = value;
        if (Number.isNaN(value)) gaps[point] = (gaps[point] ?? 0) + 1;
      }
      hasEarlier ||= isEarlier(trial.number);
      trials.push(trial.number);
      performances.push(performance);
      ranking.add(costOf(performance, goal));
    },
  };
}
