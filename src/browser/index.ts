/**
 * What runs in a browser: search spaces, samplers, schedulers, schedules, replays of recorded curves and studies, and
 * plots. Nothing in it needs Node, and the same calls give the same results as there. See docs/browser.md.
 *
 * @packageDocumentation
 */
export * from "../analysis/index.js";
export { bestTrial, rankTrials } from "../core/best-trial.js";
export type { Action, Decision, Explanation, Neighbour } from "../core/decision.js";
export { CurvewiseError, isCurvewiseError } from "../core/errors.js";
export { eventText, parseEvent } from "../core/event-text.js";
export type { Metrics, StudyEvent } from "../core/events.js";
export { type FoundSchedule, foundSchedule } from "../core/found-schedule.js";
export { type Goal, type GoalInput, parseGoal } from "../core/goal.js";
export { type Copy, copiesOf, historyOf, type Stage } from "../core/lineage.js";
export { choice, fixed, float, int, ordinal, type Params, type ParamsOf, type Space } from "../core/param.js";
export type { Sampler, SamplerChoice, SamplerSetup } from "../core/sampler.js";
export type { Scheduler, SchedulerChoice, SchedulerSetup } from "../core/scheduler.js";
export {
  type Constraint,
  createSearchSpace,
  problemsOf,
  type SearchSpace,
  sampleParams,
} from "../core/search-space.js";
export type { Study } from "../core/study.js";
export { applyEvent, beginStudy, type StudyRecord } from "../core/study-fold.js";
export type { Trial, TrialState } from "../core/trial.js";
export { createRandom, PURPOSE, type Random } from "../math/random.js";
export * from "../plots/index.js";
export * from "../samplers/index.js";
export * from "../schedulers/index.js";
export * from "../schedules/index.js";
