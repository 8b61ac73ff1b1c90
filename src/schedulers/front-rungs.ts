import { trialOf } from "../core/event-trial.js";
import { costOf, type Goal } from "../core/goal.js";
import { violationOf } from "../core/goals/metric-constraint.js";
import { type Place, placesOf } from "../core/goals/order-results.js";
import { goalsOf, type TrialResult } from "../core/goals/trial-result.js";
import type { Scheduler } from "../core/scheduler.js";
import type { Trial } from "../core/trial.js";
import { shown } from "../core/wording.js";
import type { Brackets } from "./ladders/brackets.js";
import { countedValue, type RungSetup, reportsAtRungs } from "./rungs.js";

/** What a trial had reached at a rung, in all goals. */
export interface FrontRecord {
  readonly trial: number;
  /** By goal; undefined for a metric that it had not reported yet. */
  readonly values: readonly (number | undefined)[];
  readonly violation: number;
}

/** Where a trial stands at a rung. */
export interface FrontPlace extends Place {
  readonly trial: number;
  readonly rung: number;
  readonly record: FrontRecord;
}

/** The rungs of one ladder, where trials are compared in several goals. */
export interface FrontRungs {
  /** Records what a trial's newest report left. */
  climb(trial: Pick<Trial, "number" | "curve">): void;
  /** Records everything that a trial's reports left, in place of what is recorded of it. */
  restore(trial: Pick<Trial, "number" | "curve">): void;
  /** The highest rung at which a trial left something, by place. */
  highest(trial: number): number | undefined;
  /** Whether a trial's newest report is the one that is recorded at its highest rung. */
  isArrival(trial: Pick<Trial, "number" | "curve">): boolean;
  /** How many trials left something at a rung. */
  reached(rung: number): number;
  /** Where each trial stands at a rung; among equals, the lower trial number is ahead. */
  placesAt(rung: number): ReadonlyMap<number, FrontPlace>;
}

/** The last value of a column up to a report. */
function valueUpTo(column: readonly (number | null)[], report: number): number | undefined {
  for (let place = report; place >= 0; place--) {
    const value = column[place];
    if (value !== null && value !== undefined) return value;
  }
  return undefined;
}

/** A trial's values at one of its reports: of each metric the last one up to there. */
function recordAt(
  { number, curve }: Pick<Trial, "number" | "curve">,
  report: number,
  goal: Goal,
): FrontRecord {
  const columnOf = (metric: string) => curve.metrics.get(metric) ?? [];
  const values = goalsOf(goal).map(({ metric }) => {
    const value = valueUpTo(columnOf(metric), report);
    return value !== undefined && metric === goal.metric
      ? countedValue(columnOf(metric), report, value, goal)
      : value;
  });
  const violation = (goal.constraints ?? []).reduce((sum, constraint) => {
    const value = valueUpTo(columnOf(constraint.metric), report);
    return value === undefined ? sum : sum + violationOf(value, constraint);
  }, 0);
  return { trial: number, values, violation };
}

/**
 * Orders what trials reached at the same rung. A goal that one of them has not reported yet is left out of the
 * comparison: nothing is known about it.
 */
export function placesOfRecords(records: readonly FrontRecord[], goal: Goal): Place[] {
  const goals = goalsOf(goal);
  const known = [...goals.keys()].filter((index) =>
    records.every(({ values }) => values[index] !== undefined),
  );
  const compared = known.flatMap((index) => goals[index] ?? []);
  const results = records.map(
    ({ values, violation }): TrialResult => ({
      costs: known.map((index) => costOf(values[index] ?? Number.NaN, goals[index] ?? goal)),
      violation,
    }),
  );
  return placesOf(results, compared);
}

/** Rungs without trials. */
export function createFrontRungs(setup: RungSetup): FrontRungs {
  const { goal } = setup;
  const rungs = setup.steps.map(() => new Map<number, FrontRecord>());
  const places = new Map<number, ReadonlyMap<number, FrontPlace>>();
  /** By trial: where its highest record is. */
  const tops = new Map<number, { readonly rung: number; readonly report: number }>();
  const add = (trial: Pick<Trial, "number" | "curve">, at: { rung: number; report: number }): void => {
    rungs[at.rung]?.set(trial.number, recordAt(trial, at.report, goal));
    places.delete(at.rung);
    tops.set(trial.number, at);
  };
  return {
    climb: (trial) => {
      const at = reportsAtRungs(trial, setup).at(-1);
      if (at !== undefined && at.report === trial.curve.steps.length - 1) add(trial, at);
    },
    restore: (trial) => {
      const top = tops.get(trial.number);
      for (let rung = 0; rung <= (top?.rung ?? -1); rung++)
        if (rungs[rung]?.delete(trial.number) === true) places.delete(rung);
      tops.delete(trial.number);
      for (const at of reportsAtRungs(trial, setup)) add(trial, at);
    },
    highest: (trial) => tops.get(trial)?.rung,
    isArrival: ({ number, curve }) => tops.get(number)?.report === curve.steps.length - 1,
    reached: (rung) => rungs[rung]?.size ?? 0,
    placesAt: (rung) => {
      const cached = places.get(rung);
      if (cached !== undefined) return cached;
      const records = [...(rungs[rung] ?? new Map<number, FrontRecord>()).values()].toSorted(
        (a, b) => a.trial - b.trial,
      );
      const found = placesOfRecords(records, goal);
      const byTrial = new Map(
        records.map((record, index) => [
          record.trial,
          { place: 0, front: undefined, ...found[index], trial: record.trial, rung, record },
        ]),
      );
      places.set(rung, byTrial);
      return byTrial;
    },
  };
}

/** A scheduler's part that keeps ladders up to date, each with the trials of its bracket. */
export function followBrackets(
  brackets: Brackets,
  ladders: readonly FrontRungs[],
): Pick<Scheduler, "restore" | "observe"> {
  return {
    restore: (study) => {
      for (const trial of study.trials) ladders[brackets.of(trial.number)]?.restore(trial);
    },
    observe: (event, study) => {
      if (event.type !== "reported" && event.type !== "exploited") return;
      const trial = trialOf(event, study);
      const ladder = trial && ladders[brackets.of(trial.number)];
      if (trial === undefined || ladder === undefined) return;
      if (event.type === "reported") ladder.climb(trial);
      else ladder.restore(trial);
    },
  };
}

/** Whether one of a record's values has diverged; one that merely breaks a constraint may still come to obey it. */
export const hasDiverged = ({ values }: FrontRecord): boolean =>
  values.some((value) => value !== undefined && !Number.isFinite(value));

/** The values of a record for people: `loss 0.5 and latency 20`. */
export function valuesText({ values }: FrontRecord, goal: Goal): string {
  const parts = goalsOf(goal).map(({ metric }, index) => {
    const value = values[index];
    return value === undefined ? `no ${metric} yet` : `${metric} ${shown(value)}`;
  });
  return parts.length === 1 ? (parts[0] ?? "") : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;
}

/** Where a trial stands, for people: `on front 2`. */
export function frontText({ front, record }: FrontPlace): string {
  if (record.violation > 0) return "breaking a constraint";
  return front === undefined ? "diverged" : `on front ${front + 1}`;
}

/** The numbers of an explanation: where the trial stands and, by the metric's name, what it reached. */
export function placeValues({ place, front, record }: FrontPlace, goal: Goal): Record<string, number> {
  const values = goalsOf(goal).flatMap(({ metric }, index) => {
    const value = record.values[index];
    return value === undefined || !Number.isFinite(value) ? [] : [[metric, value] as const];
  });
  return {
    ...Object.fromEntries(values),
    rank: place + 1,
    ...(front === undefined ? {} : { front: front + 1 }),
    ...(record.violation > 0 && Number.isFinite(record.violation) ? { violation: record.violation } : {}),
  };
}
