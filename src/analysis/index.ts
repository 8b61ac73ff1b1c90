/**
 * Replays of recorded learning curves, and statistics for comparing rules.
 *
 * @packageDocumentation
 */
export { surrogateRange } from "./curve-surrogate.js";
export { type CurveTable, type TableCurve, tableOfCurves } from "./curve-table.js";
export { deriveSpace } from "./derived-space.js";
export { holm } from "./holm.js";
export { type MeanInterval, meanInterval } from "./mean-interval.js";
export { parseRecordedCurves, type RecordedCurves } from "./recorded-curves.js";
export { type RecordedTraining, type RecordedTrainings, readTrainings } from "./recorded-trainings.js";
export { bestAfter, type RegretSummary, regretAt, summarizeRegrets } from "./regret.js";
export {
  goodTrials,
  type RecordedEffort,
  recordedEffort,
  replayStudy,
  type StudyReplaySettings,
  type WhatIf,
} from "./replay-study.js";
export { type Improvement, replayTable, type TableReplay, type TableReplaySettings } from "./replay-table.js";
export { tableOfStudy, type World } from "./study-worlds.js";
export { transferredTable } from "./transferred-table.js";
export { type DecisionDifference, type Verification, verifyStudy } from "./verify-study.js";
export { type SignedRank, wilcoxonSignedRank } from "./wilcoxon.js";
