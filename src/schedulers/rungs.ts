import { CurvewiseError } from "../core/errors.js";
import { costOf, type Goal, isBetter } from "../core/goal.js";
import type { Trial } from "../core/trial.js";
import { createRanking, type Ranking } from "./ranking.js";

/**
 * The end of a complete training, which must come after a scheduler's rungs.
 *
 * @param option the name of the option that sets the first rung
 * @throws CurvewiseError `MAX_STEPS_MISSING`; `OPTIONS_INVALID` when a first rung above 1 lies at or after the end
 */
export function endAfterRungs(
  scheduler: string,
  option: string,
  minSteps: number,
  maxSteps: number | undefined,
): number {
  if (maxSteps === undefined) {
    throw new CurvewiseError(
      "MAX_STEPS_MISSING",
      `scheduler ${scheduler} needs to know when a training is complete`,
      { hint: "Set the study's maxSteps to the last step that a training reports." },
    );
  }
  if (minSteps > 1 && minSteps >= maxSteps) {
    throw new CurvewiseError(
      "OPTIONS_INVALID",
      `scheduler ${scheduler}: its first rung, step ${minSteps}, is not before the end of a complete training, step ${maxSteps}`,
      { hint: `Give a smaller ${option}.` },
    );
  }
  return maxSteps;
}

/** A trial's record at a rung. */
export interface RungRecord {
  /** The rung's place in the ladder, from 0. */
  readonly rung: number;
  /** The goal metric there: as reported, or the best so far where the best report counts. Not finite: it diverged. */
  readonly value: number;
}

/** The rungs of a ladder and what is recorded at them. */
export interface RungSetup {
  readonly goal: Goal;
  /** Ascending. */
  readonly steps: readonly number[];
  readonly maxSteps: number;
}

/** The index of the first of ascending steps at or after a step, searching from an index. */
function firstAtOrAfter(reported: readonly number[], step: number, from: number): number {
  let low = from;
  let high = reported.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((reported[middle] ?? 0) < step) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The value that counts at a report: its own or, if the best report counts, the best so far. */
export function countedValue(
  column: readonly (number | null)[],
  report: number,
  value: number,
  goal: Goal,
): number {
  if (goal.of !== "best" || !Number.isFinite(value)) return value;
  let best = value;
  for (const each of column.slice(0, report)) if (each !== null && isBetter(each, best, goal)) best = each;
  return best;
}

/** The last rung at or below a step, as its place; -1 before the first. */
function rungAt(steps: readonly number[], step: number): number {
  return steps.findLastIndex((each) => each <= step);
}

/**
 * What a trial's report left at a rung. A rung records the first report at or after it that has the goal metric, if
 * that comes before the next rung (and before the end of the training): a rung that a program skips stays empty.
 * Undefined if the report is not recorded.
 *
 * @param report its index in the curve; by default the newest
 */
export function recordOf(
  trial: Pick<Trial, "curve">,
  { goal, steps, maxSteps }: RungSetup,
  report: number = trial.curve.steps.length - 1,
): RungRecord | undefined {
  const reported = trial.curve.steps;
  const column = trial.curve.metrics.get(goal.metric);
  const step = reported[report] ?? 0;
  const value = column?.[report] ?? null;
  const rung = rungAt(steps, step);
  if (value === null || rung < 0 || step >= maxSteps) return undefined;
  const start = steps[rung] ?? 0;
  for (let before = report - 1; before >= 0 && (reported[before] ?? 0) >= start; before--) {
    if ((column?.[before] ?? null) !== null) return undefined;
  }
  return { rung, value: countedValue(column ?? [], report, value, goal) };
}

/** Which of a trial's reports are recorded at rungs (see {@link recordOf}), by index, lowest rung first. */
export function reportsAtRungs(
  trial: Pick<Trial, "curve">,
  { goal, steps, maxSteps }: RungSetup,
): { readonly rung: number; readonly report: number }[] {
  const reported = trial.curve.steps;
  const column = trial.curve.metrics.get(goal.metric) ?? [];
  const reports: { rung: number; report: number }[] = [];
  let report = 0;
  for (let rung = 0; rung < steps.length && report < column.length; rung++) {
    const end = Math.min(steps[rung + 1] ?? maxSteps, maxSteps);
    report = firstAtOrAfter(reported, steps[rung] ?? 0, report);
    while (report < column.length && (reported[report] ?? end) < end && column[report] === null) report += 1;
    if ((column[report] ?? null) !== null && (reported[report] ?? end) < end) reports.push({ rung, report });
  }
  return reports;
}

/** Everything that a trial's reports left at rungs, lowest first. */
export function recordsOf(trial: Pick<Trial, "curve">, setup: RungSetup): RungRecord[] {
  const column = trial.curve.metrics.get(setup.goal.metric) ?? [];
  return reportsAtRungs(trial, setup).map(({ rung, report }) => ({
    rung,
    value: countedValue(column, report, column[report] ?? Number.NaN, setup.goal),
  }));
}

/** What is known at one rung. */
export interface Rung {
  readonly step: number;
  /** The trials that reached it, by the goal metric there, diverged ones last. */
  readonly ranking: Ranking;
}

/** The rungs of one ladder, filled by the trials that climb it. */
export interface Ladder {
  readonly rungs: readonly Rung[];
  /** Records and returns what a trial's newest report left at a rung; undefined if it left nothing. */
  climb(trial: Trial): RungRecord | undefined;
  /**
   * Records everything that a trial's reports left, as if {@link Ladder.climb} had followed each, in place of what is
   * recorded of it: a trial that went on with an older model has lost reports.
   */
  restore(trial: Pick<Trial, "number" | "curve">): void;
  /** The highest rung at which a trial left something. */
  highest(trial: number): RungRecord | undefined;
}

/** An empty {@link Ladder}. */
export function createLadder(setup: RungSetup): Ladder {
  const { goal, steps } = setup;
  const rungs = steps.map((step): Rung => ({ step, ranking: createRanking() }));
  const recorded = new Map<number, RungRecord[]>();
  const add = (trial: number, record: RungRecord): void => {
    rungs[record.rung]?.ranking.add(trial, costOf(record.value, goal));
    const records = recorded.get(trial);
    if (records === undefined) recorded.set(trial, [record]);
    else records.push(record);
  };
  return {
    rungs,
    climb: (trial) => {
      const record = recordOf(trial, setup);
      if (record !== undefined) add(trial.number, record);
      return record;
    },
    restore: (trial) => {
      for (const { rung, value } of recorded.get(trial.number) ?? [])
        rungs[rung]?.ranking.remove(trial.number, costOf(value, goal));
      recorded.delete(trial.number);
      for (const record of recordsOf(trial, setup)) add(trial.number, record);
    },
    highest: (trial) => recorded.get(trial)?.at(-1),
  };
}
