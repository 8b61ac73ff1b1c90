import type { Goal } from "../../core/goal.js";
import type { Params } from "../../core/param.js";
import type { TransferredStudy } from "../../core/study.js";
import { type CurveForecast, createCurveModel } from "../../forecast/curve-model.js";

/** A trial that a sampler learns from. */
export interface Lesson {
  readonly row: Float64Array;
  readonly forecast: CurveForecast;
}

/** What can be learned from earlier studies. */
export interface EarlierLessons {
  /** By study. */
  readonly lessons: readonly (readonly Lesson[])[];
  /** The best params of each study, at most as many as requested. */
  readonly best: readonly Params[];
}

export const NO_EARLIER_LESSONS: EarlierLessons = { lessons: [], best: [] };

/** What {@link earlierLessons} needs from the sampler. */
export interface LessonSettings {
  readonly goal: Goal;
  readonly rungs: readonly number[];
  /** Encodes params as features, with the number of their study. */
  readonly rowOf: (params: Params, study: number) => Float64Array;
  /** How many of each study's best params to return. */
  readonly bestCount: number;
}

/**
 * The trials of earlier studies with forecasts of their ends, each study on its own: a trial is ranked among those of
 * its own study, so that differences in level between studies do not matter.
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
      .toSorted((a, b) => a.forecast.mean - b.forecast.mean);
    best.push(...ordered.slice(0, bestCount).map(({ params }) => params));
  }
  return { lessons, best };
}

/**
 * Adds the study's number (0: the current one) to a row as a further feature, so that trees can tell studies apart
 * where they differ.
 */
export function ofStudy(row: Float64Array, study: number): Float64Array {
  const longer = new Float64Array(row.length + 1);
  longer.set(row);
  longer[row.length] = study;
  return longer;
}
