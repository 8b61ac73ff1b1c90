import type { Decision, Explanation } from "../core/decision.js";
import { trialOf } from "../core/event-trial.js";
import { costOf, type Goal } from "../core/goal.js";
import type { Resumption, Scheduler } from "../core/scheduler.js";
import type { Study } from "../core/study.js";
import { counted, shown } from "../core/wording.js";
import { type Bracket, type BracketPlace, createBracket, type Survivor } from "./bracket.js";
import { deepestPaused } from "./deepest-paused.js";
import { recordOf } from "./rungs.js";

/** Which trials are halved together, where, and how many of them go on. */
export interface HalvingSetup {
  /** The rule's name in explanations. */
  readonly rule: string;
  /** What explanations call a group of trials: `bracket`, `batch`. */
  readonly noun: string;
  readonly goal: Goal;
  readonly maxSteps: number;
  /** A trial's bracket. Brackets hold consecutive trials and follow each other without gaps. */
  readonly placeOf: (trial: number) => BracketPlace;
  /** How many trials go on from a rung, given how many began. */
  readonly survivors: (trials: number, rung: number) => number;
}

/**
 * Synchronous successive halving in brackets: no trial goes on from a rung before all of its bracket have reached the
 * rung or ended; then the best go on. A trial whose arrival settles its rung, and that is one of the best, goes on
 * without a pause.
 */
export function successiveHalving({
  rule,
  noun,
  goal,
  maxSteps,
  placeOf,
  survivors,
}: HalvingSetup): Scheduler {
  const brackets: Bracket[] = [];
  /** Brackets that may have a trial ready to go on; the others have none until an event about one of their members. */
  const stirred = new Set<number>();

  let latest: Bracket | undefined;
  const bracketOf = (trial: number): Bracket => {
    // Usually it is the same one as last time.
    if (latest !== undefined) {
      const { start, trials } = latest.place;
      if (trial >= start && trial < start + trials) return latest;
    }
    const place = placeOf(trial);
    const bracket = brackets[place.bracket] ?? createBracket({ goal, maxSteps, place, survivors });
    brackets[place.bracket] = bracket;
    latest = bracket;
    return bracket;
  };

  const explain = (bracket: Bracket, at: Survivor, study: Study, verdict: string): Explanation => {
    const ranking = bracket.ranking(at.rung);
    const rung = bracket.setup.steps[at.rung] ?? 0;
    const reached = ranking?.size ?? 0;
    const rank = (ranking?.rankOf(at.trial, at.cost) ?? 0) + 1;
    const promotable = bracket.survivors(at.rung, study);
    const value = costOf(at.cost, goal);
    return {
      rule,
      reason:
        `Its ${goal.metric} at rung ${rung}, ${shown(value)}, has rank ${rank} of the ${counted(reached, "trial")} ` +
        `of its ${noun} that reached it so far; the best ${promotable} go on${verdict}.`,
      values: { rung, [noun]: bracket.place.bracket, reached, promotable, rank, value },
    };
  };

  const lowestStirred = (study: Study): Resumption | undefined => {
    for (const number of [...stirred].toSorted((a, b) => a - b)) {
      const bracket = brackets[number];
      const next = bracket?.next(study, false);
      if (bracket !== undefined && next !== undefined)
        return {
          trial: next.trial,
          explanation: explain(bracket, next, study, ", as no other trial is on its way there"),
        };
      stirred.delete(number);
    }
    return undefined;
  };

  /** What goes on when no more trials can be created: the last bracket will not grow. */
  const ofUnfilled = (study: Study): Resumption | undefined => {
    const bracket = brackets.at(-1);
    const next = bracket?.next(study, true);
    if (bracket === undefined || next === undefined) return undefined;
    const verdict = ", and no more trials can begin";
    return { trial: next.trial, explanation: explain(bracket, next, study, verdict) };
  };

  const lastResort = (study: Study): Resumption | undefined => {
    const trial = deepestPaused(study, (number) => {
      const { setup, highest } = bracketOf(number);
      const record = highest(number);
      const step = setup.steps[record?.rung ?? -1];
      return record === undefined || step === undefined
        ? undefined
        : { trial: number, step, cost: costOf(record.value, goal) };
    });
    if (trial === undefined) return undefined;
    const bracket = bracketOf(trial);
    const record = bracket.highest(trial);
    if (record === undefined) return undefined;
    const at = { trial, rung: record.rung, cost: costOf(record.value, goal) };
    const verdict = "; no training is complete and no other can begin, so the best one goes on";
    return { trial, explanation: explain(bracket, at, study, verdict) };
  };

  return {
    restore: (study) => {
      for (const trial of study.trials) {
        const bracket = bracketOf(trial.number);
        bracket.restore(trial);
        stirred.add(bracket.place.bracket);
      }
    },
    observe: (event, study) => {
      if (event.type === "study-changed" && brackets.length > 0) stirred.add(brackets.length - 1);
      const trial = trialOf(event, study);
      if (trial === undefined) return;
      const bracket = bracketOf(trial.number);
      if (event.type === "reported") bracket.climb(trial);
      // equivalent mutant (condition): to restore after every event is only slower
      if (event.type === "exploited") bracket.restore(trial);
      else bracket.update(trial);
      stirred.add(bracket.place.bracket);
    },
    decide: (trial, _step, study): Decision => {
      const bracket = bracketOf(trial.number);
      const record = recordOf(trial, bracket.setup);
      if (record === undefined) return { action: "continue" };
      if (!Number.isFinite(record.value)) {
        const rung = bracket.setup.steps[record.rung] ?? 0;
        const values = { rung, [noun]: bracket.place.bracket };
        const reason = `Its ${goal.metric} diverged at rung ${rung}.`;
        return { action: "stop", explanation: { rule, reason, values } };
      }
      const at = { trial: trial.number, rung: record.rung, cost: costOf(record.value, goal) };
      const rank = bracket.ranking(at.rung)?.rankOf(at.trial, at.cost) ?? 0;
      return bracket.isSettled(at.rung, study, false) && rank < bracket.survivors(at.rung, study)
        ? {
            action: "continue",
            explanation: explain(bracket, at, study, ", as no other trial is on its way there"),
          }
        : {
            action: "pause",
            explanation: explain(bracket, at, study, " once no other trial is on its way there"),
          };
    },
    resume: (study, isEnding = false, isClosed = isEnding) =>
      lowestStirred(study) ??
      (isClosed ? ofUnfilled(study) : undefined) ??
      (isEnding ? lastResort(study) : undefined),
  };
}
