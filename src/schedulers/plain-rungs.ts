// What trials leave at rungs, and which of them go on, written from the descriptions in ./rungs.ts and
// ladders/stopping.ts, without any state. Only tests use it, to compare the product with it.
import { costOf, type Goal } from "../core/goal.js";
import type { TransferredTrial } from "../core/study.js";

/** The cost that a trial left at a rung: infinite if it diverged there, undefined if it left nothing. */
export type PlainCost = number | undefined;

/**
 * By rung: the cost at the first report at or after it that has the goal metric, if that comes before the next rung and
 * before the end; where the best report counts, the best cost up to there.
 *
 * @param rungs their steps and, last, the end of a complete training
 */
export function plainCosts({ curve }: TransferredTrial, goal: Goal, rungs: readonly number[]): PlainCost[] {
  const column = curve.metrics.get(goal.metric) ?? [];
  return rungs.slice(0, -1).map((rung, place) => {
    const next = rungs[place + 1] ?? Number.POSITIVE_INFINITY;
    const report = column.findIndex((each, index) => {
      const step = curve.steps[index] ?? 0;
      return each !== null && step >= rung && step < next;
    });
    const costs = column.slice(0, report + 1).flatMap((each) => (each === null ? [] : costOf(each, goal)));
    const cost = costs.at(-1);
    return goal.of === "best" && Number.isFinite(cost) ? Math.min(...costs) : cost;
  });
}

/** The rung at which a trial's newest report is recorded, by its place, and the cost there. */
export function plainRecord(
  trial: TransferredTrial,
  goal: Goal,
  rungs: readonly number[],
): { readonly place: number; readonly cost: number } | undefined {
  const { steps, metrics } = trial.curve;
  const curve = {
    steps: steps.slice(0, -1),
    metrics: new Map([...metrics].map(([name, column]) => [name, column.slice(0, -1)])),
  };
  const before = plainCosts({ ...trial, curve }, goal, rungs);
  const own = plainCosts(trial, goal, rungs);
  const place = own.findIndex((cost, rung) => cost !== undefined && before[rung] === undefined);
  const cost = own[place];
  return cost === undefined ? undefined : { place, cost };
}

/** What is decided at a trial's newest report by successive halving for programs that cannot be paused. */
export interface PlainStop {
  readonly action: "continue" | "stop";
  /** Undefined if the report is not recorded at a rung. */
  readonly rung: number | undefined;
  readonly reached?: number;
  readonly rank?: number;
  readonly best?: number;
}

/**
 * A trial stops at a rung unless it is among the best ceil(n / eta) of the n that have reached it so far, including
 * itself; while at most eta of its study have, those of earlier studies count as well. A trial that diverged there
 * stops.
 *
 * @param others the trials of its bracket, with or without itself
 * @param earlier the trials of earlier studies
 */
export function plainStop(
  trial: TransferredTrial,
  others: readonly TransferredTrial[],
  earlier: readonly TransferredTrial[],
  goal: Goal,
  rungs: readonly number[],
  eta: number,
): PlainStop {
  const record = plainRecord(trial, goal, rungs);
  if (record === undefined) return { action: "continue", rung: undefined };
  const { place, cost } = record;
  const rung = rungs[place] ?? 0;
  const costsOf = (trials: readonly TransferredTrial[]): number[] =>
    trials.flatMap((each) => plainCosts(each, goal, rungs)[place] ?? []);
  const there = [...costsOf(others.filter((each) => each.number !== trial.number)), cost];
  const all = there.length <= eta ? [...there, ...costsOf(earlier)] : there;
  const rank = all.filter((each) => each < cost).length + 1;
  const best = Math.ceil(all.length / eta);
  const goesOn = Number.isFinite(cost) && rank <= best;
  return { action: goesOn ? "continue" : "stop", rung, reached: all.length, rank, best };
}
