import type { Decision, Explanation } from "../../core/decision.js";
import { costOf, type Goal } from "../../core/goal.js";
import type { Resumption, Scheduler } from "../../core/scheduler.js";
import type { Study } from "../../core/study.js";
import { counted, shown } from "../../core/wording.js";
import { deepestPaused } from "../deepest-paused.js";
import type { Brackets } from "../ladders/brackets.js";
import { createRanking, isBefore, type TrialCost } from "../ranking.js";
import { createLadder, type Rung, recordOf } from "../rungs.js";

const RULE = "asha/promotion";

/** A rung of one bracket, with the trials paused there. */
interface Landing extends Rung {
  readonly bracket: number;
  readonly paused: ReturnType<typeof createRanking>;
}

/** A trial that may go on from where it stands. */
interface Promotion extends TrialCost {
  readonly landing: Landing;
}

/**
 * Asynchronous successive halving as published: a trial pauses at every rung. When a worker is free, the rungs are
 * searched from the deepest: among the best `floor(n / eta)` of the n trials that reached a rung, the best one paused
 * there goes on; if there is none, a new trial begins. A trial that would be next to go on when it reaches a rung goes
 * on without a pause.
 */
export function ashaPromotion(brackets: Brackets, eta: number, goal: Goal): Scheduler {
  const ladders = brackets.setups.map(createLadder);
  const landings = ladders.map(({ rungs }, bracket) =>
    rungs.map((rung): Landing => ({ ...rung, bracket, paused: createRanking() })),
  );
  const deepestFirst = landings.flat().toSorted((a, b) => b.step - a.step || a.bracket - b.bracket);

  const best = ({ ranking }: Landing): number => Math.floor(ranking.size / eta);

  /** The trial that goes on next. `arriving` counts as paused at its rung. */
  const next = (arriving?: Promotion): Promotion | undefined => {
    for (const landing of deepestFirst) {
      let first = landing.paused.first();
      if (arriving?.landing === landing && (first === undefined || isBefore(arriving, first)))
        first = arriving;
      if (first !== undefined && landing.ranking.rankOf(first.trial, first.cost) < best(landing)) {
        return { ...first, landing };
      }
    }
    return undefined;
  };

  const standing = (trial: number): Promotion | undefined => {
    const bracket = brackets.of(trial);
    const record = ladders[bracket]?.highest(trial);
    const landing = record && landings[bracket]?.[record.rung];
    return landing && { trial, cost: costOf(record.value, goal), landing };
  };

  const explain = (at: Promotion, verdict: string): Explanation => {
    const { landing, cost, trial } = at;
    const reached = landing.ranking.size;
    const promotable = best(landing);
    const rank = landing.ranking.rankOf(trial, cost) + 1;
    const limit = costOf(landing.ranking.costAt(promotable - 1) ?? Number.NaN, goal);
    const value = costOf(cost, goal);
    return {
      rule: RULE,
      reason:
        `Its ${goal.metric} at rung ${landing.step}, ${shown(value)}, has rank ${rank} of the ` +
        `${counted(reached, "trial")} that reached it, of which the best ${promotable} (one in ${eta}) may go on${verdict}.`,
      values: {
        rung: landing.step,
        bracket: landing.bracket,
        reached,
        promotable,
        rank,
        value,
        ...(promotable > 0 && Number.isFinite(limit) ? { threshold: limit } : {}),
      },
    };
  };

  const lastResort = (study: Study): Resumption | undefined => {
    const trial = deepestPaused(study, (number) => {
      const at = standing(number);
      return at && { trial: number, step: at.landing.step, cost: at.cost };
    });
    const at = trial === undefined ? undefined : standing(trial);
    if (at === undefined) return undefined;
    const verdict = "; no training is complete and no other can begin, so the best one goes on";
    return { trial: at.trial, explanation: explain(at, verdict) };
  };

  const pause = (trial: number): void => {
    const at = standing(trial);
    if (at !== undefined && at.cost < Number.POSITIVE_INFINITY) at.landing.paused.add(trial, at.cost);
  };

  const unpause = (trial: number): void => {
    const at = standing(trial);
    at?.landing.paused.remove(trial, at.cost);
  };

  return {
    restore: (study) => {
      for (const trial of study.trials) ladders[brackets.of(trial.number)]?.restore(trial);
      for (const trial of study.byState.paused) pause(trial);
    },
    observe: (event, study) => {
      if (event.type === "reported") {
        const trial = study.trials[event.trial];
        if (trial !== undefined) ladders[brackets.of(trial.number)]?.climb(trial);
      } else if (event.type === "paused") {
        pause(event.trial);
      } else if (event.type === "resumed") {
        unpause(event.trial);
        // equivalent mutant (condition): to restore after every event is only slower
      } else if (event.type === "exploited") {
        const trial = study.trials[event.trial];
        if (trial === undefined) return;
        unpause(event.trial);
        ladders[brackets.of(trial.number)]?.restore(trial);
        if (trial.state === "paused") pause(event.trial);
      }
    },
    decide: (trial): Decision => {
      const bracket = brackets.of(trial.number);
      const setup = brackets.setups[bracket];
      const record = setup && recordOf(trial, setup);
      const landing = record && landings[bracket]?.[record.rung];
      if (record === undefined || landing === undefined) return { action: "continue" };
      if (!Number.isFinite(record.value)) {
        const reason = `Its ${goal.metric} diverged at rung ${landing.step}.`;
        const values = { rung: landing.step, bracket, reached: landing.ranking.size };
        return { action: "stop", explanation: { rule: RULE, reason, values } };
      }
      const arriving = { trial: trial.number, cost: costOf(record.value, goal), landing };
      return next(arriving)?.trial === trial.number
        ? { action: "continue", explanation: explain(arriving, ", and it is next") }
        : { action: "pause", explanation: explain(arriving, "") };
    },
    resume: (study, isEnding) => {
      const promotion = next();
      if (promotion !== undefined)
        return { trial: promotion.trial, explanation: explain(promotion, ", and it is next") };
      return isEnding === true ? lastResort(study) : undefined;
    },
  };
}
