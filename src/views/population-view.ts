import { bestTrial } from "../core/best-trial.js";
import { copiesOf, historyOf } from "../core/lineage.js";
import type { Study } from "../core/study.js";
import { changesText } from "../plots/trial-text.js";
import type { PopulationView, StageView } from "./contract.js";
import { paramViews } from "./param-views.js";
import { finite, type ViewedStudy } from "./viewed-study.js";

/** More would not be read. */
const MOST_COPIES = 300;

/** How a trial's model was trained: a part for each trial that trained it, in order. */
export const stageViews = (study: Study, trial: number): StageView[] =>
  historyOf(study, trial).map(({ trial: number, fromStep, toStep, params }) => ({
    trial: number,
    fromStep,
    toStep,
    params: paramViews(params),
  }));

/** How the models of a population came about. */
export function populationView({ study, log }: ViewedStudy): PopulationView {
  const best = bestTrial(study)?.trial.number;
  const copies = copiesOf(study, log.copies);
  return {
    best: best === undefined ? null : { trial: best, history: stageViews(study, best) },
    copies: copies
      .slice(-MOST_COPIES)
      .toReversed()
      .map(({ time, child, at, reached, parent, step, value, copied, params }) => ({
        time: time ?? null,
        trial: child,
        gaveUpStep: at,
        gaveUpValue: finite(reached ?? undefined),
        parent,
        step,
        value,
        changes: changesText(copied, params),
      })),
    copiesInAll: copies.length,
    failedCopies: log.copies.filter(({ type }) => type === "exploit-failed").length,
  };
}
