import { z } from "zod";
import { type ScheduleUnit, schedules, warmupOptions } from "../schedules/index.js";

type Options = Readonly<Record<string, z.ZodType>>;

/** The schema of an option that is given, without its default: the schedule fills in what is missing. */
function ofGiven(schema: z.ZodType): z.core.$ZodType {
  let given: z.core.$ZodType = schema;
  while (given instanceof z.ZodDefault || given instanceof z.ZodExactOptional) given = given.unwrap();
  return given;
}

/** Options, each of which may be a param instead. */
function searchable(options: Options, param: z.ZodType) {
  const shape = Object.entries(options).map(
    ([name, schema]) =>
      [
        name,
        z
          .union([ofGiven(schema), param])
          .optional()
          .describe(schema.description ?? ""),
      ] as const,
  );
  return z.strictObject(Object.fromEntries(shape));
}

const UNITS: readonly ScheduleUnit[] = ["iteration", "step"];

/**
 * The schema of a schedule in the search space: kinds of schedule with their options.
 *
 * @param param the schema of a param in place of an option's value
 */
export function scheduleSchema(param: z.ZodType) {
  const kinds = Object.values(schedules).map(
    ({ scheduleName, summary, options }) =>
      [scheduleName, searchable(options.shape, param).optional().describe(summary)] as const,
  );
  return z.strictObject({
    ...Object.fromEntries(kinds),
    unit: z.enum(UNITS).optional().describe("What durations and intervals count; iterations by default."),
    warmup: searchable(warmupOptions.shape, param)
      .optional()
      .describe("A linear rise before the schedule, whatever its kind."),
  });
}
