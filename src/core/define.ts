import type { StandardSchemaV1 } from "@standard-schema/spec";
import { defaultsFirst } from "./candidates/defaults-first.js";
import { CurvewiseError, messageOf } from "./errors.js";
import type { Goal } from "./goal.js";
import type { Json } from "./json.js";
import { isSampler, type Sampler, type SamplerDefinition, type SamplerSetup } from "./sampler.js";
import type { Scheduler, SchedulerDefinition, SchedulerSetup } from "./scheduler.js";

/**
 * The schema of an algorithm's options: zod's, valibot's, arktype's, or any other that implements Standard Schema
 * (standardschema.dev). Its output must be plain JSON, because the study's log records it, and the schema must accept
 * that output unchanged when it is read back.
 */
export type OptionsSchema = StandardSchemaV1<unknown, { readonly [option: string]: Json | undefined }>;

/** One problem with the options. */
export interface OptionsIssue {
  readonly message: string;
  /** The keys that lead to it. */
  readonly path: readonly (string | number)[];
}

/** The result of a check: the options with all defaults filled in, or what is wrong with them. */
export type CheckedOptions<Schema extends StandardSchemaV1> =
  | { readonly options: StandardSchemaV1.InferOutput<Schema> }
  | { readonly issues: readonly [OptionsIssue, ...OptionsIssue[]] };

function issueOf({ message, path = [] }: StandardSchemaV1.Issue): OptionsIssue {
  const keys = path.map((part) => (typeof part === "object" ? part.key : part));
  return { message, path: keys.map((key) => (typeof key === "symbol" ? String(key) : key)) };
}

function isJson(value: unknown): boolean {
  if (typeof value === "number") return Number.isFinite(value);
  if (value === null || typeof value === "string" || typeof value === "boolean") return true;
  if (Array.isArray(value)) return value.every(isJson);
  if (typeof value !== "object") return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  const isPlain = prototype === null || Object.getPrototypeOf(prototype) === null;
  return isPlain && Object.values(value).every((part) => part === undefined || isJson(part));
}

/**
 * What a check of a zod schema threw. Zod's Standard Schema tries again asynchronously after any error, so that the
 * error is only in its promise.
 */
function thrownByZod(schema: StandardSchemaV1, input: unknown): string | undefined {
  const safeParse: unknown = Reflect.get(schema, "safeParse");
  if (schema["~standard"].vendor !== "zod" || typeof safeParse !== "function") return undefined;
  try {
    Reflect.apply(safeParse, schema, [input]);
  } catch (error) {
    const isAsync = error instanceof Error && error.constructor.name === "$ZodAsyncError";
    return isAsync ? undefined : `the schema threw: ${messageOf(error)}`;
  }
  return undefined;
}

/** Checks options against their schema; missing options are checked as an empty mapping. */
export function checkOptions<Schema extends StandardSchemaV1>(
  schema: Schema,
  input: unknown,
): CheckedOptions<Schema> {
  const refuse = (message: string): CheckedOptions<Schema> => ({ issues: [{ message, path: [] }] });
  let result: ReturnType<StandardSchemaV1["~standard"]["validate"]>;
  try {
    result = schema["~standard"].validate(input ?? {});
  } catch (error) {
    return refuse(`the schema threw: ${messageOf(error)}`);
  }
  if (result instanceof Promise) {
    // Nothing awaits this promise: a rejection must not go unhandled.
    result.catch(() => {});
    const thrown = thrownByZod(schema, input ?? {});
    return refuse(thrown ?? "the schema validates asynchronously, but must be synchronous");
  }
  const [first, ...rest] = result.issues ?? [];
  if (first !== undefined) return { issues: [issueOf(first), ...rest.map(issueOf)] };
  if (result.issues !== undefined) return refuse("the options are invalid");
  if (isJson(result.value)) return { options: result.value };
  return refuse("the schema's output is not plain JSON");
}

/** A sentence that lists the options; undefined if the schema cannot tell. */
export function optionsHint(schema: StandardSchemaV1): string | undefined {
  const described = optionsJsonSchema(schema)?.["properties"];
  if (typeof described !== "object" || described === null) return undefined;
  const names = Object.keys(described);
  return names.length === 0 ? "It has no options." : `Its options are ${names.join(", ")}.`;
}

/** The JSON Schema of the options; undefined if their schema cannot produce one. */
export function optionsJsonSchema(schema: StandardSchemaV1): Readonly<Record<string, unknown>> | undefined {
  const standard: StandardSchemaV1["~standard"] & {
    readonly jsonSchema?: {
      readonly input?: (options: { readonly target: string }) => Record<string, unknown>;
    };
  } = schema["~standard"];
  try {
    return standard.jsonSchema?.input?.({ target: "draft-2020-12" });
  } catch {
    // The standard allows a schema to throw if JSON Schema cannot express it.
    return undefined;
  }
}

function parseOptions<Schema extends OptionsSchema>(
  kind: "sampler" | "scheduler",
  name: string,
  schema: Schema,
  input: unknown,
): StandardSchemaV1.InferOutput<Schema> {
  const checked = checkOptions(schema, input);
  if ("options" in checked) return checked.options;
  const [{ message, path }] = checked.issues;
  const where = path.length === 0 ? "" : ` at ${path.join(".")}`;
  const hint = optionsHint(schema);
  const details = hint === undefined ? {} : { hint };
  throw new CurvewiseError("OPTIONS_INVALID", `${kind} ${name}${where}: ${message}`, details);
}

/** The options as a log records them, without undefined ones. */
function recordedOptions(options: { readonly [option: string]: Json | undefined }): Record<string, Json> {
  const recorded: Record<string, Json> = {};
  for (const [option, value] of Object.entries(options)) if (value !== undefined) recorded[option] = value;
  return recorded;
}

/**
 * Refuses a study with several goals.
 *
 * @throws CurvewiseError `GOALS_UNSUPPORTED`
 */
function refuseGoals(kind: "sampler" | "scheduler", name: string, { others = [] }: Goal): void {
  if (others.length === 0) return;
  throw new CurvewiseError(
    "GOALS_UNSUPPORTED",
    `${kind} ${name} goes by one metric, but the study has ${others.length + 1} goals`,
    {
      hint: `Take another ${kind} (\`curvewise ${kind}s\` says which ones know several goals), or name one goal.`,
    },
  );
}

/** The parts of a sampler or a scheduler. */
export interface AlgorithmParts<Schema extends OptionsSchema, Setup, Algorithm> {
  /** Its name in studies and their logs. */
  readonly name: string;
  /** Whether complete trials may be forgotten: see `forgets` of `SamplerChoice` and `SchedulerChoice`. */
  readonly forgets?: boolean;
  /** Whether it may be used in studies with several goals, because it looks at all of them or at none. */
  readonly severalGoals?: boolean;
  /** One sentence: what it does and when to use it. */
  readonly summary: string;
  /** The options' schema, with a description and a default for each. */
  readonly options: Schema;
  /** Its options with earlier studies to learn from, if it can learn from such. */
  readonly transferring?: (
    options: StandardSchemaV1.InferOutput<Schema>,
    studies: readonly string[],
  ) => StandardSchemaV1.InferOutput<Schema>;
  readonly create: (options: StandardSchemaV1.InferOutput<Schema>, setup: Setup) => Algorithm;
}

/** The parts of a scheduler. */
export type SchedulerParts<Schema extends OptionsSchema> = AlgorithmParts<Schema, SchedulerSetup, Scheduler>;

/** The parts of a sampler. */
export interface SamplerParts<Schema extends OptionsSchema>
  extends AlgorithmParts<Schema, SamplerSetup, Sampler> {
  /**
   * Whether the defaults of the space may be tried before its first proposal, see `defaultsFirst`; they may unless this
   * is false, as it is for samplers whose trials are given from the beginning.
   */
  readonly defaultsFirst?: boolean;
}

/** An algorithm with its options. */
interface Chosen<Setup, Algorithm> {
  readonly name: string;
  readonly options: Record<string, Json>;
  readonly forgets: boolean;
  readonly transferring?: (studies: readonly string[]) => Chosen<Setup, Algorithm>;
  readonly create: (setup: Setup) => Algorithm;
}

/** @throws CurvewiseError `ALGORITHM_INVALID` where JavaScript left out what makes the algorithm */
function checkCreate(
  kind: "sampler" | "scheduler",
  { name, create }: { readonly name: string; readonly create: unknown },
): void {
  if (typeof create === "function") return;
  const made = kind === "sampler" ? "{ ask: ... }" : "{ restore: ..., observe: ..., decide: ... }";
  throw new CurvewiseError("ALGORITHM_INVALID", `the ${kind} ${name} has no \`create\``, {
    hint: `Add what makes it: create: (options, setup) => (${made}).`,
  });
}

/** What a definition does when it is called with options. */
function chooserOf<Schema extends OptionsSchema, Setup extends { readonly goal: Goal }, Algorithm>(
  kind: "sampler" | "scheduler",
  parts: AlgorithmParts<Schema, Setup, Algorithm>,
): (input?: StandardSchemaV1.InferInput<Schema>) => Chosen<Setup, Algorithm> {
  const { name, forgets = false, severalGoals = false, options: schema, transferring, create } = parts;
  const chosen = (options: StandardSchemaV1.InferOutput<Schema>): Chosen<Setup, Algorithm> => ({
    name,
    options: recordedOptions(options),
    forgets,
    ...(transferring === undefined
      ? {}
      : { transferring: (studies: readonly string[]) => chosen(transferring(options, studies)) }),
    create: (setup) => {
      if (!severalGoals) refuseGoals(kind, name, setup.goal);
      return create(options, setup);
    },
  });
  return (input) => chosen(parseOptions(kind, name, schema, input));
}

/**
 * Creates a scheduler's definition, which its file exports.
 *
 * @throws CurvewiseError `ALGORITHM_INVALID` when it has no `create`; `OPTIONS_INVALID` when the definition is called
 *   with invalid options
 */
export function defineScheduler<Schema extends OptionsSchema>(
  parts: SchedulerParts<Schema>,
): SchedulerDefinition<Schema> {
  checkCreate("scheduler", parts);
  const { name, forgets = false, severalGoals = false, summary, options } = parts;
  return Object.assign(chooserOf("scheduler", parts), {
    schedulerName: name,
    forgets,
    severalGoals,
    summary,
    options,
  });
}

/**
 * Creates a sampler's definition, which its file exports.
 *
 * @throws CurvewiseError `ALGORITHM_INVALID` when it has no `create`; `OPTIONS_INVALID` when the definition is called
 *   with invalid options
 */
export function defineSampler<Schema extends OptionsSchema>(
  parts: SamplerParts<Schema>,
): SamplerDefinition<Schema> {
  checkCreate("sampler", parts);
  const { name, forgets = false, severalGoals = false, summary, options } = parts;
  const create: typeof parts.create = (chosen, setup) => {
    const sampler = parts.create(chosen, setup);
    // What is not a sampler is refused by those who asked for one.
    return parts.defaultsFirst === false || !isSampler(sampler)
      ? sampler
      : defaultsFirst(name, sampler, setup);
  };
  return Object.assign(chooserOf("sampler", { ...parts, create }), {
    samplerName: name,
    forgets,
    severalGoals,
    summary,
    options,
  });
}
