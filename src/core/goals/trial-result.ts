import { ofFields } from "../fields.js";
import { acrossReplicates, costOf, type Goal, type MetricGoal } from "../goal.js";
import { goalStep, goalValue, lastValue, type Trial, valueAtStep } from "../trial.js";
import { violationOf } from "./metric-constraint.js";

/** What a trial is compared by where there are several goals, or constraints on metrics. */
export interface TrialResult {
  /** By goal, in their order: lower is better whatever the direction. */
  readonly costs: readonly number[];
  /** How far it is from being feasible: 0 if it breaks no constraint on a metric that it reported. */
  readonly violation: number;
}

/** What {@link resultOf} looks at. */
type Measured = Pick<Trial, "curve" | "inheritances" | "state" | "replicates">;

/** All goals of a study, in their order. */
export function goalsOf({ metric, direction, reference, others = [] }: Goal): readonly MetricGoal[] {
  return [ofFields<MetricGoal>({ metric, direction, reference }), ...others];
}

/** Whether every goal has a reference, so that hypervolumes at different times, or of several studies, can be compared. */
export const hasReferences = (goal: Goal): boolean =>
  goalsOf(goal).every(({ reference }) => reference !== undefined);

/** Whether trials are compared by one metric and nothing else. */
export function isPlainGoal({ others = [], constraints = [] }: Goal): boolean {
  return others.length === 0 && constraints.length === 0;
}

/** A metric of one training: at the report by which the goal measures it or, if it lacks the metric, its last value. */
function valueOfTraining(training: Pick<Trial, "curve">, metric: string, goal: Goal): number | undefined {
  const step = goalStep(training, goal);
  return (
    (step === undefined ? undefined : valueAtStep(training, metric, step)) ?? lastValue(training, metric)
  );
}

/**
 * A metric of a trial, at the report by which the study's goal measures the trial: all values are of one model. Where
 * that report lacks the metric, its last value. With replicates, the mean, median or worst of them, as for the goal.
 * Undefined when it was not reported; NaN when it diverged.
 */
export function metricValue(trial: Measured, metric: string, goal: Goal): number | undefined {
  if (metric === goal.metric) return goalValue(trial, goal);
  if (trial.replicates.length === 0) return valueOfTraining(trial, metric, goal);
  const ended = trial.state === "complete" ? trial.replicates : trial.replicates.slice(0, -1);
  const values = [trial, ...ended].flatMap((training) => valueOfTraining(training, metric, goal) ?? []);
  const own = goalsOf(goal).find((each) => each.metric === metric);
  return values.length === 0
    ? undefined
    : acrossReplicates(values, { ...goal, direction: own?.direction ?? "minimize" });
}

/**
 * How far a trial is from being feasible: the sum over the constraints on metrics, each as a share of its limit. A
 * metric that it has not reported yet breaks nothing, unless the trial is complete.
 */
export function violationOfTrial(trial: Measured, goal: Goal): number {
  let sum = 0;
  for (const constraint of goal.constraints ?? []) {
    const value = metricValue(trial, constraint.metric, goal);
    if (value !== undefined) sum += violationOf(value, constraint);
    else if (trial.state === "complete") sum = Number.POSITIVE_INFINITY;
  }
  return sum;
}

/**
 * What a trial reached in all goals. A goal that a complete trial never reported has an infinite cost. Undefined while
 * any of them is unknown.
 */
export function resultOf(trial: Measured, goal: Goal): TrialResult | undefined {
  const costs: number[] = [];
  for (const each of goalsOf(goal)) {
    const value = metricValue(trial, each.metric, goal);
    if (value === undefined && trial.state !== "complete") return undefined;
    costs.push(costOf(value ?? Number.NaN, each));
  }
  return { costs, violation: violationOfTrial(trial, goal) };
}
