/**
 * Learning rates that change during training: pure functions of the iteration, as plain data that files can hold and
 * search spaces can search over. See docs/schedules.md.
 *
 * @packageDocumentation
 */
export { constant } from "./constant.js";
export { cosine } from "./cosine.js";
export { cosineRestarts } from "./cosine-restarts.js";
export { exponential } from "./exponential.js";
export { inverseSquareRoot } from "./inverse-square-root.js";
export { type ScheduleName, scheduleNames, schedules } from "./kinds.js";
export { oneCycle } from "./one-cycle.js";
export { piecewise, type RateChange } from "./piecewise.js";
export { polynomial } from "./polynomial.js";
export {
  parseSchedule,
  rateAt,
  type Schedule,
  type ScheduleSettings,
  type ScheduleUnit,
} from "./schedule.js";
export { defineSchedule, type ScheduleDefinition, type Tagged } from "./schedule-definition.js";
export { paramsAt, parseScheduleFile, type ScheduleFile } from "./schedule-file.js";
export { type FromParamsSettings, scheduleFromParams } from "./schedule-params.js";
export {
  type ScheduleChoices,
  type ScheduleSpace,
  type ScheduleSpaceSettings,
  scheduleSpace,
} from "./schedule-space.js";
export { step } from "./step.js";
export { type Warmup, warmUp, warmupOptions } from "./warmup.js";
