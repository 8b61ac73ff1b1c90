// Synchronous successive halving once more, written out from the documentation of `hyperband`, `discard` and of
// ./successive-halving.ts: every answer is worked out from the whole study, without any state. Tests compare the product with
// it; nothing else uses it.
import { costOf, type Goal } from "../core/goal.js";
import type { Study } from "../core/study.js";
import type { PlainAnswer, PlainScheduler } from "./plain-answer.js";
import { plainCosts, plainRecord } from "./plain-rungs.js";

/** Consecutive trials that halve together. */
export interface PlainGroup {
  /** How many, at most. */
  readonly trials: number;
  /** The steps of their rungs before the end. */
  readonly steps: readonly number[];
  /** How many of so many go on from each rung. */
  readonly survivors: (trials: number, rung: number) => number;
}

export interface PlainHalvingSettings {
  readonly goal: Goal;
  readonly maxSteps: number;
  readonly noun: string;
  /** The group of this number, from 0. */
  readonly group: (number: number) => PlainGroup;
}

/** Algorithm 1 of arXiv 1603.06560, over and over: R steps at most, of which a trial has r at least. */
export function hyperbandGroup(eta: number, r: number, R: number): (number: number) => PlainGroup {
  let most = 0;
  for (let s = 1; r * eta ** s <= R; s++) most = s;
  return (number) => {
    const s = most - (number % (most + 1));
    const steps = Array.from({ length: s }, (_, i) => Math.round(R * eta ** (i - s)));
    return {
      trials: Math.ceil(((most + 1) / (s + 1)) * eta ** s - 1e-9),
      steps,
      survivors: (n, i) => Math.floor(Math.floor(n * eta ** -i + 1e-9) / eta),
    };
  };
}

interface Member {
  readonly trial: number;
  readonly state: string;
  readonly costs: readonly (number | undefined)[];
  /** The last rung at which it left a value; -1: none. */
  readonly highest: number;
}

interface Group extends PlainGroup {
  readonly number: number;
  readonly members: readonly Member[];
  /** How many it will have. */
  readonly whole: number;
}

/** The groups of all trials that there are. */
function groupsOf({ goal, maxSteps, group }: PlainHalvingSettings, study: Study): Group[] {
  const groups: Group[] = [];
  const budget = study.definition.budget.trials ?? Number.POSITIVE_INFINITY;
  for (let start = 0; start < study.trials.length; ) {
    const number = groups.length;
    const plan = group(number);
    const members = study.trials.slice(start, start + plan.trials).map((trial): Member => {
      const costs = plainCosts(trial, goal, [...plan.steps, maxSteps]);
      const highest = costs.findLastIndex((cost) => cost !== undefined);
      return { trial: trial.number, state: trial.state, costs, highest };
    });
    const whole = Math.min(plan.trials, Math.max(budget - start, members.length));
    groups.push({ ...plan, number, members, whole });
    start += plan.trials;
  }
  return groups;
}

/** Who was recorded at a rung, best first. */
function reachedAt({ members }: Group, rung: number): Member[] {
  const costOf = ({ costs }: Member): number => costs[rung] ?? 0;
  return members
    .filter(({ costs }) => costs[rung] !== undefined)
    .toSorted((a, b) => (costOf(a) === costOf(b) ? a.trial - b.trial : costOf(a) < costOf(b) ? -1 : 1));
}

/** Whether nobody will come to a rung any more. */
function isSettled({ members, whole }: Group, rung: number, isClosed: boolean): boolean {
  const isOnTheWay = ({ state, highest }: Member): boolean =>
    (state === "waiting" || state === "running") && highest < rung;
  return (isClosed || members.length >= whole) && !members.some(isOnTheWay);
}

const goesOn = (group: Group, rung: number, isClosed: boolean): Member | undefined => {
  if (!isSettled(group, rung, isClosed)) return undefined;
  return reachedAt(group, rung)
    .slice(0, group.survivors(group.whole, rung))
    .find(
      ({ state, highest, costs }) => state === "paused" && highest === rung && Number.isFinite(costs[rung]),
    );
};

export function plainHalving(settings: PlainHalvingSettings): PlainScheduler {
  const { goal, maxSteps, noun } = settings;
  const told = (group: Group, rung: number, member: Member): Record<string, number> => {
    const reached = reachedAt(group, rung);
    return {
      rung: group.steps[rung] ?? 0,
      [noun]: group.number,
      reached: reached.length,
      promotable: group.survivors(group.whole, rung),
      rank: reached.indexOf(member) + 1,
      value: costOf(member.costs[rung] ?? Number.NaN, goal),
    };
  };
  const nextOf = (group: Group, isClosed: boolean): PlainAnswer | undefined => {
    for (const rung of group.steps.keys()) {
      const member = goesOn(group, rung, isClosed);
      if (member !== undefined) {
        return { action: "resume", trial: member.trial, values: told(group, rung, member) };
      }
    }
    return undefined;
  };
  const lastResort = (groups: readonly Group[]): PlainAnswer | undefined => {
    const paused = groups.flatMap((group) =>
      group.members
        .filter(({ state, costs, highest }) => state === "paused" && Number.isFinite(costs[highest]))
        .map((member) => ({ group, member, step: group.steps[member.highest] ?? 0 })),
    );
    const costAt = ({ member: { costs, highest } }: (typeof paused)[number]): number => costs[highest] ?? 0;
    const [best] = paused.sort(
      (a, b) => b.step - a.step || costAt(a) - costAt(b) || a.member.trial - b.member.trial,
    );
    if (best === undefined) return undefined;
    const { group, member } = best;
    return { action: "resume", trial: member.trial, values: told(group, member.highest, member) };
  };
  return {
    decide: (trial, _step, study): PlainAnswer => {
      const { number } = trial;
      const group = groupsOf(settings, study).find(({ members }) =>
        members.some((each) => each.trial === number),
      );
      const member = group?.members.find((each) => each.trial === number);
      const record = plainRecord(trial, goal, [...(group?.steps ?? []), maxSteps]);
      if (record === undefined || group === undefined || member === undefined) {
        return { action: "continue", trial: number, values: undefined };
      }
      const { place } = record;
      if (record.cost === Number.POSITIVE_INFINITY) {
        return {
          action: "stop",
          trial: number,
          values: { rung: group.steps[place] ?? 0, [noun]: group.number },
        };
      }
      const values = told(group, place, member);
      const isBest = (values["rank"] ?? 0) <= group.survivors(group.whole, place);
      const isFree = isSettled(group, place, false) && isBest;
      return { action: isFree ? "continue" : "pause", trial: number, values };
    },
    resume: (study, isEnding, isClosed): PlainAnswer | undefined => {
      const groups = groupsOf(settings, study);
      for (const group of groups) {
        const next = nextOf(group, false);
        if (next !== undefined) return next;
      }
      const last = groups.at(-1);
      if (!isClosed || last === undefined) return undefined;
      const isAnyComplete = study.trials.some(({ state }) => state === "complete");
      return nextOf(last, true) ?? (isAnyComplete || !isEnding ? undefined : lastResort(groups));
    },
  };
}
