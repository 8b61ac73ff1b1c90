import type { Decision, Explanation } from "../../core/decision.js";
import type { Goal } from "../../core/goal.js";
import type { Resumption, Scheduler } from "../../core/scheduler.js";
import type { Study } from "../../core/study.js";
import { counted } from "../../core/wording.js";
import {
  createFrontRungs,
  type FrontPlace,
  followBrackets,
  frontText,
  hasDiverged,
  placeValues,
  valuesText,
} from "../front-rungs.js";
import type { Brackets } from "../ladders/brackets.js";

const RULE = "asha/promotion-by-front";

/** A trial that stands at a rung of a bracket. */
interface Standing extends FrontPlace {
  readonly bracket: number;
  readonly step: number;
}

/**
 * Asynchronous successive halving for several goals, or with constraints on metrics: as with one goal, but the trials at
 * a rung are ordered by their front and by what they add to its hypervolume, feasible ones first (see `placesOf`). After
 * Schmucker, Donini, Zafar, Salinas and Archambeau, "Multi-objective asynchronous successive halving", arXiv
 * 2106.12639.
 */
export function ashaPromotionByFront(brackets: Brackets, eta: number, goal: Goal): Scheduler {
  const ladders = brackets.setups.map(createFrontRungs);

  const standingOf = (trial: number): Standing | undefined => {
    const bracket = brackets.of(trial);
    const ladder = ladders[bracket];
    const rung = ladder?.highest(trial);
    if (ladder === undefined || rung === undefined) return undefined;
    const at = ladder.placesAt(rung).get(trial);
    return at && { ...at, bracket, step: brackets.setups[bracket]?.steps[rung] ?? 0 };
  };

  const best = ({ bracket, rung }: Standing): number =>
    Math.floor((ladders[bracket]?.reached(rung) ?? 0) / eta);
  const mayGoOn = (at: Standing): boolean => at.place < best(at) && !hasDiverged(at.record);
  const isBefore = (a: Standing, b: Standing): boolean => {
    if (a.step !== b.step) return a.step > b.step;
    if (a.bracket !== b.bracket) return a.bracket < b.bracket;
    return a.place < b.place;
  };

  /** The trial that goes on next. */
  const next = (study: Study, arriving?: number): Standing | undefined => {
    let first: Standing | undefined;
    const candidates = arriving === undefined ? study.byState.paused : [...study.byState.paused, arriving];
    for (const trial of candidates) {
      const at = standingOf(trial);
      if (at !== undefined && mayGoOn(at) && (first === undefined || isBefore(at, first))) first = at;
    }
    return first;
  };

  const explain = (at: Standing, verdict: string): Explanation => {
    const reached = ladders[at.bracket]?.reached(at.rung) ?? 0;
    const promotable = best(at);
    return {
      rule: RULE,
      reason:
        `With ${valuesText(at.record, goal)} at rung ${at.step} it is ${frontText(at)} and has rank ${at.place + 1} of the ` +
        `${counted(reached, "trial")} that reached it, of which the best ${promotable} (one in ${eta}) may go on${verdict}.`,
      values: { ...placeValues(at, goal), rung: at.step, bracket: at.bracket, reached, promotable },
    };
  };

  const lastResort = (study: Study): Resumption | undefined => {
    if (study.byState.complete.size > 0) return undefined;
    let first: Standing | undefined;
    for (const trial of study.byState.paused) {
      const at = standingOf(trial);
      if (at !== undefined && !hasDiverged(at.record) && (first === undefined || isBefore(at, first)))
        first = at;
    }
    if (first === undefined) return undefined;
    const verdict = "; no training is complete and no other can begin, so the best one goes on";
    return { trial: first.trial, explanation: explain(first, verdict) };
  };

  return {
    ...followBrackets(brackets, ladders),
    decide: (trial, _step, study): Decision => {
      const at = standingOf(trial.number);
      if (at === undefined || ladders[at.bracket]?.isArrival(trial) !== true) return { action: "continue" };
      if (hasDiverged(at.record)) return { action: "stop", explanation: explain(at, "") };
      return next(study, trial.number)?.trial === trial.number
        ? { action: "continue", explanation: explain(at, ", and it is next") }
        : { action: "pause", explanation: explain(at, "") };
    },
    resume: (study, isEnding) => {
      const promotion = next(study);
      if (promotion !== undefined)
        return { trial: promotion.trial, explanation: explain(promotion, ", and it is next") };
      return isEnding === true ? lastResort(study) : undefined;
    },
  };
}
