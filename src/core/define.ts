import type { z } from "zod";
import { CurvewiseError } from "./errors.js";
import type { Json } from "./json.js";
import type { Sampler, SamplerDefinition, SamplerSetup } from "./sampler.js";
import type { Scheduler, SchedulerDefinition, SchedulerSetup } from "./scheduler.js";

/** Options are plain JSON, because the study's log records them. */
type OptionsSchema = z.ZodType<{ readonly [option: string]: Json }>;

function parseOptions<Schema extends OptionsSchema>(
  kind: "sampler" | "scheduler",
  name: string,
  schema: Schema,
  input: unknown,
): z.output<Schema> {
  const parsed = schema.safeParse(input ?? {});
  if (parsed.success) return parsed.data;
  const first = parsed.error.issues[0];
  const where = first === undefined || first.path.length === 0 ? "" : ` at ${first.path.join(".")}`;
  throw new CurvewiseError(
    "OPTIONS_INVALID",
    `${kind} ${name}${where}: ${first?.message ?? "the options do not fit"}`,
    { hint: `See \`curvewise ${kind}s ${name}\` for its options.`, cause: parsed.error },
  );
}

/**
 * Makes a scheduler's definition: what its file exports.
 *
 * @throws CurvewiseError `OPTIONS_INVALID` from the definition, when it is called with options that do not fit
 */
export function defineScheduler<Schema extends OptionsSchema>(definition: {
  readonly name: string;
  readonly forgets?: boolean;
  readonly summary: string;
  readonly options: Schema;
  readonly create: (options: z.output<Schema>, setup: SchedulerSetup) => Scheduler;
}): SchedulerDefinition<Schema> {
  const { name, forgets = false, summary, options: schema, create } = definition;
  const choose = (input?: z.input<Schema>) => {
    const options = parseOptions("scheduler", name, schema, input);
    return { name, options, forgets, create: (setup: SchedulerSetup) => create(options, setup) };
  };
  return Object.assign(choose, { schedulerName: name, forgets, summary, options: schema });
}

/**
 * Makes a sampler's definition: what its file exports.
 *
 * @throws CurvewiseError `OPTIONS_INVALID` from the definition, when it is called with options that do not fit
 */
export function defineSampler<Schema extends OptionsSchema>(definition: {
  readonly name: string;
  readonly forgets?: boolean;
  readonly summary: string;
  readonly options: Schema;
  readonly create: (options: z.output<Schema>, setup: SamplerSetup) => Sampler;
}): SamplerDefinition<Schema> {
  const { name, forgets = false, summary, options: schema, create } = definition;
  const choose = (input?: z.input<Schema>) => {
    const options = parseOptions("sampler", name, schema, input);
    return { name, options, forgets, create: (setup: SamplerSetup) => create(options, setup) };
  };
  return Object.assign(choose, { samplerName: name, forgets, summary, options: schema });
}
