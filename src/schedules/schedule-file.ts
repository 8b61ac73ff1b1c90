import { z } from "zod";
import { CurvewiseError } from "../core/errors.js";
import { valueOfSwitch } from "../core/found-schedule.js";
import type { Params, ParamValue } from "../core/param.js";
import { paramValue } from "../core/param-schema.js";
import { schedules } from "./kinds.js";
import { parseSchedule, rateAt, type Schedule } from "./schedule.js";
import { warmupOptions } from "./warmup.js";

const kinds = Object.fromEntries(
  Object.values(schedules).map(
    ({ scheduleName, summary, options }) =>
      [scheduleName, options.exactOptional().describe(summary)] as const,
  ),
);

const schedule = z.strictObject({
  ...kinds,
  unit: z
    .enum(["step", "iteration"])
    .exactOptional()
    .describe("What the schedule counts: steps of the study, or weight updates (the default)."),
  warmup: warmupOptions.exactOptional().describe("A linear rise before the schedule."),
});

const change = z.strictObject({
  from: z.number().min(0).describe("How many steps are done when the value takes effect."),
  value: paramValue.describe("The value from then on; null if the param is switched off."),
  on: z
    .literal(true)
    .exactOptional()
    .describe("Says of the value null that the param has it, instead of being switched off."),
});

/** The schema of a file of params that change during a training, as `curvewise schedule` writes it. */
export const scheduleFileSchema = z.strictObject({
  study: z.string().exactOptional().describe("The study that the params were found in."),
  trial: z.int().min(0).exactOptional().describe("The trial whose model was trained this way."),
  goal: z
    .strictObject({ metric: z.string(), direction: z.enum(["minimize", "maximize"]) })
    .exactOptional()
    .describe("The study's goal."),
  value: z.number().nullable().exactOptional().describe("The final value of the goal metric."),
  steps: z.int().min(0).exactOptional().describe("How many steps the model was trained."),
  params: z.record(z.string(), paramValue).default({}).describe("Params that stay the same throughout."),
  schedules: z
    .record(z.string(), schedule)
    .default({})
    .describe("Numbers that change: each is the rate of a schedule after the steps done so far."),
  switches: z
    .record(z.string(), z.array(change).min(1))
    .default({})
    .describe("Other params that change: each value and when it takes effect, the first one from 0."),
});

/** Params that change during a training, as stored in a file. */
export interface ScheduleFile {
  readonly study?: string;
  readonly trial?: number;
  readonly goal?: { readonly metric: string; readonly direction: "minimize" | "maximize" };
  readonly value?: number | null;
  readonly steps?: number;
  readonly params: Params;
  readonly schedules: Readonly<Record<string, Schedule>>;
  readonly switches: Readonly<
    Record<string, readonly { readonly from: number; readonly value: ParamValue; readonly on?: true }[]>
  >;
}

function refuse(where: string, problem: string, cause?: unknown): never {
  throw new CurvewiseError("SCHEDULE_FILE_INVALID", `${where === "" ? "" : `${where}: `}${problem}`, {
    hint: "It must be what `curvewise schedule` writes; see docs/populations.md.",
    cause,
  });
}

/**
 * Checks the parsed JSON or YAML of a file written by `curvewise schedule` or in the same format.
 *
 * @example parseScheduleFile({ params: { batch: 32 }, schedules: { lr: { cosine: { rate: 0.1, duration: 90 }, unit: "step" } } })
 * @throws CurvewiseError `SCHEDULE_FILE_INVALID`, `SCHEDULE_INVALID`
 */
export function parseScheduleFile(input: unknown): ScheduleFile {
  const parsed = scheduleFileSchema.safeParse(input);
  if (!parsed.success) {
    const [first] = parsed.error.issues;
    return refuse(first?.path.join(".") ?? "", first?.message ?? "it is invalid", parsed.error);
  }
  const { schedules: tagged, ...rest } = parsed.data;
  const names = [rest.params, tagged, rest.switches].flatMap(Object.keys);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) refuse(twice, "the param is given twice");
  for (const [name, changes] of Object.entries(rest.switches)) {
    if (changes[0]?.from !== 0) refuse(`switches.${name}`, "the first change must be from 0");
    if (changes.some(({ from }, index) => index > 0 && from <= (changes[index - 1]?.from ?? from)))
      refuse(`switches.${name}`, "each change must come after the previous one");
  }
  const entries = Object.entries(tagged).map(([name, each]) => [name, parseSchedule(each)] as const);
  return { ...rest, schedules: Object.fromEntries(entries) };
}

/**
 * The params at a step of a training.
 *
 * @param file the result of {@link parseScheduleFile}
 * @param steps how many steps are done: 0 for the params of the first step
 * @throws CurvewiseError `SCHEDULE_TIME` when that is not a finite number of at least 0, or a schedule counts
 *   iterations
 */
export function paramsAt({ params, schedules: all, switches }: ScheduleFile, steps: number): Params {
  if (!(steps >= 0 && Number.isFinite(steps))) {
    throw new CurvewiseError("SCHEDULE_TIME", `there are no params at step ${steps}`, {
      hint: "Give the number of steps done so far: 0 or more.",
    });
  }
  const rates = Object.entries(all).map(([name, each]) => {
    if (each.unit === "step") return [name, rateAt(each, steps)] as const;
    throw new CurvewiseError("SCHEDULE_TIME", `the schedule of ${name} counts iterations, not steps`, {
      hint: "Set its unit to step, or use rateAt to get the rate at an iteration.",
    });
  });
  const values = Object.entries(switches).flatMap(([name, changes]): [string, ParamValue][] => {
    const change = changes.findLast(({ from }) => from <= steps);
    const value = change && valueOfSwitch(change);
    return value === undefined ? [] : [[name, value]];
  });
  return { ...params, ...Object.fromEntries([...rates, ...values]) };
}
