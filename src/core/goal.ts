/** Which way a metric is better. */
export type Direction = "minimize" | "maximize";

/** What a study optimizes: one metric, and which way it is better. */
export interface Goal {
  readonly metric: string;
  readonly direction: Direction;
}

/** A goal as users write it: `{ minimize: "loss" }`. */
export type GoalInput = { readonly minimize: string } | { readonly maximize: string };

/** Reads a goal as users write it. */
export function parseGoal(input: GoalInput): Goal {
  return "minimize" in input
    ? { metric: input.minimize, direction: "minimize" }
    : { metric: input.maximize, direction: "maximize" };
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
