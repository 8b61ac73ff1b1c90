/** Which way a metric is better. */
export type Direction = "minimize" | "maximize";

/** Which report of a training counts: its last one, or its best one. */
export const GOAL_REPORTS = ["last", "best"] as const;

export type GoalReport = (typeof GOAL_REPORTS)[number];

/** What counts of the trainings of one trial, if there are several with different seeds. */
export const GOAL_ACROSS = ["mean", "median", "worst"] as const;

export type GoalAcross = (typeof GOAL_ACROSS)[number];

/** A metric and which way it is better. */
export interface MetricGoal {
  readonly metric: string;
  readonly direction: Direction;
  /** Of several goals: the value beyond which a trial gains nothing in this one; absent: the worst value seen. */
  readonly reference?: number;
}

/** How a metric is compared with its limit. */
export const LIMIT_COMPARISONS = ["<=", "<", ">=", ">"] as const;

export type LimitComparison = (typeof LIMIT_COMPARISONS)[number];

/** What a metric has to be for a trial to be feasible. */
export interface MetricConstraint {
  readonly metric: string;
  readonly comparison: LimitComparison;
  readonly limit: number;
}

/**
 * What a study is after: a metric, which way it is better, which of a training's reports counts, further metrics that
 * count as much, and limits on metrics.
 */
export interface Goal extends MetricGoal {
  /** Absent in logs of version 0.1.0: the last one, except that curves were forecast to their best value. */
  readonly of?: GoalReport;
  /** Which number stands for a trial's replicates; absent: their mean. */
  readonly across?: GoalAcross;
  /** Further goals, in order; absent: this is the only one. */
  readonly others?: readonly MetricGoal[];
  /** Constraints on metrics; trials that break one are worse than all that break none. Absent: there are none. */
  readonly constraints?: readonly MetricConstraint[];
}

/**
 * Whether a goal was recorded by version 0.1.0, which did not record which report counts. What was decided under the rules of
 * that version is decided again as it was.
 */
export const isOfFirstVersion = ({ of }: Pick<Goal, "of">): boolean => of === undefined;

/** A goal as users write it: `{ minimize: "loss" }`, `{ maximize: "accuracy", of: "best" }`. */
export type GoalInput = ({ readonly minimize: string } | { readonly maximize: string }) & {
  /** Which report of a training counts: `last` (the default) or `best`. */
  readonly of?: GoalReport | undefined;
  /** What counts of a trial's replicates: their `mean` (the default), `median` or `worst`. */
  readonly across?: GoalAcross | undefined;
};

/** Reads a goal as users write it. */
export function parseGoal(input: GoalInput): Goal {
  const { of = "last", across } = input;
  const counted = across === undefined ? { of } : { of, across };
  return "minimize" in input
    ? { metric: input.minimize, direction: "minimize", ...counted }
    : { metric: input.maximize, direction: "maximize", ...counted };
}

/** The number that stands for the values of several trainings; NaN if one of them diverged. */
export function acrossReplicates(values: readonly number[], goal: Goal): number {
  if (!values.every(Number.isFinite)) return Number.NaN;
  const ascending = values.toSorted((a, b) => costOf(a, goal) - costOf(b, goal));
  const middle = (ascending.length - 1) / 2;
  switch (goal.across ?? "mean") {
    case "mean":
      return values.reduce((sum, value) => sum + value, 0) / values.length;
    case "median":
      return (
        ((ascending[Math.floor(middle)] ?? Number.NaN) + (ascending[Math.ceil(middle)] ?? Number.NaN)) / 2
      );
    case "worst":
      return ascending.at(-1) ?? Number.NaN;
  }
}

/**
 * The cost of a value: lower is better whatever the direction, and NaN or an infinity of either sign is the worst
 * possible. Even `-Infinity` under `minimize` is a diverged training, not the best one.
 */
export function costOf(value: number, goal: MetricGoal): number {
  if (!Number.isFinite(value)) return Number.POSITIVE_INFINITY;
  return goal.direction === "minimize" ? value : -value;
}

/** Whether `a` is strictly better than `b` under the goal. */
export function isBetter(a: number, b: number, goal: MetricGoal): boolean {
  return costOf(a, goal) < costOf(b, goal);
}
