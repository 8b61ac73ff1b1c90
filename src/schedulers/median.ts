import { z } from "zod";
import type { Decision, Explanation } from "../core/decision.js";
import { defineScheduler } from "../core/define.js";
import { costOf, type Goal } from "../core/goal.js";
import type { Scheduler } from "../core/scheduler.js";
import type { Trial } from "../core/trial.js";
import { counted, shown } from "../core/wording.js";
import { createSortedNumbers, type SortedNumbers } from "./sorted-numbers.js";

const RULE = "median";

/** For how many steps the sorted running averages are cached; beyond that, the oldest are recomputed when needed. */
const MAX_COLUMNS = 1000;

const options = z.strictObject({
  startup: z.int().min(1).default(5).describe("Complete trainings to collect before any trial is stopped."),
  warmup: z.number().min(0).default(0).describe("The first step at which a trial may be stopped."),
  every: z.number().positive().default(1).describe("Steps between decisions on a trial, from warmup on."),
});

/** The running averages of one complete training, as costs (lower is better, infinite once diverged). */
interface RunningAverages {
  readonly steps: readonly number[];
  /** By report: the mean of it and all reports before it. */
  readonly means: Float64Array;
}

function runningAverages(trial: Trial, goal: Goal): RunningAverages | undefined {
  const column = trial.curve.metrics.get(goal.metric) ?? [];
  const steps: number[] = [];
  const costs: number[] = [];
  for (const [index, value] of column.entries()) {
    if (value === null) continue;
    steps.push(trial.curve.steps[index] ?? 0);
    costs.push(costOf(value, goal));
  }
  if (steps.length === 0) return undefined;
  const means = new Float64Array(costs.length);
  let mean = 0;
  for (const [index, cost] of costs.entries()) {
    // Not sum / count: the mean of a constant curve must be exactly that constant.
    const next = mean + (cost - mean) / (index + 1);
    mean = Number.isFinite(mean) && Number.isFinite(next) ? next : Number.POSITIVE_INFINITY;
    means[index] = mean;
  }
  return { steps, means };
}

/** The running average up to a step; undefined if nothing was reported by then. */
function averageUpTo({ steps, means }: RunningAverages, step: number): number | undefined {
  let low = 0;
  let high = steps.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((steps[middle] ?? 0) <= step) low = middle + 1;
    else high = middle;
  }
  return means[low - 1];
}

/** The running averages of all complete trainings up to any step, sorted. */
interface Averages {
  readonly trainings: number;
  add(trial: Trial): void;
  upTo(step: number): SortedNumbers;
}

function createAverages(goal: Goal): Averages {
  const trainings: RunningAverages[] = [];
  const columns = new Map<number, { readonly sorted: SortedNumbers; read: number }>();
  return {
    get trainings() {
      return trainings.length;
    },
    add: (trial) => {
      const averages = runningAverages(trial, goal);
      if (averages !== undefined) trainings.push(averages);
    },
    upTo: (step) => {
      const column = columns.get(step) ?? { sorted: createSortedNumbers(), read: 0 };
      for (const training of trainings.slice(column.read)) {
        const average = averageUpTo(training, step);
        if (average !== undefined) column.sorted.add(average);
      }
      column.read = trainings.length;
      columns.set(step, column);
      const [oldest] = columns.keys();
      // equivalent mutant (logical): to cache fewer columns is only slower
      if (columns.size > MAX_COLUMNS && oldest !== undefined) columns.delete(oldest);
      return column.sorted;
    },
  };
}

/** The lowest cost that a trial reported, read from where reading last stopped. */
interface BestSoFar {
  of(trial: Trial): number | undefined;
  forget(trial: number): void;
}

function createBestSoFar(goal: Goal): BestSoFar {
  const known = new Map<number, { read: number; best: number | undefined }>();
  return {
    of: (trial) => {
      const column = trial.curve.metrics.get(goal.metric) ?? [];
      const state = known.get(trial.number) ?? { read: 0, best: undefined };
      for (const value of column.slice(state.read)) {
        if (value !== null)
          state.best = Math.min(state.best ?? Number.POSITIVE_INFINITY, costOf(value, goal));
      }
      state.read = column.length;
      known.set(trial.number, state);
      return state.best;
    },
    forget: (trial) => {
      known.delete(trial);
    },
  };
}

function judge(best: number | undefined, averages: SortedNumbers, goal: Goal, step: number): Decision {
  const sign = goal.direction === "minimize" ? 1 : -1;
  const answer = (action: "continue" | "stop", reason: string, values: Explanation["values"]): Decision => ({
    action,
    explanation: { rule: RULE, reason, values: { step, trainings: averages.size, ...values } },
  });
  if (best === undefined) return answer("continue", `It has not reported ${goal.metric} yet.`, {});
  if (best === Number.POSITIVE_INFINITY) {
    return answer("stop", `Every ${goal.metric} that it reported up to step ${step} diverged.`, {});
  }
  const own = `Its best ${goal.metric} up to step ${step}, ${shown(sign * best)},`;
  const others = `the running averages of ${counted(averages.size, "complete training")}`;
  const median = averages.median();
  if (median === undefined) {
    return answer("continue", `No complete training reported ${goal.metric} up to step ${step}.`, {
      best: sign * best,
    });
  }
  if (median === Number.POSITIVE_INFINITY) {
    return answer("continue", `${own} is better than the median of ${others}, which diverged.`, {
      best: sign * best,
    });
  }
  const values = { best: sign * best, median: sign * median, margin: best - median };
  return best > median
    ? answer("stop", `${own} is worse than ${shown(sign * median)}, the median of ${others}.`, values)
    : answer("continue", `${own} is no worse than ${shown(sign * median)}, the median of ${others}.`, values);
}

/**
 * The median stopping rule: a trial stops at step s if its best value of the goal metric up to s is strictly worse than
 * the median of the running averages up to s of the complete trainings (Golovin et al., "Google Vizier: A service for
 * black-box optimization", KDD 2017, section 3.2.2). Simple, without a model of the curves, and cautious: the average
 * of a curve that still falls is worse than its newest value. `startup`, `warmup` and `every` are as in Optuna's
 * MedianPruner, with its defaults; that pruner compares with values at s instead of averages up to s.
 *
 * A running average is the mean of what a training reported up to s, however far apart its reports; every trial whose
 * program ended by itself counts, even if it ended early, provided that it reported the goal metric. Diverged values
 * (NaN, infinite) are infinitely bad: so is a training's running average from then on, and a trial that never reported
 * any other value stops. A decision due at a step without a report is made at the next report.
 *
 * The explanation's values: `step`, `trainings` (how many running averages there are), `best`, `median`, and `margin`
 * (how much worse the best is than the median; positive stops); diverged ones are absent.
 *
 * @example createStudy({ scheduler: median({ startup: 10, warmup: 3 }) })
 */
export const median = defineScheduler({
  name: RULE,
  summary: "Stops trials whose best value is worse than the median of complete trainings' running averages.",
  options,
  create: ({ startup, warmup, every }, { goal, maxSteps = Number.POSITIVE_INFINITY }): Scheduler => {
    const averages = createAverages(goal);
    const bestSoFar = createBestSoFar(goal);
    const period = (step: number): number => Math.floor((step - warmup) / every);
    return {
      restore: (study) => {
        for (const number of study.byState.complete) {
          const trial = study.trials[number];
          if (trial !== undefined) averages.add(trial);
        }
      },
      observe: (event, study) => {
        // A trial that goes on with an older model loses reports.
        if (event.type === "finished" || event.type === "exploited") bestSoFar.forget(event.trial);
        if (event.type !== "finished") return;
        const trial = study.trials[event.trial];
        if (event.state === "complete" && trial !== undefined) averages.add(trial);
      },
      decide: (trial, step) => {
        const before = trial.curve.steps.at(-2) ?? 0;
        const isDue = step >= warmup && step < maxSteps && period(step) > period(before);
        if (!isDue || averages.trainings < startup) return { action: "continue" };
        return judge(bestSoFar.of(trial), averages.upTo(step), goal, step);
      },
    };
  },
});
