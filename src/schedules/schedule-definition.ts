import type { z } from "zod";
import { CurvewiseError } from "../core/errors.js";

/** A schedule as files hold it: its kind, and the kind's options. */
export type Tagged<Name extends string, Options> = { readonly [Key in Name]: Options };

/** The options of a schedule, each with a schema and a description. */
export type OptionsSchema = z.ZodObject<Readonly<Record<string, z.ZodType>>>;

/** What a schedule's file exports: call it with options, or read what it is. */
export interface ScheduleDefinition<Name extends string, Schema extends OptionsSchema> {
  /** @throws CurvewiseError `SCHEDULE_INVALID` */
  (options: z.input<Schema>): Tagged<Name, z.output<Schema>>;
  readonly scheduleName: Name;
  /** One sentence: how the rate changes. */
  readonly summary: string;
  /** The options' schema, with a description for each. */
  readonly options: Schema;
  /** The same as calling it, for options that come from a file. @throws CurvewiseError `SCHEDULE_INVALID` */
  parse(options: unknown): Tagged<Name, z.output<Schema>>;
  /** The rate at a time from 0, in the schedule's unit; it need not be a whole number. */
  rateAt(options: z.output<Schema>, time: number): number;
}

function tagged<Name extends string, Options>(name: Name, options: Options): Tagged<Name, Options>;
function tagged(name: string, options: unknown): Readonly<Record<string, unknown>> {
  return { [name]: options };
}

/** An error about invalid options; `label` says whose they are, and `option` which one was checked. */
export function scheduleError(
  label: string,
  error: z.ZodError,
  names: readonly string[],
  option?: string,
): CurvewiseError {
  const first = error.issues[0];
  const inner = first?.path.map(String) ?? [];
  const where = [label, ...(option === undefined ? [] : [option]), ...inner].join(".");
  const isMissing = first?.code === "invalid_type" && first.message.endsWith("received undefined");
  const what = isMissing ? "is missing" : (first?.message ?? "is invalid");
  return new CurvewiseError("SCHEDULE_INVALID", `${where}: ${what}`, {
    hint: `The options of ${label}: ${names.join(", ")}; see docs/schedules.md.`,
    cause: error,
  });
}

/**
 * Creates a schedule's definition, which its file exports. `rateAt` is pure, and receives options that the schema has
 * checked and completed.
 */
export function defineSchedule<const Name extends string, Schema extends OptionsSchema>(definition: {
  readonly name: Name;
  readonly summary: string;
  readonly options: Schema;
  readonly rateAt: (options: z.output<Schema>, time: number) => number;
}): ScheduleDefinition<Name, Schema> {
  const { name, summary, options: schema, rateAt } = definition;
  const parse = (input: unknown): Tagged<Name, z.output<Schema>> => {
    const parsed = schema.safeParse(input ?? {});
    if (!parsed.success) throw scheduleError(name, parsed.error, Object.keys(schema.shape));
    return tagged(name, parsed.data);
  };
  const choose = (options: z.input<Schema>) => parse(options);
  return Object.assign(choose, { scheduleName: name, summary, options: schema, parse, rateAt });
}
