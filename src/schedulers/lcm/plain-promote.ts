// The mode promote of ./promote.ts again, written from its documentation alone: every answer is computed from the whole
// study, without any state. Only tests use it, to compare the product with it.
import { hasTrialLeft, isWithoutProgress } from "../../core/course/budget.js";
import type { Action } from "../../core/decision.js";
import { costOf } from "../../core/goal.js";
import type { Study } from "../../core/study.js";
import { transferredTo } from "../../core/transferred-study.js";
import { goalValue, lastStep, type Trial } from "../../core/trial.js";
import {
  type PlainForecast,
  type PlainModel,
  type PlainNeighbour,
  plainModel,
} from "../../forecast/plain-forecast.js";
import { createRandom, PURPOSE } from "../../math/random.js";
import type { PromoteSettings } from "./promote.js";

/** Why a trial goes on or waits. */
export type PlainReason = "diverged" | "between rungs" | "accumulated" | "first rung" | "audited" | "waits";

/** What is known about a trial at its rung. */
export interface PlainStanding {
  readonly rung: number;
  readonly reached: number;
  readonly goneOn: number;
  /** Its value at the moment, where the last report counts; else its best one. */
  readonly value?: number;
  readonly best?: number;
  readonly forecast: number;
  readonly deviation: number;
  /** The seven nearest, with their ends as values of the goal metric. */
  readonly neighbours: readonly PlainNeighbour[];
}

/** The decision at a report. */
export interface PlainDecision {
  readonly action: Action;
  readonly reason: PlainReason;
  /** The first step at which trials are paused. */
  readonly firstRung: number | undefined;
  readonly standing: PlainStanding | undefined;
}

/** A trial that goes on after a pause. */
export interface PlainResumption {
  readonly trial: number;
  /** By how many standard deviations forecasts were favoured, where they were. */
  readonly optimism?: number;
  /** The best value of a complete trial. */
  readonly toBeat?: number;
  readonly standing: PlainStanding | undefined;
}

/** The rungs before the end, and the end. */
function ladder({ minSteps, eta, maxSteps }: PromoteSettings): number[] {
  const powers = Array.from({ length: 60 }, (_, power) => minSteps * eta ** power);
  return [...powers.filter((step) => step < maxSteps), maxSteps];
}

/** Whether a trial is paused where its last decision left it, or is over. */
function waits(trial: Pick<Trial, "state" | "decision" | "curve" | "inheritances">): boolean {
  const hasDecision = trial.decision !== undefined && trial.decision.step === lastStep(trial);
  return ["paused", "stopped", "failed"].includes(trial.state) || (trial.state === "running" && hasDecision);
}

interface Situation {
  readonly settings: PromoteSettings;
  readonly study: Study;
  readonly rungs: readonly number[];
  /** Computed on demand. */
  readonly model: () => PlainModel;
}

function situationOf(settings: PromoteSettings, study: Study): Situation {
  const rungs = ladder(settings);
  let model: PlainModel | undefined;
  const solved = (): PlainModel => {
    model ??= plainModel(settings.goal, rungs, study.trials, transferredTo(study, settings.transfer));
    return model;
  };
  return { settings, study, rungs, model: solved };
}

/**
 * The trials of whose goal metric a rung tells, and those of them that went further: all but those that wait or ended
 * there. While others train than the trial in question, only those of them count that paused there.
 */
function countsAt(
  { settings, study, rungs, model }: Situation,
  rung: number,
  trial?: number,
): { reached: number; goneOn: number } {
  const there = study.trials.filter(({ number }) => {
    const forecast = model().forecasts.get(number);
    return forecast !== undefined && forecast.firstRung <= rung && forecast.rung >= rung;
  });
  const next = rungs[rung + 1] ?? Number.POSITIVE_INFINITY;
  const step = rungs[rung] ?? 0;
  const beyond = there.filter((each) => lastStep(each) >= next || !waits(each));
  const isAlone = study.trials.every(({ state, number }) => state !== "running" || number === trial);
  // Version 0.1.0, which did not record which report counts, always counted so.
  const counted =
    isAlone || settings.goal.of === undefined
      ? beyond
      : beyond.filter(({ pauses }) => pauses.some((pause) => pause >= step && pause < next));
  return { reached: there.length, goneOn: counted.length };
}

function standingOf(situation: Situation, trial: number): PlainStanding | undefined {
  const { settings, rungs } = situation;
  const model = situation.model();
  const forecast = model.forecasts.get(trial);
  if (forecast === undefined) return undefined;
  const valueOf = (scaled: number): number => {
    const cost = model.isLogarithmic ? Math.exp(scaled) : scaled;
    return settings.goal.direction === "minimize" ? cost : -cost;
  };
  return {
    rung: rungs[forecast.rung] ?? 0,
    ...countsAt(situation, forecast.rung, trial),
    [settings.goal.of === "last" ? "value" : "best"]: valueOf(forecast.present),
    forecast: valueOf(forecast.mean),
    deviation: forecast.deviation,
    neighbours: model
      .neighboursOf(trial)
      .slice(0, 7)
      .map((neighbour) => ({ ...neighbour, end: valueOf(neighbour.end) })),
  };
}

/** The place of the rung at which a trial is paused first. */
function firstRung(situation: Situation, trial: number): number {
  const { rungs, model: solved, settings } = situation;
  // Rungs below the first report of the goal metric tell nothing.
  const lowest = rungs.findIndex((_, rung) => countsAt(situation, rung).reached > 0);
  const before = rungs.slice(0, -1);
  const second = before[lowest + 1];
  if (second === undefined) return lowest;
  // Eight trials go to the second rung, or as many as together cost one complete training.
  if (trial < 8 && (trial + 1) * second <= settings.maxSteps) return lowest + 1;
  const model = solved();
  if (model.lines[lowest]?.count === 0) return lowest;
  const candidates: { readonly rung: number; readonly worth: number }[] = [];
  for (const [rung, step] of before.entries()) {
    if (rung < lowest || rung > lowest + 2) continue;
    const line = model.lines[rung];
    const isKnown = rung === lowest || (line?.count ?? 0) >= 2;
    const share = isKnown ? Math.max(0.001, line?.explained ?? 0) : 0.8;
    // The ratio of the explained share to the unexplained one plus a half, per step.
    candidates.push({ rung, worth: 1 / (1 / share - 1 + 0.5) / step });
    if (!isKnown) break;
  }
  const most = Math.max(...candidates.map(({ worth }) => worth));
  return candidates.find(({ worth }) => worth >= most * (1 - 1e-12))?.rung ?? lowest;
}

/** Decides about a trial at its newest report. */
export function plainDecision(settings: PromoteSettings, study: Study, trial: Trial): PlainDecision {
  const situation = situationOf(settings, study);
  const { rungs } = situation;
  const nothing = { firstRung: undefined, standing: undefined };
  const values = trial.curve.metrics.get(settings.goal.metric) ?? [];
  if (values.some((value) => value !== null && !Number.isFinite(value)))
    return { action: "stop", reason: "diverged", ...nothing };
  const rung = rungs.findLastIndex((step) => step <= lastStep(trial));
  const hasValue = values.some((value) => value !== null);
  const isFirst = values.slice(0, -1).every((value) => value === null);
  const before = isFirst ? 0 : (trial.curve.steps.at(-2) ?? 0);
  const isArrival = hasValue && rung >= 0 && rung < rungs.length - 1 && before < (rungs[rung] ?? 0);
  if (!isArrival) return { action: "continue", reason: "between rungs", ...nothing };
  const standing = standingOf(situation, trial.number);
  if (trial.number < settings.accumulate) {
    return { action: "continue", reason: "accumulated", firstRung: undefined, standing };
  }
  const first = firstRung(situation, trial.number);
  if (rung < first) return { action: "continue", reason: "first rung", firstRung: rungs[first], standing };
  // The probability with which the expected steps of audited trainings come to their share of all steps.
  const chance = (settings.audit * study.totalSteps) / (study.trials.length * settings.maxSteps);
  if (createRandom(settings.seed, trial.number, PURPOSE.scheduler).uniform() < chance) {
    return { action: "continue", reason: "audited", firstRung: undefined, standing };
  }
  return { action: "pause", reason: "waits", firstRung: undefined, standing };
}

interface Waiting {
  readonly trial: number;
  readonly forecast: PlainForecast;
}

/** The items with the lowest score, up to rounding. */
function leastBy<Item>(items: readonly Item[], score: (item: Item) => number): Item[] {
  const least = Math.min(...items.map(score));
  return items.filter((item) => score(item) - least <= 1e-9 || score(item) === least);
}

/**
 * Which paused trial goes on, if any.
 *
 * @param isEnding whether there is nothing else left to do
 * @param isClosed whether no new trial begins
 */
export function plainResumption(
  settings: PromoteSettings,
  study: Study,
  isEnding: boolean,
  isClosed: boolean,
): PlainResumption | undefined {
  const situation = situationOf(settings, study);
  const { rungs, model } = situation;
  const waiting = (): Waiting[] =>
    [...study.byState.paused].flatMap((trial) => {
      const forecast = model().forecasts.get(trial);
      return forecast === undefined || forecast.diverged ? [] : [{ trial, forecast }];
    });
  const optimism = settings.optimism * createRandom(settings.seed, study.events, PURPOSE.scheduler).uniform();
  for (let rung = rungs.length - 2; rung >= 0; rung--) {
    const { reached, goneOn } = countsAt(situation, rung);
    if (goneOn + 1 > reached / settings.eta) continue;
    const there = waiting().filter(({ forecast }) => forecast.rung === rung);
    const best = leastBy(there, ({ forecast: { mean, deviation } }) => mean - optimism * deviation);
    const [trial] = best.map((each) => each.trial).toSorted((a, b) => a - b);
    if (trial !== undefined) return { trial, optimism, standing: standingOf(situation, trial) };
  }
  if (!isClosed && hasTrialLeft(study)) return undefined;
  const ends = study.trials
    .filter(({ state }) => state === "complete")
    .map((trial) => costOf(goalValue(trial, settings.goal) ?? Number.NaN, settings.goal));
  const least = Math.min(...ends);
  const costAtEnd = (forecast: PlainForecast): number =>
    model().isLogarithmic ? Math.exp(forecast.mean) : forecast.mean;
  const [challenger] = leastBy(waiting(), ({ forecast }) => forecast.mean).toSorted(
    (a, b) => a.trial - b.trial,
  );
  const { trials: most = Number.POSITIVE_INFINITY, time, totalSteps, worthwhile } = study.definition.budget;
  const isUsedUp = study.trials.length >= most;
  const hasCeased = worthwhile !== undefined || isWithoutProgress(study);
  const spends = !hasCeased && (!isUsedUp || time !== undefined || totalSteps !== undefined);
  if (
    challenger !== undefined &&
    Number.isFinite(least) &&
    (spends || costAtEnd(challenger.forecast) < least)
  )
    return {
      trial: challenger.trial,
      toBeat: settings.goal.direction === "minimize" ? least : -least,
      standing: standingOf(situation, challenger.trial),
    };
  if (!isEnding || ends.length > 0) return undefined;
  const finite = waiting().filter(({ forecast }) => Number.isFinite(forecast.mean));
  const deepest = Math.max(...finite.map(({ forecast }) => forecast.rung));
  const [last] = leastBy(
    finite.filter(({ forecast }) => forecast.rung === deepest),
    ({ forecast }) => forecast.mean,
  );
  if (last === undefined) return undefined;
  return { trial: last.trial, standing: standingOf(situation, last.trial) };
}
