import { type Line, span } from "../spans.js";
import { curvesPanel } from "./curves-panel.js";
import { happeningLines, headLines, trialList, workerLines } from "./study-screen.js";
import { listedTrials, type WatchModel } from "./watch-model.js";
import { FIRST_STATE } from "./watch-state.js";

/** How much of a study a snapshot shows. */
const CHART_ROWS = 18;
const MOST_TRIALS = 20;
const MOST_HAPPENINGS = 5;

/** The study at this moment, as lines to print. */
export function snapshotLines(
  model: WatchModel,
  { columns, isUnicode }: { readonly columns: number; readonly isUnicode: boolean },
): Line[] {
  const { study } = model;
  const trials = listedTrials(study, "newest").length;
  const rows = Math.min(MOST_TRIALS, trials) + 1;
  const more: Line[] =
    trials > MOST_TRIALS
      ? [[span(`and ${trials - MOST_TRIALS} more: curvewise trials ${study.definition.name}`, "dim")]]
      : [];
  const sections: Line[][] = [
    headLines(model, columns),
    curvesPanel(study, study.definition.goal.metric, FIRST_STATE, { columns, rows: CHART_ROWS, isUnicode }),
    trials === 0 ? [] : [...trialList(model, FIRST_STATE, { columns, rows }), ...more],
    workerLines(model, { columns, rows: 3 }),
    happeningLines(model, { columns, rows: MOST_HAPPENINGS }),
  ];
  return sections
    .filter((section) => section.length > 0)
    .flatMap((section, place) => (place === 0 ? section : [[], ...section]));
}
