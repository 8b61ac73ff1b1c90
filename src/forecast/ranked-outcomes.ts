import type { MetricGoal } from "../core/goal.js";
import { placesOf } from "../core/goals/order-results.js";
import type { TrialResult } from "../core/goals/trial-result.js";
import type { SamplerSetup } from "../core/sampler.js";
import type { Trial } from "../core/trial.js";
import { createGoalResults } from "./goal-results.js";
import type { Outcome, Outcomes } from "./outcome.js";
import { penalized } from "./penalized-costs.js";

/** Costs of several goals: the place in their order, in which fronts come first (see {@link placesOf}). */
function placed(results: readonly TrialResult[], goals: readonly MetricGoal[]): number[] {
  const places = placesOf(results, goals);
  return results.map(({ costs, violation }, index) =>
    costs.every(Number.isFinite) && Number.isFinite(violation)
      ? (places[index]?.place ?? 0)
      : Number.POSITIVE_INFINITY,
  );
}

/**
 * What trials taught where there are several goals, or constraints on metrics: as one cost for each, by which they are
 * ordered. With several goals it is the place among all trials; with one goal and constraints the cost itself, and for
 * trials that break a constraint more than that of all others. Every new result can change all of them, so that the
 * revision changes with each.
 *
 * Paused and stopped trials count with the forecasts of all their goals; a goal that a trial never reported makes it as
 * bad as a failed one, once it has ended.
 */
export function createRankedOutcomes(
  { goal, maxSteps }: Pick<SamplerSetup, "goal" | "maxSteps">,
  rungs: readonly number[],
): Outcomes {
  const results = createGoalResults({ goal, maxSteps }, rungs);
  let settled: Outcome[] = [];
  let open: Outcome[] = [];
  let seen = 0;

  const catchUp = (): void => {
    if (seen === results.revision) return;
    seen = results.revision;
    const all = results.all();
    const known = all.flatMap(({ trial, result }) => (result === undefined ? [] : [{ trial, result }]));
    const found = known.map(({ result }) => result);
    const costs = results.goals.length === 1 ? penalized(found) : placed(found, results.goals);
    const costOfTrial = new Map(known.map(({ trial }, index) => [trial.number, costs[index]]));
    const outcomes = all.map(({ trial }) => ({
      state: trial.state,
      outcome: {
        trial: trial.number,
        params: trial.params,
        cost: costOfTrial.get(trial.number),
        deviation: 0,
        isInFlight: trial.state === "waiting" || trial.state === "running",
      },
    }));
    const isSettled = (state: Trial["state"]): boolean => state === "complete" || state === "failed";
    settled = outcomes.filter(({ state }) => isSettled(state)).map(({ outcome }) => outcome);
    open = outcomes.filter(({ state }) => !isSettled(state)).map(({ outcome }) => outcome);
  };

  return {
    note: results.note,
    get settled() {
      catchUp();
      return settled;
    },
    get revision() {
      catchUp();
      return seen;
    },
    open: () => {
      catchUp();
      return open;
    },
  };
}
