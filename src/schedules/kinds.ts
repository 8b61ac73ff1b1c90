import { constant } from "./constant.js";
import { cosine } from "./cosine.js";
import { cosineRestarts } from "./cosine-restarts.js";
import { exponential } from "./exponential.js";
import { inverseSquareRoot } from "./inverse-square-root.js";
import { oneCycle } from "./one-cycle.js";
import { piecewise } from "./piecewise.js";
import { polynomial } from "./polynomial.js";
import { step } from "./step.js";

/** Every schedule by its name: the one list that study files, the trainer and the tests know them from. */
export const schedules = {
  constant,
  exponential,
  step,
  polynomial,
  cosine,
  "cosine-restarts": cosineRestarts,
  "inverse-square-root": inverseSquareRoot,
  "one-cycle": oneCycle,
  piecewise,
} as const;

/** The name of a schedule. */
export type ScheduleName = keyof typeof schedules;

/** A schedule as the list holds it, whatever its options are. */
export type AnySchedule = (typeof schedules)[ScheduleName];

/** The schedule of a name; undefined when there is none. */
export function scheduleNamed(name: string): AnySchedule | undefined {
  return Object.values(schedules).find(({ scheduleName }) => scheduleName === name);
}

/** The schedules' names, in the order of the list. */
export const scheduleNames: readonly ScheduleName[] = Object.values(schedules).map(
  ({ scheduleName }) => scheduleName,
);
