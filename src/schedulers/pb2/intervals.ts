import { costOf, type Goal } from "../../core/goal.js";
import { type Stage, stagesOf } from "../../core/lineage.js";
import type { Params } from "../../core/param.js";
import type { Study } from "../../core/study.js";
import type { Trial } from "../../core/trial.js";
import { takesPart } from "../population/members.js";

/** The effect of params in one interval of a training. */
export interface Interval {
  readonly params: Params;
  /** How long the model had been trained when the interval began, in intervals. */
  readonly time: number;
  /** How much the cost fell per interval; undefined if the model diverged. */
  readonly gain: number | undefined;
}

/** An interval that has begun, or is about to, with newly chosen params. */
export type OpenInterval = Pick<Interval, "params" | "time">;

/** What counts as an interval. */
export interface IntervalSetup {
  readonly goal: Goal;
  /** Steps in an interval. */
  readonly length: number;
}

interface Point {
  readonly step: number;
  readonly value: number;
}

/** A stage with what is known about its model: at its beginning, and from its reports. */
interface ReportedStage extends Stage {
  readonly start: Point | undefined;
  readonly points: readonly Point[];
  /** Whether the trial has gone on with another model since. */
  readonly isOver: boolean;
}

/** The stages of a trial. Of the reports that its curve has since lost, only the last one of each stage is known. */
function reportedStages(trial: Trial, metric: string): ReportedStage[] {
  const { curve, inheritances } = trial;
  const column = curve.metrics.get(metric) ?? [];
  const stages: ReportedStage[] = [];
  let place = curve.steps.length - 1;
  // From the newest: a report belongs to the latest stage that began before it, since that stage removed all others
  // from the curve.
  for (const stage of stagesOf(trial).reverse()) {
    const points: Point[] = [];
    for (; (curve.steps[place] ?? 0) > stage.fromStep; place--) {
      const value = column[place] ?? null;
      if (value !== null) points.push({ step: curve.steps[place] ?? 0, value });
    }
    points.reverse();
    const left = inheritances[stage.inheritances];
    if (left !== undefined && stage.toStep > Math.max(stage.fromStep, points.at(-1)?.step ?? 0)) {
      points.push({ step: stage.toStep, value: left.reached ?? Number.NaN });
    }
    const given = inheritances[stage.inheritances - 1];
    const start = given && { step: given.step, value: given.value };
    stages.push({ ...stage, start, points, isOver: left !== undefined });
  }
  return stages.reverse();
}

/** The intervals of one stage. One cut short to less than half its length is merged into the next. */
function intervalsOf(stage: ReportedStage, { goal, length }: IntervalSetup): Interval[] {
  const intervals: Interval[] = [];
  let { start } = stage;
  let before = stage.fromStep;
  for (const point of stage.points) {
    const isEnd =
      Math.floor(point.step / length) !== Math.floor(before / length) ||
      (stage.isOver && point === stage.points.at(-1));
    before = point.step;
    if (start === undefined) {
      if (Number.isFinite(point.value)) start = point;
      continue;
    }
    const elapsed = point.step - start.step;
    if (!isEnd || elapsed < length / 2) continue;
    const gain = ((costOf(start.value, goal) - costOf(point.value, goal)) * length) / elapsed;
    intervals.push({
      params: stage.params,
      time: start.step / length,
      gain: Number.isFinite(gain) ? gain : undefined,
    });
    start = Number.isFinite(point.value) ? point : undefined;
  }
  return intervals;
}

/** The interval with newly chosen params that a trial is in, if any. */
function openInterval(trial: Trial, newest: ReportedStage | undefined, length: number): OpenInterval[] {
  const { exploiting } = trial;
  if (exploiting !== undefined)
    return [{ params: exploiting.params, time: exploiting.snapshot.step / length }];
  return newest?.start === undefined ? [] : [{ params: newest.params, time: newest.fromStep / length }];
}

/**
 * Everything that a study shows about the effect of params: the intervals that ended, and the open ones of members
 * whose params were chosen since their last report. Those of the longest-trained models come first.
 *
 * The first interval of a training counts from the first report on: nothing is known about its model before that.
 *
 * @param except a trial to leave out of the open intervals because it is being decided on
 */
export function intervalsOfStudy(
  { trials }: Study,
  setup: IntervalSetup,
  except: number,
): { readonly ended: readonly Interval[]; readonly open: readonly OpenInterval[] } {
  const ended: Interval[] = [];
  const open: OpenInterval[] = [];
  for (const trial of trials) {
    const stages = reportedStages(trial, setup.goal.metric);
    const intervals = stages.map((stage) => intervalsOf(stage, setup));
    ended.push(...intervals.flat());
    const isInNew = trial.exploiting !== undefined || intervals.at(-1)?.length === 0;
    if (isInNew && trial.number !== except && takesPart(trial)) {
      open.push(...openInterval(trial, stages.at(-1), setup.length));
    }
  }
  const byTime = (a: OpenInterval, b: OpenInterval): number => b.time - a.time;
  return { ended: ended.sort(byTime), open: open.sort(byTime) };
}
