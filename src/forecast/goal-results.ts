import { costOf, type MetricGoal } from "../core/goal.js";
import { goalsOf, resultOf, type TrialResult, violationOfTrial } from "../core/goals/trial-result.js";
import type { SamplerSetup } from "../core/sampler.js";
import { lastValue, type Trial } from "../core/trial.js";
import { createCurveModel } from "./curve-model.js";

/** A trial with what it reached, or is forecast to reach, in all goals. */
export interface GoalResult {
  readonly trial: Trial;
  /** Undefined while one of its goals is unknown. Infinite costs: it failed, diverged, or ended without one of them. */
  readonly result: TrialResult | undefined;
}

/** The results of a study's trials in all goals. */
export interface GoalResults {
  readonly goals: readonly MetricGoal[];
  /** Takes in a trial's state; to be called for every trial of an event, see `followTrials`. */
  note(trial: Trial): void;
  /** Changes whenever a trial was noted. */
  readonly revision: number;
  /** All trials, by number. */
  all(): GoalResult[];
}

/**
 * Follows what trials reach in all goals, for samplers that compare trials in several goals or under constraints on
 * metrics. Paused and stopped trials count with the forecasts of all their goals (see `createCurveModel`); in a study
 * without `maxSteps` with what they last reported.
 *
 * @param rungs the steps below `maxSteps` at which curves are compared
 */
export function createGoalResults(
  { goal, maxSteps }: Pick<SamplerSetup, "goal" | "maxSteps">,
  rungs: readonly number[],
): GoalResults {
  const goals = goalsOf(goal);
  const models =
    maxSteps === undefined
      ? []
      : goals.map((each) => createCurveModel({ ...each, of: goal.of ?? "last" }, [...rungs, maxSteps]));
  const trials = new Map<number, Trial>();
  let revision = 0;

  const lost = (): TrialResult => ({
    costs: goals.map(() => Number.POSITIVE_INFINITY),
    violation: Number.POSITIVE_INFINITY,
  });

  const forecastCosts = (trial: Trial): number[] | undefined => {
    const costs: number[] = [];
    for (const [index, each] of goals.entries()) {
      const model = models[index];
      const forecast = model?.forecastOf(trial.number);
      const value = lastValue(trial, each.metric);
      if (model !== undefined && forecast !== undefined) costs.push(model.toCost(forecast.mean));
      else if (value !== undefined) costs.push(costOf(value, each));
      else return undefined;
    }
    return costs;
  };

  const resultOfTrial = (trial: Trial): TrialResult | undefined => {
    if (trial.state === "failed") return lost();
    if (trial.state === "complete") return resultOf(trial, goal);
    const costs = forecastCosts(trial);
    if (costs !== undefined) return { costs, violation: violationOfTrial(trial, goal) };
    return trial.state === "stopped" ? lost() : undefined;
  };

  return {
    goals,
    note: (trial) => {
      for (const model of models) model.update(trial);
      trials.set(trial.number, trial);
      revision += 1;
    },
    get revision() {
      return revision;
    },
    all: () =>
      [...trials.values()]
        .toSorted((a, b) => a.number - b.number)
        .map((trial) => ({ trial, result: resultOfTrial(trial) })),
  };
}
