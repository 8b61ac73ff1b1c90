import { costOf, type Goal } from "../../core/goal.js";
import type { Study } from "../../core/study.js";
import { lastStep, presentValue, type Trial } from "../../core/trial.js";
import { compareMembers, type Member, takesPart } from "./members.js";

/** The members that can be ranked, kept in order while the study goes on. */
export interface RankedMembers {
  /** The members that take part, have a value, and are not about to go on with another's model, fittest first. */
  readonly ranking: readonly Member[];
  /** Starts over with a study's current state. */
  restore(study: Study): void;
  /** Updates a trial's place after an event about it. */
  update(trial: Trial): void;
  /** The place of a trial in the ranking, from 0; undefined if it is not ranked. */
  placeOf(trial: number): number | undefined;
}

/**
 * An empty order of members under a goal. Diverged and failed trials come last; complete ones are not members.
 *
 * @param maxSteps the step at which a training is complete
 */
export function createRankedMembers(goal: Goal, maxSteps = Number.POSITIVE_INFINITY): RankedMembers {
  let ranking: Member[] = [];
  const known = new Map<number, Member>();

  const memberOf = (trial: Trial): Member | undefined => {
    if (!takesPart(trial) || trial.exploiting !== undefined || lastStep(trial) >= maxSteps) return undefined;
    const value = trial.state === "failed" ? Number.NaN : presentValue(trial, goal);
    return value === undefined ? undefined : { trial, value, cost: costOf(value, goal) };
  };

  /** How many come before a member, whether or not it is ranked. */
  const countBefore = (member: Member): number => {
    let low = 0;
    let high = ranking.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = ranking[middle];
      if (other !== undefined && compareMembers(other, member) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  };

  return {
    get ranking() {
      return ranking;
    },
    restore: (study) => {
      known.clear();
      ranking = study.trials.flatMap((trial) => memberOf(trial) ?? []).sort(compareMembers);
      for (const member of ranking) known.set(member.trial.number, member);
    },
    update: (trial) => {
      const before = known.get(trial.number);
      const now = memberOf(trial);
      if (before?.cost === now?.cost && before?.trial === now?.trial) return;
      if (before !== undefined) ranking.splice(countBefore(before), 1);
      known.delete(trial.number);
      if (now === undefined) return;
      ranking.splice(countBefore(now), 0, now);
      known.set(trial.number, now);
    },
    placeOf: (trial) => {
      const member = known.get(trial);
      return member && countBefore(member);
    },
  };
}
