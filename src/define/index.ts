/**
 * Everything that you need to write your own sampler or scheduler. It runs in Node and in browsers.
 *
 * @packageDocumentation
 */

export type { StandardSchemaV1 } from "@standard-schema/spec";
export { z } from "zod";
export { amongCandidates } from "../core/candidates/among-candidates.js";
export { refuseCandidates } from "../core/candidates/refuse-candidates.js";
export type { Action, Decision, Explanation, Neighbour } from "../core/decision.js";
export {
  defineSampler,
  defineScheduler,
  type OptionsSchema,
  type SamplerParts,
  type SchedulerParts,
} from "../core/define.js";
export { drawParams, paramsAt } from "../core/draw/draw-params.js";
export { completeParams, sampleParams } from "../core/draw/sample-params.js";
export { CurvewiseError, type ErrorDetails, isCurvewiseError } from "../core/errors.js";
export type * from "../core/events.js";
export type { Exploit, Inheritance, PendingExploit } from "../core/exploit.js";
export { costOf, type Direction, type Goal, isBetter } from "../core/goal.js";
export type { Json } from "../core/json.js";
export type {
  ChoiceParam,
  Condition,
  FixedParam,
  FloatParam,
  IntParam,
  ListPrior,
  NumberPrior,
  OrdinalParam,
  Param,
  Params,
  ParamValue,
  Requirement,
  Space,
} from "../core/param.js";
export { sameValue } from "../core/param-value.js";
export type { Sampler, SamplerChoice, SamplerDefinition, SamplerSetup } from "../core/sampler.js";
export type {
  Resumption,
  Scheduler,
  SchedulerChoice,
  SchedulerDefinition,
  SchedulerSetup,
} from "../core/scheduler.js";
export {
  type Comparison,
  type Constraint,
  contains,
  countValues,
  isOn,
  problemsOf,
  quantilesOf,
  type SearchSpace,
  valueAt,
} from "../core/search-space.js";
export type { Snapshot } from "../core/snapshot.js";
export type { Study, StudyNote, TransferredStudy, Worker } from "../core/study.js";
export type { AlgorithmChoice, AlgorithmModule, Budget, StudyDefinition } from "../core/study-definition.js";
export type { TransferWish } from "../core/transferred-study.js";
export {
  goalValue,
  type LastDecision,
  type LearningCurve,
  lastStep,
  lastValue,
  presentValue,
  type Trial,
  type TrialState,
  valueAtStep,
} from "../core/trial.js";
export { createRandom, PURPOSE, type Random } from "../math/random.js";
