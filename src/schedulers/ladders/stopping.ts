import type { Decision, Explanation } from "../../core/decision.js";
import { costOf, type Goal } from "../../core/goal.js";
import type { Scheduler } from "../../core/scheduler.js";
import type { Study } from "../../core/study.js";
import { shown } from "../../core/wording.js";
import { earlierTrials } from "../earlier-trials.js";
import { createLadder, type Ladder, recordOf } from "../rungs.js";
import type { Brackets } from "./brackets.js";

/** Deviations from asynchronous successive halving as published. */
export interface StoppingVariant {
  /** The rule's name in explanations. */
  readonly rule?: string;
  /** Earlier studies whose trials count at a rung while at most `eta` of this study's have reached it. */
  readonly transfer?: readonly string[];
}

/**
 * Asynchronous successive halving for programs that cannot be paused: a trial stops at a rung unless it is among the
 * best `ceil(n / eta)` of the n trials that have reached the rung so far, including itself. That is Syne Tune's rule: a
 * trial goes on if it is no worse than the linearly interpolated 1/eta quantile.
 */
export function ashaStopping(
  brackets: Brackets,
  eta: number,
  goal: Goal,
  { rule = "asha/stopping", transfer = [] }: StoppingVariant = {},
): Scheduler {
  const ladders = brackets.setups.map(createLadder);
  /** The ladders with the trials of earlier studies added, if there are any. */
  const joint = transfer.length === 0 ? ladders : brackets.setups.map(createLadder);
  const all = transfer.length === 0 ? [ladders] : [ladders, joint];
  const laddersOf = (trial: number): Ladder[] => all.flatMap((each) => each[brackets.of(trial)] ?? []);
  const takeOver = (study: Study, only?: string): void => {
    for (const trial of earlierTrials(study, transfer, only))
      for (const ladder of joint) ladder.restore(trial);
  };
  return {
    restore: (study) => {
      takeOver(study);
      for (const trial of study.trials) for (const ladder of laddersOf(trial.number)) ladder.restore(trial);
    },
    observe: (event, study) => {
      if (event.type === "curves-transferred") takeOver(study, event.study);
      if (event.type !== "reported" && event.type !== "exploited") return;
      const trial = study.trials[event.trial];
      if (trial === undefined) return;
      for (const ladder of laddersOf(trial.number)) {
        // equivalent mutant (condition): to restore after every report is only slower
        if (event.type === "reported") ladder.climb(trial);
        else ladder.restore(trial);
      }
    },
    decide: (trial): Decision => {
      const bracket = brackets.of(trial.number);
      const setup = brackets.setups[bracket];
      const record = setup && recordOf(trial, setup);
      const rung = record && ladders[bracket]?.rungs[record.rung];
      if (record === undefined || rung === undefined) return { action: "continue" };
      const { step } = rung;
      const { value } = record;
      const together = rung.ranking.size > eta ? undefined : joint[bracket]?.rungs[record.rung];
      const { ranking } = together ?? rung;
      const reached = ranking.size;
      const best = Math.ceil(reached / eta);
      const explain = (reason: string, values: Explanation["values"]): Explanation => ({
        rule,
        reason,
        values: { rung: step, bracket, reached, best, ...values },
      });
      if (!Number.isFinite(value)) {
        return { action: "stop", explanation: explain(`Its ${goal.metric} diverged at rung ${step}.`, {}) };
      }
      const rank = ranking.countBelow(costOf(value, goal)) + 1;
      const limit = costOf(ranking.costAt(best - 1) ?? Number.NaN, goal);
      const threshold = Number.isFinite(limit) ? { threshold: limit } : {};
      const goesOn = rank <= best;
      const earlier = reached - rung.ranking.size;
      const told = earlier === 0 ? "" : `, ${earlier} of them in earlier studies`;
      const reason =
        `Its ${goal.metric} at rung ${step}, ${shown(value)}, has rank ${rank} of ${reached} so far${told}: ` +
        `${goesOn ? "within" : "beyond"} the best ${best}, one in ${eta}.`;
      return {
        action: goesOn ? "continue" : "stop",
        explanation: explain(reason, { rank, value, ...threshold }),
      };
    },
  };
}
