import { costOf, type Goal } from "../core/goal.js";
import type { Study } from "../core/study.js";
import type { Trial } from "../core/trial.js";
import { createRanking, type Ranking, type TrialCost } from "./ranking.js";
import { createLadder, type RungRecord, type RungSetup } from "./rungs.js";

/** Consecutive trials that take part in one round of successive halving. */
export interface BracketPlace {
  /** Counts from 0. */
  readonly bracket: number;
  /** Its first trial. */
  readonly start: number;
  /** How many trials take part, at most; may be infinite. */
  readonly trials: number;
  /** The steps of the rungs before the end, ascending. */
  readonly steps: readonly number[];
}

/** What a {@link Bracket} is created for. */
export interface BracketSetup {
  readonly goal: Goal;
  readonly maxSteps: number;
  readonly place: BracketPlace;
  /** How many trials go on from a rung, given how many began. */
  readonly survivors: (trials: number, rung: number) => number;
}

/** A trial that goes on, and from which rung. */
export interface Survivor extends TrialCost {
  readonly rung: number;
}

/** One round of successive halving and its progress. */
export interface Bracket {
  readonly place: BracketPlace;
  readonly setup: RungSetup;
  /** The trials recorded at a rung. */
  ranking(rung: number): Ranking | undefined;
  /** How many trials go on from a rung. */
  survivors(rung: number, study: Study): number;
  /** Records what a member's newest report left at a rung. */
  climb(trial: Trial): void;
  /** Updates a member's current state, or records all that it left at rungs so far. */
  update(trial: Trial): void;
  restore(trial: Trial): void;
  highest(trial: number): RungRecord | undefined;
  /** Whether no trial is still on its way to a rung. `isClosed`: no more trials will begin. */
  isSettled(rung: number, study: Study, isClosed: boolean): boolean;
  /** A paused trial that goes on; undefined if there is none, or if others must arrive first. */
  next(study: Study, isClosed: boolean): Survivor | undefined;
}

/** A {@link Bracket} without trials. */
export function createBracket({ goal, maxSteps, place, survivors }: BracketSetup): Bracket {
  const { start, trials, steps } = place;
  const setup = { goal, steps, maxSteps };
  const ladder = createLadder(setup);
  const paused = steps.map(() => createRanking());
  /** By rung + 1: how many members are on their way from there; 0: from the beginning. */
  const underway = new Int32Array(steps.length + 1);
  /** By member: its index in `underway` (-1 if none), and its entry in `paused`. */
  const counted = new Map<number, { readonly from: number; readonly paused: Survivor | undefined }>();

  const members = (study: Study): number => {
    const budget = study.definition.budget.trials ?? Number.POSITIVE_INFINITY;
    return Math.min(trials, Math.max(budget - start, counted.size));
  };

  const update = (trial: Trial): void => {
    const { number, state } = trial;
    const before = counted.get(number);
    if (before !== undefined && before.from >= 0) underway[before.from] = (underway[before.from] ?? 0) - 1;
    if (before?.paused !== undefined) paused[before.paused.rung]?.remove(number, before.paused.cost);
    const record = ladder.highest(number);
    const rung = record?.rung ?? -1;
    const isUnderway = state === "waiting" || state === "running";
    const from = isUnderway ? rung + 1 : -1;
    if (from >= 0) underway[from] = (underway[from] ?? 0) + 1;
    const cost = record === undefined ? Number.POSITIVE_INFINITY : costOf(record.value, goal);
    const isPaused = state === "paused" && Number.isFinite(cost);
    if (isPaused) paused[rung]?.add(number, cost);
    counted.set(number, { from, paused: isPaused ? { trial: number, cost, rung } : undefined });
  };

  const isSettled = (rung: number, study: Study, isClosed: boolean): boolean => {
    if (!isClosed && counted.size < members(study)) return false;
    for (let from = 0; from <= rung; from++) if ((underway[from] ?? 0) > 0) return false;
    return true;
  };

  const survivorsOf = (rung: number, study: Study): number => survivors(members(study), rung);

  return {
    place,
    setup,
    ranking: (rung) => ladder.rungs[rung]?.ranking,
    survivors: survivorsOf,
    climb: (trial) => {
      ladder.climb(trial);
    },
    update,
    restore: (trial) => {
      ladder.restore(trial);
      update(trial);
    },
    highest: ladder.highest,
    isSettled,
    next: (study, isClosed) => {
      for (const [rung, { ranking }] of ladder.rungs.entries()) {
        if (!isSettled(rung, study, isClosed)) return undefined;
        const first = paused[rung]?.first();
        if (first !== undefined && ranking.rankOf(first.trial, first.cost) < survivorsOf(rung, study)) {
          return { ...first, rung };
        }
      }
      return undefined;
    },
  };
}
