import { costOf, type Goal } from "../core/goal.js";
import type { TransferredTrial } from "../core/study.js";
import { lastStep } from "../core/trial.js";

/** At most so many points of a curve are compared; longer trainings are compared at evenly spaced steps. */
const MAX_POINTS = 100;

/** One trial's learning curve as forecasts see it: costs, so that less is better whatever the goal. */
export interface CurveRecord {
  readonly trial: number;
  /** The highest rung at or below its last step, by place; -1 before the first. */
  rung: number;
  /** The least cost up to each rung that it reached; infinite while nothing finite was reported. */
  readonly least: number[];
  /** The cost at each comparison point up to its last step: the last report's at or before it, else NaN. */
  readonly points: Float64Array;
  /** How many of {@link points} are behind it. */
  reached: number;
  /** The newest finite cost, which later points have until there is another; NaN before the first. */
  latest: number;
  /** The least cost so far; infinite while nothing finite was reported. */
  minimum: number;
  /** Whether a NaN or an infinity was reported: such a training is over. */
  diverged: boolean;
  /** How many reports were taken in. */
  reports: number;
}

/** The steps at which curves are compared: every one, or evenly spaced ones of a long training. */
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

/** Takes in a trial's reports since the last call; whether there were any. */
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
    // Points and rungs that this report jumps over keep what was known before it.
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
