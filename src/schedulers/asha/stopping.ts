import type { Decision, Explanation } from "../../core/decision.js";
import { costOf, type Goal } from "../../core/goal.js";
import type { Scheduler } from "../../core/scheduler.js";
import { createLadder, recordOf } from "../rungs.js";
import { shown } from "../wording.js";
import type { Brackets } from "./brackets.js";

/**
 * Asynchronous successive halving for programs that cannot be paused: a trial stops at a rung unless it is among the
 * best `ceil(n / eta)` of the n trials that reached the rung so far, itself included. That is Syne Tune's rule: a
 * trial goes on that is no worse than the linearly interpolated 1/eta quantile.
 *
 * @param rule its name in explanations
 */
export function ashaStopping(brackets: Brackets, eta: number, goal: Goal, rule = "asha/stopping"): Scheduler {
  const ladders = brackets.setups.map(createLadder);
  return {
    restore: (study) => {
      for (const trial of study.trials) ladders[brackets.of(trial.number)]?.restore(trial);
    },
    observe: (event, study) => {
      const trial = event.type === "reported" ? study.trials[event.trial] : undefined;
      if (trial !== undefined) ladders[brackets.of(trial.number)]?.climb(trial);
    },
    decide: (trial): Decision => {
      const bracket = brackets.of(trial.number);
      const setup = brackets.setups[bracket];
      const record = setup && recordOf(trial, setup);
      const rung = record && ladders[bracket]?.rungs[record.rung];
      if (record === undefined || rung === undefined) return { action: "continue" };
      const { step, ranking } = rung;
      const { value } = record;
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
      const reason =
        `Its ${goal.metric} at rung ${step}, ${shown(value)}, has rank ${rank} of ${reached} so far: ` +
        `${goesOn ? "within" : "beyond"} the best ${best}, one in ${eta}.`;
      return {
        action: goesOn ? "continue" : "stop",
        explanation: explain(reason, { rank, value, ...threshold }),
      };
    },
  };
}
