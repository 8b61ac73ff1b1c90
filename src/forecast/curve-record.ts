import { costOf, type Goal } from "../core/goal.js";
import type { TransferredTrial } from "../core/study.js";
import { lastStep } from "../core/trial.js";

/** The maximum number of points compared per curve; longer trainings are compared at evenly spaced steps. */
const MAX_POINTS = 100;

/** One trial's learning curve as forecasts see it: in costs, so that lower is better whatever the goal. */
export interface CurveRecord {
  readonly trial: number;
  /** The highest rung at or below its last step, by place; -1 before the first. */
  rung: number;
  /** The lowest cost up to each rung that it reached; infinite while nothing finite has been reported. */
  readonly least: number[];
  /** The cost at each comparison point up to its last step: that of the last report at or before it, else NaN. */
  readonly points: Float64Array;
  /** How many of {@link points} it has passed. */
  reached: number;
  /** The newest finite cost, carried forward to later points until the next one; NaN before the first. */
  latest: number;
  /** The lowest cost so far; infinite while nothing finite has been reported. */
  minimum: number;
  /** Whether a NaN or an infinity was reported, which ends the training. */
  diverged: boolean;
  /** How many reports have been added. */
  reports: number;
}

/** The steps at which curves are compared: every one, or evenly spaced ones if the training is long. */
export function comparisonSteps(maxSteps: number, rungs: readonly number[]): number[] {
  const even = Array.from({ length: MAX_POINTS }, (_, index) =>
    Math.ceil(((index + 1) * maxSteps) / MAX_POINTS),
  );
  return [...new Set([...even, ...rungs])].toSorted((a, b) => a - b);
}

/** An empty record. */
export function createCurveRecord(trial: number, points: number): CurveRecord {
  return {
    trial,
    rung: -1,
    least: [],
    points: new Float64Array(points).fill(Number.NaN),
    reached: 0,
    latest: Number.NaN,
    minimum: Number.POSITIVE_INFINITY,
    diverged: false,
    reports: 0,
  };
}

/** Adds a trial's reports since the last call; returns whether there were any. */
export function takeReports(
  record: CurveRecord,
  trial: TransferredTrial,
  goal: Goal,
  rungs: readonly number[],
  steps: readonly number[],
): boolean {
  const { curve } = trial;
  if (record.reports === curve.steps.length) return false;
  const column = curve.metrics.get(goal.metric);
  for (; record.reports < curve.steps.length; record.reports++) {
    const step = curve.steps[record.reports] ?? 0;
    // Points and rungs that this report skips keep what was known before it.
    while (record.reached < steps.length && (steps[record.reached] ?? 0) < step) {
      record.points[record.reached] = record.latest;
      record.reached += 1;
    }
    while (record.rung + 1 < rungs.length && (rungs[record.rung + 1] ?? 0) < step) {
      record.rung += 1;
      record.least[record.rung] = record.minimum;
    }
    const value = column?.[record.reports] ?? null;
    if (value === null) continue;
    const cost = costOf(value, goal);
    if (cost === Number.POSITIVE_INFINITY) record.diverged = true;
    else {
      record.latest = cost;
      record.minimum = Math.min(record.minimum, cost);
    }
  }
  const last = lastStep(trial);
  while (record.reached < steps.length && (steps[record.reached] ?? 0) <= last) {
    record.points[record.reached] = record.latest;
    record.reached += 1;
  }
  while (record.rung + 1 < rungs.length && (rungs[record.rung + 1] ?? 0) <= last) record.rung += 1;
  for (let rung = record.least.length; rung <= record.rung; rung++) record.least[rung] = record.minimum;
  return true;
}
