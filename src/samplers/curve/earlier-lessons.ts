import type { Goal } from "../../core/goal.js";
import type { Params } from "../../core/param.js";
import type { TransferredStudy } from "../../core/study.js";
import { type CurveModel, createCurveModel } from "../../forecast/curve-model.js";

/** An earlier study that a sampler learns from. */
export interface EarlierStudy {
  readonly model: CurveModel;
  /** The params of its trials as features, by number. */
  readonly rows: readonly (Float64Array | undefined)[];
  /** Its best params, at most as many as requested. */
  readonly best: readonly Params[];
  /** How many of its trials can be learned from. */
  readonly count: number;
}

/** What {@link earlierStudies} needs from the sampler. */
export interface EarlierSettings {
  readonly goal: Goal;
  readonly rungs: readonly number[];
  /** Encodes params as features, with the number of their study. */
  readonly rowOf: (params: Params, study: number) => Float64Array;
  /** How many of each study's best params to return. */
  readonly bestCount: number;
}

/**
 * Earlier studies with the curves of their trials, each study on its own: a trial is ranked among those of its own
 * study, so that differences in level between studies do not matter.
 */
export function earlierStudies(
  studies: readonly TransferredStudy[],
  { goal, rungs, rowOf, bestCount }: EarlierSettings,
): EarlierStudy[] {
  return studies.map(({ trials }, place) => {
    const model = createCurveModel(goal, rungs);
    const rows: Float64Array[] = [];
    const paramsOf = new Map<number, Params>();
    for (const trial of trials) {
      model.update(trial);
      rows[trial.number] = rowOf(trial.params, place + 1);
      paramsOf.set(trial.number, trial.params);
    }
    const forecasts = [...model.forecasts().values()];
    const best = forecasts
      .filter(({ mean }) => Number.isFinite(mean))
      .toSorted((a, b) => a.mean - b.mean || a.trial - b.trial)
      .slice(0, bestCount)
      .map(({ trial }) => paramsOf.get(trial))
      .filter((params) => params !== undefined);
    return { model, rows, best, count: forecasts.length };
  });
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
