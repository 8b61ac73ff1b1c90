import { z } from "zod";
import type { Decision, Explanation } from "../core/decision.js";
import { defineScheduler } from "../core/define.js";
import { costOf } from "../core/goal.js";
import type { Resumption, Scheduler } from "../core/scheduler.js";
import type { Study } from "../core/study.js";
import { deepestPaused } from "./deepest-paused.js";
import { type Bracket, createBracket } from "./hyperband/bracket.js";
import { hyperbandPlan } from "./hyperband/plan.js";
import { endAfterRungs, recordOf } from "./rungs.js";
import { counted, shown } from "./wording.js";

const RULE = "hyperband";

const options = z.strictObject({
  eta: z.int().min(2).max(100).default(3).describe("One in so many trials goes on from a rung."),
  minSteps: z.int().min(1).default(1).describe("The fewest steps after which a trial may be given up."),
});

/**
 * Hyperband (Li et al., "Hyperband: A Novel Bandit-Based Approach to Hyperparameter Optimization", JMLR 2018, arXiv
 * 1603.06560), synchronous as published: brackets of successive halving take turns, from the one that begins with many
 * trials and few steps to the one whose trials all train to the end, over and over. For goals of which it is not
 * known whether early values tell anything; `asha` is quicker where they do.
 *
 * Trials belong to brackets by their numbers, see `hyperbandPlan`. In a bracket nobody goes on from a rung before
 * all have reached it; then the best `floor(n_i / eta)` go on. Workers that are free meanwhile begin the next trials, those of
 * further brackets too. Trials that failed or were stopped by another rule are not waited for and not replaced. A
 * study's last bracket has as many trials as `budget.trials` leaves it; without that limit its rungs wait until
 * no trial runs and none can be made.
 *
 * A rung's value is the goal metric at the first report at or after the rung's step (rounded to a whole step) and before the
 * next rung's. A diverged value is the worst, and its trial stops. Equal values rank by trial number. A study
 * that would end without any complete training goes on with the best trial of the deepest rung.
 *
 * The explanation's values: `rung` (its step), `bracket` (counted from 0 through all cycles), `halvings` (the published
 * s), `reached` (trials recorded there so far), `promotable` (how many go on), `rank` (from 1), `value`.
 *
 * @example createStudy({ scheduler: hyperband(), maxSteps: 81 })
 * @throws CurvewiseError `MAX_STEPS_MISSING` when the study has no `maxSteps`; `OPTIONS_INVALID` when `minSteps` is not
 *   before it
 */
export const hyperband = defineScheduler({
  name: RULE,
  summary:
    "Runs rounds of successive halving that begin more or less boldly (Hyperband); for goals whose early values may mislead.",
  options,
  create: ({ eta, minSteps }, { goal, maxSteps }): Scheduler => {
    const end = endAfterRungs(RULE, minSteps, maxSteps);
    const plan = hyperbandPlan(minSteps, eta, end);
    const brackets: Bracket[] = [];
    /** Brackets that may have a trial to go on; the others have none until one of their members does something. */
    const stirred = new Set<number>();

    const bracketOf = (trial: number): Bracket => {
      const place = plan.placeOf(trial);
      const bracket = brackets[place.bracket] ?? createBracket(place, eta, goal, end);
      brackets[place.bracket] = bracket;
      return bracket;
    };

    const explain = (
      bracket: Bracket,
      at: { readonly trial: number; readonly rung: number; readonly cost: number },
      study: Study,
      verdict: string,
    ): Explanation => {
      const ranking = bracket.ranking(at.rung);
      const rung = bracket.setup.steps[at.rung] ?? 0;
      const reached = ranking?.size ?? 0;
      const rank = (ranking?.rankOf(at.trial, at.cost) ?? 0) + 1;
      const promotable = bracket.survivors(at.rung, study);
      const value = costOf(at.cost, goal);
      return {
        rule: RULE,
        reason:
          `Its ${goal.metric} at rung ${rung}, ${shown(value)}, has rank ${rank} of the ${counted(reached, "trial")} ` +
          `of its bracket that reached it so far; the best ${promotable} go on${verdict}.`,
        values: {
          rung,
          bracket: bracket.place.bracket,
          halvings: bracket.place.plan.halvings,
          reached,
          promotable,
          rank,
          value,
        },
      };
    };

    const lowestStirred = (study: Study): Resumption | undefined => {
      for (const number of [...stirred].toSorted((a, b) => a - b)) {
        const bracket = brackets[number];
        const next = bracket?.next(study, false);
        if (bracket !== undefined && next !== undefined)
          return {
            trial: next.trial,
            explanation: explain(bracket, next, study, ", and nobody is waited for"),
          };
        stirred.delete(number);
      }
      return undefined;
    };

    /** What goes on when no trial can be made any more: the last bracket is as large as it is. */
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
        const number = "trial" in event ? event.trial : undefined;
        const trial = number === undefined ? undefined : study.trials[number];
        if (trial === undefined) return;
        const bracket = bracketOf(trial.number);
        if (event.type === "reported") bracket.climb(trial);
        bracket.update(trial);
        stirred.add(bracket.place.bracket);
      },
      decide: (trial, _step, study): Decision => {
        const bracket = bracketOf(trial.number);
        const record = recordOf(trial, bracket.setup);
        if (record === undefined) return { action: "continue" };
        if (!Number.isFinite(record.value)) {
          const rung = bracket.setup.steps[record.rung] ?? 0;
          const values = { rung, bracket: bracket.place.bracket, halvings: bracket.place.plan.halvings };
          const reason = `Its ${goal.metric} diverged at rung ${rung}.`;
          return { action: "stop", explanation: { rule: RULE, reason, values } };
        }
        const at = { trial: trial.number, rung: record.rung, cost: costOf(record.value, goal) };
        const rank = bracket.ranking(at.rung)?.rankOf(at.trial, at.cost) ?? 0;
        return bracket.isSettled(at.rung, study, false) && rank < bracket.survivors(at.rung, study)
          ? { action: "continue", explanation: explain(bracket, at, study, ", and nobody is waited for") }
          : { action: "pause", explanation: explain(bracket, at, study, " when nobody is on the way to it") };
      },
      resume: (study, isEnding) =>
        lowestStirred(study) ?? (isEnding === true ? (ofUnfilled(study) ?? lastResort(study)) : undefined),
    };
  },
});
