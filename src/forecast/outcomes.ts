import { costOf } from "../core/goal.js";
import { isPlainGoal } from "../core/goals/trial-result.js";
import type { SamplerSetup } from "../core/sampler.js";
import { goalValue, type Trial } from "../core/trial.js";
import { createCurveModel } from "./curve-model.js";
import type { Outcome, Outcomes } from "./outcome.js";
import { createRankedOutcomes } from "./ranked-outcomes.js";
import { rungSteps } from "./rung-steps.js";

export type { Outcome, Outcomes } from "./outcome.js";

/** The factor between the rungs at which curves are compared. */
export const RUNG_FACTOR = 4;

/**
 * Follows what the trials of a study taught, for samplers that learn from costs alone. A trial that the scheduler
 * paused or stopped counts with the forecast of its end (see `createCurveModel`), so that the sampler sees all trials at
 * the same point of their training. In a study without `maxSteps` there is no such point, and the value that the trial
 * has reached counts.
 *
 * With several goals, or constraints on metrics, costs say how trials are ordered: see {@link createRankedOutcomes}.
 *
 * The cost of a call does not depend on how many trials are settled, except where curves have to be forecast.
 */
export function createOutcomes({ goal, maxSteps }: Pick<SamplerSetup, "goal" | "maxSteps">): Outcomes {
  const rungs = maxSteps === undefined ? [] : rungSteps({ minSteps: 1, eta: RUNG_FACTOR, maxSteps });
  if (!isPlainGoal(goal)) return createRankedOutcomes({ goal, maxSteps }, rungs);
  const model = maxSteps === undefined ? undefined : createCurveModel(goal, [...rungs, maxSteps]);
  let settled: Outcome[] = [];
  let revision = 0;
  /** Of settled trials: their places. */
  const places = new Map<number, number>();
  const unsettled = new Map<number, Trial>();

  const settledCost = (trial: Trial): number => {
    const value = trial.state === "failed" ? undefined : goalValue(trial, goal);
    return value === undefined ? Number.POSITIVE_INFINITY : costOf(value, goal);
  };

  const unsettle = (number: number): void => {
    settled = settled.filter(({ trial }) => trial !== number);
    places.clear();
    for (const [place, { trial }] of settled.entries()) places.set(trial, place);
    revision += 1;
  };

  const reachedSoFar = (trial: Trial): Pick<Outcome, "cost" | "deviation"> => {
    const value = goalValue(trial, goal);
    const isOver = trial.state === "stopped";
    if (value === undefined) return { cost: isOver ? Number.POSITIVE_INFINITY : undefined, deviation: 0 };
    return { cost: costOf(value, goal), deviation: 0 };
  };

  const expected = (trial: Trial): Pick<Outcome, "cost" | "deviation"> => {
    const forecast = model?.forecastOf(trial.number);
    if (model === undefined || forecast === undefined) return reachedSoFar(trial);
    const { mean, deviation } = forecast;
    if (!Number.isFinite(mean)) return { cost: Number.POSITIVE_INFINITY, deviation: 0 };
    const cost = model.toCost(mean);
    // In the model's scale an interval is symmetric; half of its width is the deviation in costs.
    return { cost, deviation: (model.toCost(mean + deviation) - model.toCost(mean - deviation)) / 2 };
  };

  return {
    note: (trial) => {
      const { number, params, state } = trial;
      model?.update(trial);
      const isSettled = state === "complete" || state === "failed";
      const place = places.get(number);
      if (place !== undefined) {
        const before = settled[place];
        if (isSettled && before?.params === params && before.cost === settledCost(trial)) return;
        unsettle(number);
      }
      if (!isSettled) {
        unsettled.set(number, trial);
        return;
      }
      unsettled.delete(number);
      places.set(number, settled.length);
      settled.push({ trial: number, params, cost: settledCost(trial), deviation: 0, isInFlight: false });
    },
    get settled() {
      return settled;
    },
    get revision() {
      return revision;
    },
    open: () =>
      [...unsettled.values()]
        .toSorted((a, b) => a.number - b.number)
        .map((trial) => ({
          trial: trial.number,
          params: trial.params,
          ...expected(trial),
          isInFlight: trial.state === "waiting" || trial.state === "running",
        })),
  };
}
