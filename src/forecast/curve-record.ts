import { costOf, type Goal } from "../core/goal.js";
import type { TransferredTrial } from "../core/study.js";
import { goalValue, lastStep, type Trial } from "../core/trial.js";

/** The maximum number of points compared per curve; longer trainings are compared at evenly spaced steps. */
const MAX_POINTS = 100;

/**
 * One trial's learning curve as forecasts see it: costs, so that less is better whatever the goal. Before the first
 * report that has the goal metric there is nothing in it; rungs count from there.
 */
export interface CurveRecord {
  readonly trial: number;
  /** How often the trial had inherited: once more, and its curve may have lost reports. */
  readonly inheritances: number;
  /** Whether the goal metric was reported. */
  hasValue: boolean;
  /** The rung that its first value tells of: the highest one at or below that step, by place; -1: below all. */
  firstRung: number;
  /** The highest rung that it reached, by place; -1 before the first. */
  rung: number;
  /** The step of the report at which it reached that rung; 0 before the first. */
  arrival: number;
  /**
   * What counts at each rung that it reached: the last cost up to it, or the least one where the best report counts.
   * Infinite while nothing finite was reported, and below the first rung.
   */
  readonly atRungs: number[];
  /**
   * The cost at each comparison point up to its last step: the last report's at or before it, else NaN. Those further on may
   * be missing, since most of many trials never come there.
   */
  points: Float64Array;
  /** How many of {@link points} it has passed. */
  reached: number;
  /** The newest finite cost, carried forward to later points until the next one; NaN before the first. */
  latest: number;
  /** The lowest cost so far; infinite while nothing finite has been reported. */
  minimum: number;
  /**
   * What counts now: the newest cost, infinite since it diverged, or the least one where the best report counts;
   * infinite while nothing finite was reported.
   */
  present: number;
  /** Whether a NaN or an infinity was reported: such a training is over. */
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
export function createCurveRecord(trial: number, inheritances: number): CurveRecord {
  return {
    trial,
    inheritances,
    hasValue: false,
    firstRung: -1,
    rung: -1,
    arrival: 0,
    atRungs: [],
    points: new Float64Array(0),
    reached: 0,
    latest: Number.NaN,
    minimum: Number.POSITIVE_INFINITY,
    present: Number.POSITIVE_INFINITY,
    diverged: false,
    reports: 0,
  };
}

interface RecordedSteps {
  readonly rungs: readonly number[];
  /** At which curves are compared. */
  readonly steps: readonly number[];
}

/** Makes room for the points up to the one that is reached next. */
function makeRoom(record: CurveRecord, most: number): void {
  const { points, reached } = record;
  if (reached < points.length) return;
  record.points = new Float64Array(Math.min(most, 2 * reached + 1)).fill(Number.NaN);
  record.points.set(points);
}

/** Gives the points and rungs that satisfy a condition what is known so far. */
function advance(
  record: CurveRecord,
  { rungs, steps }: RecordedSteps,
  isReached: (step: number) => boolean,
  arrival: number,
): void {
  const isBehind = (step: number | undefined): boolean => step !== undefined && isReached(step);
  while (isBehind(steps[record.reached])) {
    makeRoom(record, steps.length);
    record.points[record.reached] = record.latest;
    record.reached += 1;
  }
  while (isBehind(rungs[record.rung + 1])) {
    record.rung += 1;
    record.atRungs[record.rung] = record.present;
    record.arrival = arrival;
  }
}

/** Passes over what is before the rung that the first value tells of. */
function begin(record: CurveRecord, { rungs, steps }: RecordedSteps, step: number): void {
  const first = rungs.findLastIndex((rung) => rung <= step);
  record.hasValue = true;
  record.firstRung = first;
  record.rung = Math.max(first - 1, -1);
  for (let rung = 0; rung < first; rung++) record.atRungs[rung] = Number.POSITIVE_INFINITY;
  while ((steps[record.reached] ?? step) < (rungs[first] ?? step)) record.reached += 1;
}

/** Takes in a trial's reports since the last call; whether there were any since its first value. */
export function takeReports(
  record: CurveRecord,
  trial: TransferredTrial,
  goal: Goal,
  recorded: RecordedSteps,
): boolean {
  const { curve } = trial;
  if (record.reports === curve.steps.length) return false;
  const column = curve.metrics.get(goal.metric);
  const inherited = trial.inheritances.at(-1)?.step ?? 0;
  for (; record.reports < curve.steps.length; record.reports++) {
    const step = curve.steps[record.reports] ?? 0;
    const value = column?.[record.reports] ?? null;
    if (!record.hasValue && value === null) continue;
    // The rungs of a model that was taken over were reached with it, not with the first report after it.
    if (record.hasValue && inherited < step)
      advance(record, recorded, (each) => each <= inherited, inherited);
    // Points and rungs that this report jumps over keep what was known before it.
    if (record.hasValue) advance(record, recorded, (each) => each < step, step);
    else begin(record, recorded, step);
    if (value !== null) {
      const cost = costOf(value, goal);
      if (cost === Number.POSITIVE_INFINITY) {
        record.diverged = true;
        if (goal.of === "last") record.present = cost;
      } else {
        record.latest = cost;
        record.minimum = Math.min(record.minimum, cost);
        if (goal.of !== "last") record.present = record.minimum;
        else if (!record.diverged) record.present = cost;
      }
    }
    advance(record, recorded, (each) => each <= step, step);
  }
  // A model that was taken over may have come further than its trial reported.
  const last = lastStep(trial);
  if (record.hasValue) advance(record, recorded, (each) => each <= last, last);
  return record.hasValue;
}

/** A trial of this study, or of another. */
export type RecordedTrial = TransferredTrial & Partial<Pick<Trial, "replicates">>;

/** Once all replicates of a trial have ended, what counts is the goal across them; whether that is news. */
export function settle(record: CurveRecord, trial: RecordedTrial, goal: Goal): boolean {
  const { state, replicates = [] } = trial;
  if (!record.hasValue || state !== "complete" || replicates.length === 0) return false;
  const cost = costOf(goalValue(trial, goal) ?? Number.NaN, goal);
  if (cost === record.present) return false;
  record.present = cost;
  record.minimum = Math.min(record.minimum, cost);
  return true;
}
