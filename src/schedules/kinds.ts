import { constant } from "./constant.js";
import { cosine } from "./cosine.js";
import { cosineRestarts } from "./cosine-restarts.js";
import { exponential } from "./exponential.js";
import { inverseSquareRoot } from "./inverse-square-root.js";
import { oneCycle } from "./one-cycle.js";
import { piecewise } from "./piecewise.js";
import { polynomial } from "./polynomial.js";
import { step } from "./step.js";

/** Every schedule by name: the one list behind study files, the trainer and the tests. */
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

/** A schedule as the list holds it, whatever its options. */
export type AnySchedule = (typeof schedules)[ScheduleName];

/** The schedule with a name; undefined if there is none. */
export function scheduleNamed(name: string): AnySchedule | undefined {
  return Object.values(schedules).find(({ scheduleName }) => scheduleName === name);
}

/** The schedules' names, in the order of the list. */
export const scheduleNames: readonly ScheduleName[] = Object.values(schedules).map(
  ({ scheduleName }) => scheduleName,
);
