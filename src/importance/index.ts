export type { BestValues } from "./best-values.js";
export { type EndedTrial, endedTrials } from "./ended-trials.js";
export { type FanovaResult, fanova, type PairShare, type VarianceShare } from "./fanova/fanova.js";
export {
  type ImportanceOptions,
  type ImportanceResult,
  type MeasuredTrial,
  type ParamImportance,
  paramImportance,
} from "./param-importance.js";
export {
  type FixableParam,
  type FixingVerdict,
  type LossEstimate,
  type Simplification,
  type SimplificationOptions,
  simplification,
} from "./simplification.js";
