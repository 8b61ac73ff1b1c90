import type { Metrics } from "../core/events.js";
import { costOf, type Goal } from "../core/goal.js";
import { secondsPerStep } from "../core/pace.js";
import { createSearchSpace } from "../core/search-space.js";
import type { CurveTable, TableCurve } from "./curve-table.js";
import { quantile } from "./quantile.js";
import type { RecordedTraining, RecordedTrainings } from "./recorded-trainings.js";

/**
 * Two ways in which trainings that a study cut short could have gone on. `pessimistic`: their goal metric stays at its
 * last value. `optimistic`: from its last step t to any later step s it improves as much as the recorded training that
 * improved most from t to s. In both, other metrics stay at their last values, and a training whose last value had
 * diverged stays diverged.
 */
export type World = "pessimistic" | "optimistic";

/** The last cost of the goal metric at or before each step; infinite before the first report and after divergence. */
function costsAt({ steps, reports }: RecordedTraining, goal: Goal, at: readonly number[]): number[] {
  let next = 0;
  let cost = Number.POSITIVE_INFINITY;
  return at.map((step) => {
    for (; next < steps.length && (steps[next] ?? 0) <= step; next++) {
      const value = reports[next]?.[goal.metric];
      if (value !== undefined) cost = costOf(value, goal);
    }
    return cost;
  });
}

/** The greatest improvement of any training from one step to each later one, among those that got there. */
function greatestImprovements(
  trainings: readonly RecordedTraining[],
  goal: Goal,
  from: number,
  later: readonly number[],
): number[] {
  const greatest = later.map(() => 0);
  for (const training of trainings) {
    const deepest = training.steps.at(-1) ?? 0;
    if (deepest <= from) continue;
    const [start = Number.POSITIVE_INFINITY, ...costs] = costsAt(training, goal, [from, ...later]);
    if (!Number.isFinite(start)) continue;
    for (const [index, cost] of costs.entries()) {
      if ((later[index] ?? 0) <= deepest) greatest[index] = Math.max(greatest[index] ?? 0, start - cost);
    }
  }
  let most = 0;
  return greatest.map((improvement) => {
    most = Math.max(most, improvement);
    return most;
  });
}

/** The steps at which a continued training would report: those of the deepest recorded one, up to the last step. */
function laterSteps(trainings: readonly RecordedTraining[], maxSteps: number): (from: number) => number[] {
  let deepest: RecordedTraining | undefined;
  for (const training of trainings) {
    if ((training.steps.at(-1) ?? 0) > (deepest?.steps.at(-1) ?? 0)) deepest = training;
  }
  const grid = [...(deepest?.steps ?? [])];
  if ((grid.at(-1) ?? 0) < maxSteps) grid.push(maxSteps);
  return (from) => grid.filter((step) => step > from && step <= maxSteps);
}

function lastMetrics(reports: readonly Metrics[]): Record<string, number> {
  return Object.assign({}, ...reports);
}

/** As many complete trainings there must be for their median to say what a usual one comes to. */
export const ENOUGH_COMPLETE = 3;

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

function continued(
  training: RecordedTraining,
  goal: Goal,
  later: readonly number[],
  improvements: readonly number[],
  pace: number | undefined,
): TableCurve {
  const { steps, reports, unpausedSeconds } = training;
  const from = steps.at(-1) ?? 0;
  const perStep = pace ?? (from === 0 ? 0 : sum(unpausedSeconds) / from);
  const last = lastMetrics(reports);
  const value = last[goal.metric];
  const sign = goal.direction === "minimize" ? 1 : -1;
  const imagined = later.map((_, index): Metrics => {
    if (value === undefined) return last;
    return { ...last, [goal.metric]: value - sign * (improvements[index] ?? 0) };
  });
  return {
    steps: [...steps, ...later],
    reports: [...reports, ...imagined],
    seconds: [
      ...unpausedSeconds,
      ...later.map((step, index) => perStep * (step - (later[index - 1] ?? from))),
    ],
    end: "complete",
  };
}

/** The last costs of the complete trainings, in order; those that are not finite are left out. */
export function finalCosts({ study, trainings }: RecordedTrainings): number[] {
  const { goal } = study.definition;
  const finals = trainings.flatMap(({ end, reports }) => {
    const last = end === "complete" ? lastMetrics(reports)[goal.metric] : undefined;
    return last !== undefined && Number.isFinite(last) ? [costOf(last, goal)] : [];
  });
  return finals.sort((a, b) => a - b);
}

/**
 * A study's recorded trainings as a table for replay, with open ones continued as in the given world. A further step takes
 * as long as `curvewise status` counts for one that is saved, and pauses cost nothing. The best and the median final value
 * are the recorded ones (the latter of complete trainings; NaN with fewer than {@link ENOUGH_COMPLETE}), so that regrets
 * mean the same in both worlds; negative ones are better than anything recorded.
 */
export function tableOfStudy(recorded: RecordedTrainings, world: World): CurveTable {
  const { study, trainings } = recorded;
  const { goal, space, name, maxSteps: planned } = study.definition;
  const maxSteps = planned ?? trainings.reduce((most, { steps }) => Math.max(most, steps.at(-1) ?? 0), 0);
  const laterThan = laterSteps(trainings, maxSteps);
  const futures = new Map<
    number,
    { readonly later: readonly number[]; readonly improvements: readonly number[] }
  >();
  const futureOf = (from: number) => {
    const known = futures.get(from);
    if (known !== undefined) return known;
    const later = laterThan(from);
    const improvements =
      world === "optimistic" ? greatestImprovements(trainings, goal, from, later) : later.map(() => 0);
    const future = { later, improvements };
    futures.set(from, future);
    return future;
  };
  const curves = trainings.map((training): TableCurve => {
    const { steps, reports, unpausedSeconds, end } = training;
    if (end !== "open") return { steps, reports, seconds: unpausedSeconds, end };
    const { later, improvements } = futureOf(steps.at(-1) ?? 0);
    return continued(training, goal, later, improvements, secondsPerStep(study.pace));
  });
  const sign = goal.direction === "minimize" ? 1 : -1;
  let best = Number.POSITIVE_INFINITY;
  for (const { reports } of trainings) {
    for (const report of reports) {
      const value = report[goal.metric];
      if (value !== undefined) best = Math.min(best, costOf(value, goal));
    }
  }
  const finals = finalCosts(recorded);
  return {
    task: name,
    goal,
    maxSteps,
    space: createSearchSpace(space),
    candidates: trainings.map(({ params }) => params),
    curves,
    best: sign * best,
    medianFinal: finals.length < ENOUGH_COMPLETE ? Number.NaN : sign * quantile(finals, 0.5),
  };
}
