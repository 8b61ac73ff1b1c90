import { isFinished } from "../core/course/budget.js";
import { hasForgotten } from "../core/forgetting.js";
import { costOf, type Goal } from "../core/goal.js";
import { violationOfTrial } from "../core/goals/trial-result.js";
import { secondsPerStart, secondsPerStep } from "../core/pace.js";
import type { Study } from "../core/study.js";
import { goalValue, type Trial } from "../core/trial.js";
import { createRandom } from "../math/random.js";
import { createCurveModel } from "./curve-model.js";
import { rungSteps } from "./rung-steps.js";
import { type Gain, worthOf } from "./worth.js";

/** The factor between the rungs at which curves are compared. */
const ETA = 4;
/** Keeps the random numbers of these forecasts apart from all others. */
const WORTH = 5;
/** Of the steps spent so far: how far ahead it is looked, when it is asked whether going on is worthwhile. */
const HORIZONS = [0.05, 0.1, 0.2, 0.5, 1];

/**
 * The most trials whose ends are forecast: forecasts of all take time with the square of their number, and the shares of
 * good ends among so many are known well enough.
 */
const MOST_FORECAST = 2000;

/** What a number of further steps is expected to bring, in the goal's metric. */
export interface Worth extends Gain {
  readonly steps: number;
  /** Seconds of training that they take, summed over workers, with starts; undefined before anything was measured. */
  readonly seconds: number | undefined;
}

/** Whether going on pays, and for how many steps that was judged: those that pay most, or cost least. */
export interface Judgement extends Worth {
  /** What the expected gain is worth, in the user's own unit. */
  readonly value: number;
  /** What the steps cost, in the same unit. */
  readonly price: number;
  readonly isWorthwhile: boolean;
}

/** Judges what going on with a study is worth, as it grows. */
export interface WorthModel {
  /** Takes in a trial's state; to be called for every trial of an event, see `trialOf`. */
  note(trial: Trial): void;
  /**
   * What further steps are expected to bring; undefined while too little is known, in studies with several goals, and in
   * those so large that complete trials were forgotten.
   *
   * @param steps by default as many as half of those spent so far, but no more than the budget has left
   */
  worthOf(study: Study, steps?: number): Worth | undefined;
  /**
   * Whether any number of further steps is expected to be worth its price; undefined without prices in the budget, and
   * while too little is known.
   */
  judge(study: Study): Judgement | undefined;
}

/** The lowest cost that a metric can have, as far as its values show: losses and shares have ends. */
function floorOf(costs: readonly number[], { direction }: Goal): number {
  if (costs.length === 0) return Number.NEGATIVE_INFINITY;
  if (direction === "minimize") return costs.every((cost) => cost >= 0) ? 0 : Number.NEGATIVE_INFINITY;
  return costs.every((cost) => cost <= 0 && cost >= -1) ? -1 : Number.NEGATIVE_INFINITY;
}

/** The steps that the budget has left; infinite without a limit of steps. */
function stepsLeft({ definition, totalSteps }: Study): number {
  return Math.max(0, (definition.budget.totalSteps ?? Number.POSITIVE_INFINITY) - totalSteps);
}

/** @param definition of the study: its goal and where trainings end */
export function createWorthModel({ goal, maxSteps }: Study["definition"]): WorthModel {
  const rungs = maxSteps === undefined ? [] : rungSteps({ minSteps: 1, eta: ETA, maxSteps });
  const newModel = () => (maxSteps === undefined ? undefined : createCurveModel(goal, [...rungs, maxSteps]));
  const trials = new Map<number, Trial>();
  let model = newModel();
  /** Every trial is forecast whose number is a multiple of it. */
  let stride = 1;
  const isForecast = ({ number }: Trial): boolean => number % stride === 0;

  /** What a trial ended with or is forecast to end with; undefined if that is unknown, or it failed or is infeasible. */
  const endOf = (trial: Trial): number | undefined => {
    const { number, state } = trial;
    if (state === "failed" || violationOfTrial(trial, goal) > 0) return undefined;
    const forecast = state === "complete" ? undefined : model?.forecastOf(number);
    if (model === undefined || forecast === undefined) {
      const value = goalValue(trial, goal);
      return value === undefined ? undefined : costOf(value, goal);
    }
    return forecast.diverged ? undefined : model.toCost(forecast.mean);
  };

  /** Infinite for trials that diverged or are infeasible. */
  const completedCosts = (): number[] =>
    [...trials.values()]
      .filter(({ state }) => state === "complete")
      .toSorted((a, b) => (a.completion ?? 0) - (b.completion ?? 0))
      .map((trial) => endOf(trial) ?? Number.POSITIVE_INFINITY);

  const gainOf = (study: Study, steps: number): Worth | undefined => {
    if (goal.others !== undefined || hasForgotten(study)) return undefined;
    const completed = completedCosts();
    const ends = [...trials.values()]
      .filter(isForecast)
      .map(endOf)
      .filter((cost) => cost !== undefined)
      .filter(Number.isFinite);
    const floor = floorOf(completed.filter(Number.isFinite), goal);
    const gain = worthOf(
      { completed, ends, steps: study.totalSteps, further: steps, floor },
      // Not by the number of events: a note must not change what is expected.
      createRandom(study.definition.seed, study.totalSteps, WORTH),
    );
    // Costs that differ by more than a number can hold have no mean.
    if (gain === undefined || ![gain.mean, gain.low, gain.high].every(Number.isFinite)) return undefined;
    const perStep = secondsPerStep(study.pace);
    const perStart = secondsPerStart(study.pace) ?? 0;
    const starts = study.totalSteps === 0 ? 0 : (study.pace.starts / study.totalSteps) * steps;
    return {
      ...gain,
      steps,
      seconds: perStep === undefined ? undefined : perStep * steps + perStart * starts,
    };
  };

  const horizon = (study: Study, share: number): number =>
    Math.min(stepsLeft(study), Math.max(1, Math.round(share * study.totalSteps)));

  return {
    note: (trial) => {
      trials.set(trial.number, trial);
      if (trials.size <= MOST_FORECAST * stride) {
        if (isForecast(trial)) model?.update(trial);
        return;
      }
      stride *= 2;
      model = newModel();
      for (const each of trials.values()) if (isForecast(each)) model?.update(each);
    },
    worthOf: (study, steps = horizon(study, 0.5)) => (steps > 0 ? gainOf(study, steps) : undefined),
    judge: (study) => {
      const { worthwhile } = study.definition.budget;
      if (worthwhile === undefined) return undefined;
      let best: Judgement | undefined;
      for (const share of HORIZONS) {
        const worth = gainOf(study, horizon(study, share));
        if (worth?.seconds === undefined) return undefined;
        const value = worth.mean * worthwhile.value;
        const price = (worth.seconds / 3600) * worthwhile.price;
        const judged = { ...worth, value, price, isWorthwhile: value >= price };
        if (best === undefined || value - price > best.value - best.price) best = judged;
      }
      return best;
    },
  };
}

/** A {@link WorthModel} with all trials of a study. */
export function worthModelOf(study: Study): WorthModel {
  const model = createWorthModel(study.definition);
  for (const trial of study.trials) model.note(trial);
  return model;
}

/**
 * Whether a study has nothing left to do by its budget: see {@link isFinished}, or because going on is no longer
 * worthwhile.
 */
export function isOver(study: Study): boolean {
  if (isFinished(study)) return true;
  const open = study.byState.waiting.size + study.byState.running.size;
  if (open > 0 || study.definition.budget.worthwhile === undefined) return false;
  return worthModelOf(study).judge(study)?.isWorthwhile === false;
}
