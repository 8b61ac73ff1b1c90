import type { TransferredStudy } from "../core/study.js";
import { MAX_TRANSFERRED_TRIALS } from "../core/transferred-study.js";
import type { CurveTable } from "./curve-table.js";

/**
 * Recorded curves as an earlier study in which every training was complete; only the first ones if there are too many.
 */
export function transferredTable({ task, goal, candidates, curves }: CurveTable): TransferredStudy {
  return {
    name: task,
    trials: curves.slice(0, MAX_TRANSFERRED_TRIALS).map(({ steps, reports, end }, number) => ({
      number,
      params: candidates[number] ?? {},
      state: end,
      curve: {
        steps,
        metrics: new Map([[goal.metric, reports.map((report) => report[goal.metric] ?? null)]]),
      },
      inheritances: [],
    })),
  };
}
