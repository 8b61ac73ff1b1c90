import { hasTrialLeft } from "../../core/course/budget.js";
import type { Decision, Explanation } from "../../core/decision.js";
import { trialOf } from "../../core/event-trial.js";
import { costOf } from "../../core/goal.js";
import { type Place, placesOf } from "../../core/goals/order-results.js";
import { goalsOf, resultOf, type TrialResult, violationOfTrial } from "../../core/goals/trial-result.js";
import type { Resumption, Scheduler } from "../../core/scheduler.js";
import type { Study } from "../../core/study.js";
import type { Trial } from "../../core/trial.js";
import { counted, shown } from "../../core/wording.js";
import { type CurveModel, createCurveModel } from "../../forecast/curve-model.js";
import { rungSteps } from "../../forecast/rung-steps.js";
import { createRandom, PURPOSE } from "../../math/random.js";
import type { PromoteSettings } from "./promote.js";
import { quotaText } from "./quota-text.js";
import { spendsRest } from "./spends-rest.js";

const RULE = "lcm/promote-by-front";

/** What a trial is forecast to end with, in all goals. */
interface FrontForecast {
  readonly trial: number;
  readonly rung: number;
  /** By goal: the expected value, in costs. */
  readonly costs: readonly number[];
  /** By goal: the cost with optimism. */
  readonly hoped: readonly number[];
  readonly violation: number;
}

/**
 * Learning Curve Matching with promotions, for several goals or with constraints on metrics: the end of each trial is
 * forecast in every goal, each by its own curve. Trials pause at rungs; when a rung's quota (one in `eta` of those that
 * reached it) has room, that paused trial goes on whose forecast, with optimism, is first in the order of all forecasts
 * at that rung and all complete trials: by front, then by the hypervolume that it adds (see `placesOf`). Once no new
 * trials begin, paused ones go on as long as one is forecast to join the front.
 *
 * A goal's metric that a trial has not reported yet counts as forecast at the median of those of the others.
 */
export function createPromotionByFront(settings: PromoteSettings): Scheduler {
  const { goal, maxSteps, eta, minSteps, accumulate, optimism, audit, seed } = settings;
  const goals = goalsOf(goal);
  const rungs = [...rungSteps({ minSteps, eta, maxSteps }), maxSteps];
  const top = rungs.length - 1;
  const models: readonly CurveModel[] = goals.map((each) =>
    createCurveModel({ ...each, of: goal.of ?? "last" }, rungs),
  );
  const [leading] = models;
  const follow = (trial: Trial): void => {
    for (const model of models) model.update(trial);
  };

  const rungOf = (trial: number): number => leading?.standingOf(trial)?.rung ?? -1;
  const hasDiverged = (trial: number): boolean =>
    models.some((model) => model.standingOf(trial)?.diverged === true);

  /** How many trials reached each rung, and how many went no further. */
  const countAt = (study: Study, rung: number): { reached: number; waiting: number } => {
    let reached = 0;
    let waiting = 0;
    for (const { number, state } of study.trials) {
      const at = rungOf(number);
      if (at >= rung) reached += 1;
      if (at === rung && (state === "paused" || state === "stopped" || state === "failed")) waiting += 1;
    }
    return { reached, waiting };
  };

  const medianCost = (model: CurveModel): number => {
    const costs = [...model.forecasts().values()]
      .filter(({ mean }) => Number.isFinite(mean))
      .map(({ mean }) => model.toCost(mean))
      .sort((a, b) => a - b);
    return costs[costs.length >> 1] ?? 0;
  };

  /** @param medians filled by model as they are needed */
  const forecastOf = (
    trial: Trial,
    kappa: number,
    medians = new Map<CurveModel, number>(),
  ): FrontForecast => {
    const costs: number[] = [];
    const hoped: number[] = [];
    for (const model of models) {
      const forecast = model.forecastOf(trial.number);
      if (forecast === undefined) {
        const median = medians.get(model) ?? medianCost(model);
        medians.set(model, median);
        costs.push(median);
        hoped.push(median);
      } else {
        costs.push(model.toCost(forecast.mean));
        hoped.push(model.toCost(forecast.mean - kappa * forecast.deviation));
      }
    }
    const violation = violationOfTrial(trial, goal);
    return { trial: trial.number, rung: rungOf(trial.number), costs, hoped, violation };
  };

  const completeResults = (study: Study): TrialResult[] =>
    [...study.byState.complete].flatMap((number) => {
      const trial = study.trials[number];
      return (trial && resultOf(trial, goal)) ?? [];
    });

  /** The forecast that comes first among all that are given and the complete trials. */
  const firstOf = (
    study: Study,
    forecasts: readonly FrontForecast[],
  ): { readonly forecast: FrontForecast; readonly at: Place } | undefined => {
    const results = forecasts.map(({ hoped, violation }): TrialResult => ({ costs: hoped, violation }));
    const places = placesOf([...results, ...completeResults(study)], goals);
    let first: { forecast: FrontForecast; at: Place } | undefined;
    for (const [index, forecast] of forecasts.entries()) {
      const at = places[index];
      if (at !== undefined && (first === undefined || at.place < first.at.place)) first = { forecast, at };
    }
    return first;
  };

  const pausedAt = (study: Study, kappa: number, rung?: number): FrontForecast[] => {
    const medians = new Map<CurveModel, number>();
    return [...study.byState.paused]
      .sort((a, b) => a - b)
      .flatMap((number) => {
        const trial = study.trials[number];
        const at = rungOf(number);
        if (trial === undefined || at < 0 || hasDiverged(number)) return [];
        return rung === undefined || at === rung ? [forecastOf(trial, kappa, medians)] : [];
      });
  };

  const valueOf = (cost: number, index: number): number => costOf(cost, goals[index] ?? goal);
  const inWords = ({ costs }: FrontForecast): string =>
    goals
      .map(({ metric }, index) => `${metric} ${shown(valueOf(costs[index] ?? Number.NaN, index))}`)
      .join(", ");
  const explain = (forecast: FrontForecast, reason: string, values: Record<string, number>): Explanation => {
    const forecasts = goals.flatMap(({ metric }, index) => {
      const value = valueOf(forecast.costs[index] ?? Number.NaN, index);
      return Number.isFinite(value) ? [[metric, value] as const] : [];
    });
    const rung = rungs[forecast.rung] ?? 0;
    return { rule: RULE, reason, values: { ...Object.fromEntries(forecasts), ...values, rung } };
  };

  const isAudited = (trial: Trial, study: Study): boolean => {
    const share = (audit * study.totalSteps) / (study.trials.length * maxSteps);
    return createRandom(seed, trial.number, PURPOSE.scheduler).uniform() < share;
  };

  const decide = (trial: Trial, step: number, study: Study): Decision => {
    const standing = leading?.standingOf(trial.number);
    if (standing === undefined) return { action: "continue" };
    if (hasDiverged(trial.number)) {
      const reason = `One of its goals diverged at step ${step}, and diverged trainings do not recover.`;
      return { action: "stop", explanation: { rule: RULE, reason, values: { step } } };
    }
    if (standing.rung >= top || standing.arrival !== step) return { action: "continue" };
    const forecast = forecastOf(trial, 0);
    if (trial.number < accumulate) {
      const reason = `The first ${counted(accumulate, "trial")} ${accumulate === 1 ? "is" : "are"} trained to the end.`;
      return { action: "continue", explanation: explain(forecast, reason, { accumulate }) };
    }
    if (isAudited(trial, study)) {
      const reason = "It was drawn to be trained to its end whatever its curve, to keep forecasts honest.";
      return { action: "continue", explanation: explain(forecast, reason, { audit }) };
    }
    const { reached, waiting } = countAt(study, standing.rung);
    const reason =
      `It waits at step ${rungs[standing.rung]}, forecast to end at ${inWords(forecast)}: ` +
      quotaText({ reached, eta, others: reached - waiting - 1 });
    return { action: "pause", explanation: explain(forecast, reason, { reached }) };
  };

  /** Once no new trials begin: the paused trial whose forecast adds most to the front of the complete ones. */
  const challenger = (study: Study, isEnding: boolean): Resumption | undefined => {
    if (study.byState.complete.size === 0 && !isEnding) return undefined;
    const first = firstOf(study, pausedAt(study, 0));
    if (first === undefined) return undefined;
    const joins = first.at.front === 0 || study.byState.complete.size === 0;
    if (!joins && !spendsRest(study)) return undefined;
    const { forecast } = first;
    const what = joins
      ? "it is forecast to add most to the front"
      : "its forecast is the nearest to the front";
    const reason =
      `No new trials begin, and of the paused ones ${what}: ${inWords(forecast)} at the end. ` +
      `${joins ? "It" : "As budget is left, it"} goes on to step ${rungs[forecast.rung + 1]}.`;
    return { trial: forecast.trial, explanation: explain(forecast, reason, {}) };
  };

  const resume = (study: Study, isEnding = false, isClosed = isEnding): Resumption | undefined => {
    for (let rung = top - 1; rung >= 0; rung--) {
      const { reached, waiting } = countAt(study, rung);
      if (reached - waiting >= Math.floor(reached / eta)) continue;
      const kappa = optimism * createRandom(seed, study.events, PURPOSE.scheduler).uniform();
      const first = firstOf(study, pausedAt(study, kappa, rung));
      if (first === undefined) continue;
      const { forecast } = first;
      const reason =
        `Of the trials waiting at step ${rungs[rung]}, its forecast is the most promising: ${inWords(forecast)} at the end, ` +
        `with ${shown(kappa)} standard deviations of optimism. It goes on to step ${rungs[rung + 1]}.`;
      return { trial: forecast.trial, explanation: explain(forecast, reason, { optimism: kappa }) };
    }
    if (!isClosed && hasTrialLeft(study)) return undefined;
    return challenger(study, isEnding);
  };

  return {
    restore: (study) => {
      for (const trial of study.trials) follow(trial);
    },
    observe: (event, study) => {
      const trial = trialOf(event, study);
      if (trial !== undefined) follow(trial);
    },
    decide,
    resume,
  };
}
