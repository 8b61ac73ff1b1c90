import { bestTrial } from "../../core/best-trial.js";
import { hasTrialLeft } from "../../core/course/budget.js";
import type { Decision, Explanation } from "../../core/decision.js";
import { trialOf } from "../../core/event-trial.js";
import { costOf, type Goal, isOfFirstVersion } from "../../core/goal.js";
import type { Resumption, Scheduler } from "../../core/scheduler.js";
import type { Study } from "../../core/study.js";
import { transferredTo } from "../../core/transferred-study.js";
import { lastStep, type Trial } from "../../core/trial.js";
import { counted, shown } from "../../core/wording.js";
import {
  type CurveForecast,
  type CurveModel,
  createCurveModel,
  INTERVAL_DEVIATIONS,
} from "../../forecast/curve-model.js";
import { explainedShare } from "../../forecast/end-line.js";
import { rungSteps } from "../../forecast/rung-steps.js";
import { createRandom, PURPOSE } from "../../math/random.js";
import { quotaText } from "./quota-text.js";
import { spendsRest } from "./spends-rest.js";

/** The rule's name in explanations. */
export const PROMOTE_RULE = "lcm/promote";

/** How many first trials go straight to the second rung, if together they cost at most one complete training. */
const OPENING_TRIALS = 8;
/** The first rung at which trials are paused is one of the first three at which anything is known. */
const HIGHEST_FIRST_RUNG = 2;
/** The share that a rung is assumed to explain while fewer than two trials have gone beyond it. */
const UNKNOWN_SHARE = 0.8;
/** Keeps the worth of a rung that explains everything finite. */
const LEAST_IGNORANCE = 0.5;
/** How many curves an explanation names. */
const SHOWN_NEIGHBOURS = 7;

/** The rule's settings. */
export interface PromoteSettings {
  readonly goal: Goal;
  readonly maxSteps: number;
  /** One in this many trials goes on from each rung. */
  readonly eta: number;
  /** The first rung's step. */
  readonly minSteps: number;
  /** How many first trials are trained to the end. */
  readonly accumulate: number;
  /** The trial with the lowest mean - k * deviation is promoted, with k drawn from [0, optimism] each time. */
  readonly optimism: number;
  /** The share of all steps spent on trials that are trained to the end whatever the rule says. */
  readonly audit: number;
  readonly seed: number;
  /** The earlier studies whose curves may be neighbours too. */
  readonly transfer: readonly string[];
}

/** A trial's place; a parked trial went no further than its rung. */
interface Place {
  /** The lowest rung that counts for it. */
  readonly first: number;
  readonly rung: number;
  readonly parked: boolean;
  /** The rungs from which it went on after a pause. */
  readonly promotedFrom: readonly number[];
}

/** Whether a trial got no further than the rung that it reached: it waits or ended there. */
function isParked(trial: Trial): boolean {
  if (trial.state === "paused" || trial.state === "stopped" || trial.state === "failed") return true;
  return trial.state === "running" && trial.decision?.step === lastStep(trial);
}

/** Whether no trial trains, but for one. */
function isAlone({ byState: { running } }: Study, trial?: number): boolean {
  return running.size === 0 || (running.size === 1 && trial !== undefined && running.has(trial));
}

/**
 * The lowest rung that tells most about the ends of trainings for its steps: early trials teach what rungs are worth.
 *
 * @param lowest the lowest rung at which the goal metric of any trial is known
 */
function firstRung(model: CurveModel, trial: number, lowest: number): number {
  const { rungs } = model;
  const highest = rungs.length - 2;
  if (lowest >= highest) return lowest;
  const second = rungs[lowest + 1] ?? 1;
  const maxSteps = rungs.at(-1) ?? 1;
  if (trial < Math.min(OPENING_TRIALS, Math.floor(maxSteps / second))) return lowest + 1;
  // While the first ones are still under way nothing is known of any rung, and going on would cost every worker.
  if (model.lineAt(lowest).count === 0) return lowest;
  let best = lowest;
  let most = Number.NEGATIVE_INFINITY;
  for (let rung = lowest; rung <= Math.min(highest, lowest + HIGHEST_FIRST_RUNG); rung++) {
    const line = model.lineAt(rung);
    const isUnknown = rung > lowest && line.count < 2;
    const share = isUnknown ? UNKNOWN_SHARE : Math.max(explainedShare(line), 1e-3);
    const perStep = 1 / ((rungs[rung] ?? 1) * (1 / share - 1 + LEAST_IGNORANCE));
    if (perStep > most) {
      most = perStep;
      best = rung;
    }
    if (isUnknown) break;
  }
  return best;
}

/**
 * Learning Curve Matching with promotions: trials pause at rungs, and if a rung's quota (one in `eta` of those that
 * reached it) has room, the trial with the best forecast, including optimism, goes on. While others train, those that
 * passed a rung without a pause do not use up its quota: alone, it pays to look at many trials before any goes deep, but
 * many workers are not done with that before most steps are spent. Only diverged trainings are stopped for good.
 */
export function createPromotion(settings: PromoteSettings): Scheduler {
  const { goal, maxSteps, eta, minSteps, accumulate, optimism, audit, seed, transfer } = settings;
  const model = createCurveModel(goal, [...rungSteps({ minSteps, eta, maxSteps }), maxSteps]);
  const { rungs } = model;
  const top = rungs.length - 1;
  const isEarlier = isOfFirstVersion(goal);
  const places: Place[] = [];
  const reached = rungs.map(() => 0);
  const parked = rungs.map(() => 0);
  const promoted = rungs.map(() => 0);

  /** Adds a trial to the counts of the rungs that it has reached, at which it is, and from which it was let go on. */
  const count = ({ first, rung, parked: isThere, promotedFrom }: Place, change: number): void => {
    for (let each = Math.max(first, 0); each <= rung; each++) reached[each] = (reached[each] ?? 0) + change;
    if (isThere) parked[rung] = (parked[rung] ?? 0) + change;
    for (const each of promotedFrom) promoted[each] = (promoted[each] ?? 0) + change;
  };
  const placeOf = (trial: Trial): Place => {
    const { firstRung: first = 0, rung = -1 } = model.standingOf(trial.number) ?? {};
    const isThere = rung >= 0 && isParked(trial);
    const from = new Set(trial.pauses.map((step) => rungs.findLastIndex((each) => each <= step)));
    const promotedFrom = [...from].filter(
      (each) => each >= Math.max(first, 0) && (isThere ? each < rung : each <= rung),
    );
    return { first, rung, parked: isThere, promotedFrom };
  };
  // A trial that goes on with an older model is back before rungs that it had reached.
  const follow = (trial: Trial): void => {
    model.update(trial);
    const before = places[trial.number];
    if (before !== undefined) count(before, -1);
    const place = placeOf(trial);
    places[trial.number] = place;
    count(place, 1);
  };
  /** How many of those that reached a rung went on from it, as its quota counts them. @param alone see {@link isAlone} */
  const goneOnFrom = (rung: number, alone: boolean): number =>
    alone || isEarlier ? (reached[rung] ?? 0) - (parked[rung] ?? 0) : (promoted[rung] ?? 0);

  /** Before any trial went on from the rung, there is nothing to learn a forecast from: it has no interval. */
  const hasInterval = ({ rung }: CurveForecast): boolean => model.lineAt(Math.max(rung, 0)).count > 0;
  const inWords = (forecast: CurveForecast): string =>
    `${shown(valueOf(model.toCost(forecast.mean)))}${hasInterval(forecast) ? ` (${spread(forecast)})` : ""}`;
  const valueOf = (cost: number): number => (goal.direction === "minimize" ? cost : -cost);
  const intervalOf = ({ mean, deviation }: CurveForecast): { low: number; high: number } => {
    const half = INTERVAL_DEVIATIONS * deviation;
    const bounds = [mean - half, mean + half].map((each) => valueOf(model.toCost(each)));
    return { low: Math.min(...bounds), high: Math.max(...bounds) };
  };
  const spread = (forecast: CurveForecast): string => {
    const { low, high } = intervalOf(forecast);
    return `${shown(low)} to ${shown(high)}`;
  };
  const valuesOf = (study: Study, forecast: CurveForecast): Record<string, number> => ({
    rung: rungs[forecast.rung] ?? 0,
    reached: reached[forecast.rung] ?? 0,
    goneOn: goneOnFrom(forecast.rung, isAlone(study, forecast.trial)),
    [goal.of === "last" ? "value" : "best"]: valueOf(model.toCost(forecast.present)),
    forecast: valueOf(model.toCost(forecast.mean)),
    deviation: forecast.deviation,
    ...(hasInterval(forecast) ? intervalOf(forecast) : {}),
  });
  const explain = (
    study: Study,
    forecast: CurveForecast,
    reason: string,
    values: Record<string, number>,
  ): Explanation => {
    const neighbours = model.neighboursOf(forecast.trial).slice(0, SHOWN_NEIGHBOURS);
    return {
      rule: PROMOTE_RULE,
      reason,
      values: finite({ ...valuesOf(study, forecast), ...values }),
      ...(neighbours.length === 0
        ? {}
        : {
            neighbours: neighbours.map(({ trial, study, distance, end }) => ({
              trial,
              ...(study === undefined ? {} : { study }),
              distance,
              forecast: valueOf(model.toCost(end)),
            })),
          }),
    };
  };

  const isAudited = (trial: Trial, study: Study): boolean => {
    const share = (audit * study.totalSteps) / (study.trials.length * maxSteps);
    return createRandom(seed, trial.number, PURPOSE.scheduler).uniform() < share;
  };

  const decide = (trial: Trial, step: number, study: Study): Decision => {
    const standing = model.standingOf(trial.number);
    if (standing === undefined) return { action: "continue" };
    if (standing.diverged) {
      const reason = `Its ${goal.metric} diverged at step ${step}, and diverged trainings do not recover.`;
      return { action: "stop", explanation: { rule: PROMOTE_RULE, reason, values: { step } } };
    }
    const { rung, arrival } = standing;
    const arrives = rung < top && arrival === step;
    if (!arrives) return { action: "continue" };
    const forecast = model.forecastOf(trial.number);
    if (forecast === undefined) return { action: "continue" };
    if (trial.number < accumulate) {
      const reason = `The first ${counted(accumulate, "trial")} ${accumulate === 1 ? "is" : "are"} trained to the end.`;
      return { action: "continue", explanation: explain(study, forecast, reason, { accumulate }) };
    }
    const lowest = reached.findIndex((count) => count > 0);
    const first = firstRung(model, trial.number, lowest);
    if (rung < first) {
      const reason =
        trial.number < OPENING_TRIALS
          ? `The first trials go on to step ${rungs[first]}, to learn what early steps say about the end.`
          : `Step ${rungs[rung]} says too little about the end; trials are compared from step ${rungs[first]} on.`;
      return {
        action: "continue",
        explanation: explain(study, forecast, reason, { firstRung: rungs[first] ?? 0 }),
      };
    }
    if (isAudited(trial, study)) {
      const reason = "It was drawn to be trained to its end whatever its curve, to keep forecasts honest.";
      return { action: "continue", explanation: explain(study, forecast, reason, { audit }) };
    }
    const alone = isAlone(study, trial.number);
    // Alone, whoever does not wait there has gone on: so far this one, too.
    const others = goneOnFrom(rung, alone) - Number(alone || isEarlier);
    const reason =
      `It waits at step ${rungs[rung]}, forecast to end at ${goal.metric} ${inWords(forecast)}: ` +
      quotaText({ reached: reached[rung] ?? 0, eta, others });
    return { action: "pause", explanation: explain(study, forecast, reason, {}) };
  };

  /** If a study would end without a complete training, the trial with the best forecast goes on. */
  const lastResort = (study: Study): Resumption | undefined => {
    if (study.byState.complete.size > 0) return undefined;
    const forecasts = model.forecasts();
    let best: CurveForecast | undefined;
    for (const number of study.byState.paused) {
      const forecast = forecasts.get(number);
      if (forecast === undefined || forecast.diverged || !Number.isFinite(forecast.mean)) continue;
      const isBetter =
        best === undefined ||
        forecast.rung > best.rung ||
        (forecast.rung === best.rung && forecast.mean < best.mean);
      if (isBetter) best = forecast;
    }
    if (best === undefined) return undefined;
    const reason =
      "There is nothing else left to do and no training is complete, so the trial with the best forecast at the deepest rung goes on.";
    return { trial: best.trial, explanation: explain(study, best, reason, {}) };
  };

  /** Of the paused trials, the best forecast. */
  const bestPaused = (study: Study): CurveForecast | undefined => {
    const forecasts = model.forecasts();
    let best: CurveForecast | undefined;
    for (const number of study.byState.paused) {
      const forecast = forecasts.get(number);
      if (forecast === undefined || forecast.diverged) continue;
      if (best === undefined || isAhead(forecast, best)) best = forecast;
    }
    return best;
  };

  /**
   * Once no new trials begin, the one with the best forecast goes on: as long as it is forecast to be the best, or while
   * there is a budget that it can use.
   */
  const challenger = (study: Study): Resumption | undefined => {
    const champion = bestTrial(study);
    if (champion?.complete !== true) return undefined;
    const best = bestPaused(study);
    if (best === undefined) return undefined;
    const isBetter = model.toCost(best.mean) < costOf(champion.value, goal);
    if (!isBetter && !spendsRest(study)) return undefined;
    const compared = `${isBetter ? "better" : "not better"} than the ${shown(champion.value)} of trial ${champion.trial.number}`;
    const reason =
      `No new trials begin, and of the paused ones its forecast is the best: ${goal.metric} ${inWords(best)} at the end, ` +
      `${compared}. ${isBetter ? "It" : "As budget is left, it"} goes on to step ${rungs[best.rung + 1]}.`;
    return { trial: best.trial, explanation: explain(study, best, reason, { toBeat: champion.value }) };
  };

  const resume = (study: Study, isEnding = false, isClosed = isEnding): Resumption | undefined => {
    for (let rung = top - 1; rung >= 0; rung--) {
      if (goneOnFrom(rung, isAlone(study)) >= Math.floor((reached[rung] ?? 0) / eta)) continue;
      const kappa = optimism * createRandom(seed, study.events, PURPOSE.scheduler).uniform();
      const best = model.mostPromising(rung, kappa, (trial) => study.byState.paused.has(trial));
      if (best === undefined) continue;
      const reason =
        `Of the trials waiting at step ${rungs[rung]}, its forecast is the most promising: ${goal.metric} ${inWords(best)} at the end, ` +
        `with ${shown(kappa)} standard deviations of optimism. It goes on to step ${rungs[rung + 1]}.`;
      return { trial: best.trial, explanation: explain(study, best, reason, { optimism: kappa }) };
    }
    if (!isClosed && hasTrialLeft(study)) return undefined;
    return challenger(study) ?? (isEnding ? lastResort(study) : undefined);
  };

  return {
    restore: (study) => {
      model.transfer(transferredTo(study, transfer));
      for (const trial of study.trials) follow(trial);
    },
    observe: (event, study) => {
      if (event.type === "curves-transferred") model.transfer(transferredTo(study, transfer));
      const trial = trialOf(event, study);
      if (trial !== undefined) follow(trial);
    },
    decide,
    resume,
  };
}

const isAhead = (a: CurveForecast, b: CurveForecast): boolean =>
  a.mean < b.mean || (a.mean === b.mean && a.trial < b.trial);

function finite(values: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => Number.isFinite(value)));
}
