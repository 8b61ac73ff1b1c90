import type { CurveTable } from "./curve-table.js";
import { meanInterval } from "./mean-interval.js";
import type { Improvement } from "./replay-table.js";

/** The best value observed by the time a number of steps was spent; undefined before the first one. */
export function bestAfter(improvements: readonly Improvement[], steps: number): number | undefined {
  let low = 0;
  let high = improvements.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((improvements[middle]?.spent ?? 0) <= steps) low = middle + 1;
    else high = middle;
  }
  return improvements[low - 1]?.value;
}

/**
 * Normalised regret: (best observed - best of the table) / (median final value - best of the table). 0: nothing in the
 * table is better; 1: no better than half of the table's complete trainings. "Observed" is any report of any trial.
 *
 * @param budget in complete trainings: `budget * maxSteps` steps
 * @returns undefined if nothing was observed within the budget, or if the median final value is unknown or the best of
 *   the table
 */
export function regretAt(
  table: Pick<CurveTable, "best" | "medianFinal" | "maxSteps">,
  improvements: readonly Improvement[],
  budget: number,
): number | undefined {
  const observed = bestAfter(improvements, budget * table.maxSteps);
  const spread = table.medianFinal - table.best;
  if (observed === undefined || spread === 0 || !Number.isFinite(spread)) return undefined;
  // Not -0, which maximized metrics would give.
  return observed === table.best ? 0 : (observed - table.best) / spread;
}

/** Regrets by budget over several replays: their means and 95 % confidence intervals. */
export interface RegretSummary {
  readonly mean: readonly number[];
  readonly low: readonly number[];
  readonly high: readonly number[];
}

/**
 * Summarizes the regrets of replays that differ in their seed. A budget at which any replay has no regret is NaN.
 *
 * @param regrets by replay, then by budget
 */
export function summarizeRegrets(regrets: readonly (readonly (number | undefined)[])[]): RegretSummary {
  const budgets = regrets[0]?.length ?? 0;
  const intervals = Array.from({ length: budgets }, (_, budget) =>
    meanInterval(regrets.map((replay) => replay[budget] ?? Number.NaN)),
  );
  return {
    mean: intervals.map(({ mean }) => mean),
    low: intervals.map(({ low }) => low),
    high: intervals.map(({ high }) => high),
  };
}
