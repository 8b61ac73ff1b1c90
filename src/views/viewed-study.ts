import type { Holder } from "../core/storage.js";
import type { Study } from "../core/study.js";
import { isOver } from "../forecast/study-worth.js";
import type { StudyState } from "./contract.js";
import type { ViewedLog } from "./viewed-log.js";

/** What views are made from. */
export interface ViewedStudy {
  readonly study: Study;
  readonly log: ViewedLog;
  /** Who runs it; undefined: nobody. */
  readonly holder: Holder | undefined;
  /** Whether the coordinator that it is read from does not answer. */
  readonly isAway?: boolean;
}

/** Whether somebody runs the study. */
export function studyState({
  study,
  holder,
  isAway = false,
}: Pick<ViewedStudy, "study" | "holder" | "isAway">): StudyState {
  if (holder !== undefined) return study.halt?.action === "pause" ? "held" : "running";
  if (isOver(study)) return "finished";
  return isAway ? "away" : "idle";
}

/** A finite number, or null. */
export const finite = (value: number | undefined): number | null =>
  value !== undefined && Number.isFinite(value) ? value : null;
