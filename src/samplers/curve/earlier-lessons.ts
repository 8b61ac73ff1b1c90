import type { Goal } from "../../core/goal.js";
import type { Params } from "../../core/param.js";
import type { TransferredStudy } from "../../core/study.js";
import { type CurveForecast, createCurveModel } from "../../forecast/curve-model.js";

/** A trial that a sampler learns from. */
export interface Lesson {
  readonly row: Float64Array;
  readonly forecast: CurveForecast;
}

/** What earlier studies teach. */
export interface EarlierLessons {
  /** By study. */
  readonly lessons: readonly (readonly Lesson[])[];
  /** The best params of each study, at most so many as were asked for. */
  readonly best: readonly Params[];
}

export const NO_EARLIER_LESSONS: EarlierLessons = { lessons: [], best: [] };

/** What {@link earlierLessons} needs of the sampler. */
export interface LessonSettings {
  readonly goal: Goal;
  readonly rungs: readonly number[];
  /** Writes params as features, with the number of the study that they belong to. */
  readonly rowOf: (params: Params, study: number) => Float64Array;
  /** How many of the best params of each study are wanted. */
  readonly bestCount: number;
}

/**
 * The trials of earlier studies with forecasts of their ends, each study for itself: how good a trial was is told by its
 * place among those of its own study, so that it does not matter how good they all were.
 */
export function earlierLessons(
  studies: readonly TransferredStudy[],
  { goal, rungs, rowOf, bestCount }: LessonSettings,
): EarlierLessons {
  const lessons: Lesson[][] = [];
  const best: Params[] = [];
  for (const [place, { trials }] of studies.entries()) {
    const model = createCurveModel(goal, rungs);
    for (const trial of trials) model.update(trial);
    const forecasts = model.forecasts();
    const known = trials.flatMap(({ number, params }) => {
      const forecast = forecasts.get(number);
      return forecast === undefined ? [] : [{ params, row: rowOf(params, place + 1), forecast }];
    });
    lessons.push(known);
    const ordered = known
      .filter(({ forecast }) => Number.isFinite(forecast.mean))
      .toSorted((a, b) => a.forecast.mean - b.forecast.mean || a.forecast.trial - b.forecast.trial);
    best.push(...ordered.slice(0, bestCount).map(({ params }) => params));
  }
  return { lessons, best };
}

/**
 * A row with the number of the study that it belongs to (0: the one under way) as a further feature, so that trees can
 * tell studies apart where they differ.
 */
export function ofStudy(row: Float64Array, study: number): Float64Array {
  const longer = new Float64Array(row.length + 1);
  longer.set(row);
  longer[row.length] = study;
  return longer;
}
