/**
 * Everything that runs in a browser: search spaces, samplers and schedulers (including your own), schedules, replays of
 * recorded curves and studies, and plots. None of it needs Node. See docs/browser.md.
 *
 * @packageDocumentation
 */
export * from "../analysis/index.js";
export { bestTrial, rankTrials } from "../core/best-trial.js";
export { eventText, parseEvent } from "../core/event-text.js";
export { type FoundSchedule, foundSchedule } from "../core/found-schedule.js";
export { type GoalInput, parseGoal } from "../core/goal.js";
export { type Front, type FrontMember, frontOf } from "../core/goals/front.js";
export { type OneOfGoals, parseGoals } from "../core/goals/parse-goals.js";
export { goalsOf } from "../core/goals/trial-result.js";
export { type Copy, copiesOf, historyOf, type Stage } from "../core/lineage.js";
export { choice, fixed, float, int, ordinal, type ParamsOf } from "../core/param.js";
export { createSearchSpace } from "../core/search-space.js";
export { applyEvent, beginStudy } from "../core/study-fold.js";
export { type StudyRecord } from "../core/study-record.js";
export type {
  Action,
  Comparison,
  Constraint,
  Decision,
  Direction,
  Explanation,
  Goal,
  Json,
  LearningCurve,
  Metrics,
  Neighbour,
  OptionsSchema,
  Param,
  Params,
  ParamValue,
  Random,
  Resumption,
  Sampler,
  SamplerChoice,
  SamplerDefinition,
  SamplerSetup,
  Scheduler,
  SchedulerChoice,
  SchedulerDefinition,
  SchedulerSetup,
  SearchSpace,
  Space,
  Study,
  StudyDefinition,
  StudyEvent,
  Trial,
  TrialState,
} from "../define/index.js";
// All of `curvewise/define` except `z`, which would double the size of the one-file build. The schedules have a
// `paramsAt` too.
export {
  amongCandidates,
  CurvewiseError,
  completeParams,
  contains,
  costOf,
  countValues,
  createRandom,
  defineSampler,
  defineScheduler,
  drawParams,
  goalValue,
  isBetter,
  isCurvewiseError,
  isOn,
  lastStep,
  lastValue,
  PURPOSE,
  paramsAt as paramsAtQuantiles,
  presentValue,
  problemsOf,
  quantilesOf,
  refuseCandidates,
  sampleParams,
  valueAt,
  valueAtStep,
} from "../define/index.js";
export * from "../plots/index.js";
export * from "../samplers/index.js";
export * from "../schedulers/index.js";
export * from "../schedules/index.js";
