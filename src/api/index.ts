/**
 * Curvewise as a library: create a study, run it, look at the result.
 *
 * @packageDocumentation
 */
export type { Action, Decision, Explanation, Neighbour } from "../core/decision.js";
export { CurvewiseError, isCurvewiseError } from "../core/errors.js";
export type { Metrics } from "../core/events.js";
export { type FoundSchedule, foundSchedule } from "../core/found-schedule.js";
export type { Goal, GoalInput, MetricConstraint, MetricGoal } from "../core/goal.js";
export type { Front, FrontMember } from "../core/goals/front.js";
export type { OneOfGoals } from "../core/goals/parse-goals.js";
export { type Copy, copiesOf, historyOf, type Stage } from "../core/lineage.js";
export { choice, fixed, float, int, ordinal, type Params, type ParamsOf, type Space } from "../core/param.js";
export type { Study } from "../core/study.js";
export type { Trial, TrialState } from "../core/trial.js";
export type { ShadowEnd, ShadowReport } from "../engine/shadow-report.js";
export type { ShadowAnswer } from "../engine/shadow-study.js";
export type { RunningTrial } from "../launchers/running-trial.js";
export * from "../samplers/index.js";
export * from "../schedulers/index.js";
export { memoryStorage, openStorage } from "../storage/index.js";
export { type BestParams, createStudy, type Training, type TunedStudy } from "./create-study.js";
export type { FrontParams } from "./front-params.js";
export type {
  RunOptions,
  SamplerName,
  SchedulerName,
  StudyGoals,
  StudyOptions,
  StudySettings,
  StudyTransfer,
} from "./study-options.js";
export type { Asking, AskingOfTrial, StudyRequests } from "./study-requests.js";
export type { AskedTrial, StudySession } from "./study-session.js";
