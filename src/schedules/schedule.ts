import type { z } from "zod";
import { CurvewiseError } from "../core/errors.js";
import { type ScheduleName, scheduleNamed, scheduleNames, schedules } from "./kinds.js";
import type { Tagged } from "./schedule-definition.js";
import { parseWarmup, type Warmup, warmedRate } from "./warmup.js";

/**
 * What a schedule counts: `iteration`, an update of the weights, or `step`, as in the training's reports. Within a step
 * the rate does not change.
 */
export type ScheduleUnit = "iteration" | "step";

/** What every kind of schedule may have besides its options. */
export interface ScheduleSettings {
  /** The unit of all times and durations of the schedule; by default iterations. */
  readonly unit?: ScheduleUnit;
  readonly warmup?: Warmup;
}

type Kinds = {
  readonly [Name in ScheduleName]: Tagged<Name, z.output<(typeof schedules)[Name]["options"]>>;
};

/**
 * A schedule as plain data: its kind with options, and its other settings. It is what the kinds' functions and
 * {@link parseSchedule} return, and what JSON and YAML files hold.
 *
 * @example { cosine: { rate: 0.1, duration: 10_000, final: 0 }, warmup: { duration: 500, start: 0 } }
 */
export type Schedule = Kinds[ScheduleName] & ScheduleSettings;

/** What a schedule may have besides its kind. */
export const SETTINGS: readonly string[] = ["unit", "warmup"];

function refuse(message: string, hint: string): never {
  throw new CurvewiseError("SCHEDULE_INVALID", message, { hint });
}

function parseUnit(input: unknown): ScheduleUnit {
  if (input === "iteration" || input === "step") return input;
  return refuse(`unit: cannot be ${JSON.stringify(input)}`, "Give iteration or step.");
}

/** Describes something that is not a mapping. */
const shown = (input: unknown): string => JSON.stringify(input)?.slice(0, 60) ?? "nothing";

/**
 * Checks a schedule that comes from a file.
 *
 * @param input parsed JSON or YAML, such as `{cosine: {rate: 0.1, duration: 10000}, warmup: {duration: 500}}`
 * @throws CurvewiseError `SCHEDULE_INVALID`
 */
export function parseSchedule(input: unknown): Schedule {
  const known = `Known: ${scheduleNames.join(", ")}.`;
  if (typeof input !== "object" || input === null || Array.isArray(input)) {
    return refuse(`a schedule must be a mapping such as {cosine: {..}}, but is ${shown(input)}`, known);
  }
  const entries = new Map<string, unknown>(Object.entries(input));
  const kinds = [...entries.keys()].filter((key) => !SETTINGS.includes(key));
  const unknown = kinds.find((key) => scheduleNamed(key) === undefined);
  if (unknown !== undefined) refuse(`there is no schedule ${JSON.stringify(unknown)}`, known);
  const [kind = "", other] = kinds;
  const definition = scheduleNamed(kind);
  if (definition === undefined) return refuse("the schedule has no kind", known);
  if (other !== undefined) refuse(`the schedule has two kinds: ${kind} and ${other}`, "Remove one of them.");
  const unit = entries.get("unit");
  const warmup = entries.get("warmup");
  return {
    ...definition.parse(entries.get(kind)),
    ...(unit === undefined ? {} : { unit: parseUnit(unit) }),
    ...(warmup === undefined ? {} : { warmup: parseWarmup(warmup) }),
  };
}

/** A schedule in the list, whatever its options. */
interface KnownSchedule {
  rateAt(options: unknown, time: number): number;
}

const known: ReadonlyMap<string, KnownSchedule> = new Map<string, KnownSchedule>(Object.entries(schedules));

/**
 * The rate of a schedule at a time.
 *
 * @param schedule the result of a kind's function or of {@link parseSchedule}
 * @param time how much was done before, from 0: iterations, or steps if the schedule's unit is `step`
 * @throws CurvewiseError `SCHEDULE_TIME` when the time is not a finite number of at least 0
 */
export function rateAt(schedule: Schedule, time: number): number {
  if (!(time >= 0 && Number.isFinite(time))) {
    throw new CurvewiseError("SCHEDULE_TIME", `there is no rate at ${schedule.unit ?? "iteration"} ${time}`, {
      hint: "Give the number of iterations or steps done before: 0 or more.",
    });
  }
  for (const [name, options] of Object.entries(schedule)) {
    const definition = known.get(name);
    if (definition === undefined) continue;
    const { warmup } = schedule;
    if (warmup === undefined) return definition.rateAt(options, time);
    return warmedRate(warmup, time, (since) => definition.rateAt(options, since));
  }
  return refuse("the schedule has no kind", `Known: ${scheduleNames.join(", ")}.`);
}
