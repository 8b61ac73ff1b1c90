/** Which way a metric is better. */
export type Direction = "minimize" | "maximize";

/** Which report of a training counts: its last one, or its best one. */
export const GOAL_REPORTS = ["last", "best"] as const;

export type GoalReport = (typeof GOAL_REPORTS)[number];

/** What a study is after: one metric, which way it is better, and which of a training's reports counts. */
export interface Goal {
  readonly metric: string;
  readonly direction: Direction;
  /** Absent in logs of version 0.1.0: the last one, except that curves were forecast to their best value. */
  readonly of?: GoalReport;
}

/** A goal as users write it: `{ minimize: "loss" }`, `{ maximize: "accuracy", of: "best" }`. */
export type GoalInput = ({ readonly minimize: string } | { readonly maximize: string }) & {
  /** Which report of a training counts: `last` (the default) or `best`. */
  readonly of?: GoalReport;
};

/** Reads a goal as users write it. */
export function parseGoal(input: GoalInput): Goal {
  const of = input.of ?? "last";
  return "minimize" in input
    ? { metric: input.minimize, direction: "minimize", of }
    : { metric: input.maximize, direction: "maximize", of };
}

/**
 * The cost of a value: lower is better whatever the direction, and NaN or an infinity of either sign is the worst
 * possible. Even `-Infinity` under `minimize` is a diverged training, not the best one.
 */
export function costOf(value: number, goal: Goal): number {
  if (!Number.isFinite(value)) return Number.POSITIVE_INFINITY;
  return goal.direction === "minimize" ? value : -value;
}

/** Whether `a` is strictly better than `b` under the goal. */
export function isBetter(a: number, b: number, goal: Goal): boolean {
  return costOf(a, goal) < costOf(b, goal);
}
