import type { z } from "zod";
import { CurvewiseError } from "../core/errors.js";
import {
  type ChoiceParam,
  type Condition,
  choice,
  type FixedParam,
  type FloatParam,
  fixed,
  type IntParam,
  type OrdinalParam,
  type Param,
  type ParamValue,
} from "../core/param.js";
import { valueAt } from "../core/search-space.js";
import {
  type AnySchedule,
  type ScheduleName,
  scheduleNamed,
  scheduleNames,
  type schedules,
} from "./kinds.js";
import { type ScheduleUnit, SETTINGS } from "./schedule.js";
import { type OptionsSchema, scheduleError } from "./schedule-definition.js";
import { valueOfText } from "./schedule-params.js";
import { warmupOptions } from "./warmup.js";

/** Options, each a value or a param; the rate may be left out if it is given with the params. */
type Searched<Options> = {
  readonly [Option in keyof Options as Option extends "rate" ? never : Option]: Options[Option] | Param;
} & {
  readonly [Option in keyof Options as Option extends "rate" ? Option : never]?: Options[Option] | Param;
};

/** The kinds of schedule to choose from, each with its options: values or params to search. */
export type ScheduleChoices = {
  readonly [Name in ScheduleName]?: Searched<z.input<(typeof schedules)[Name]["options"]>>;
} & {
  readonly unit?: ScheduleUnit;
  readonly warmup?: Searched<z.input<typeof warmupOptions>>;
};

/** The param that an option becomes. */
type OptionParam<Option, When extends Condition | undefined> = Option extends FloatParam
  ? FloatParam<When>
  : Option extends IntParam
    ? IntParam<When>
    : Option extends ChoiceParam<infer Value>
      ? ChoiceParam<Value, When>
      : Option extends OrdinalParam<infer Value>
        ? OrdinalParam<Value, When>
        : Option extends FixedParam<infer Value>
          ? FixedParam<Value, When>
          : Option extends ParamValue
            ? FixedParam<Option, When>
            : FixedParam<string, When>;

type KindsIn<Choices> = Extract<keyof Choices, ScheduleName>;

type OptionNames<Choices, Name extends string> = {
  [Kind in KindsIn<Choices>]: `${Name}.${Kind}.${Extract<keyof Choices[Kind], string>}`;
}[KindsIn<Choices>];

type OptionOf<Choices, Name extends string, Full> = Full extends `${Name}.${infer Kind}.${infer Option}`
  ? Kind extends keyof Choices
    ? Option extends keyof Choices[Kind]
      ? Choices[Kind][Option]
      : never
    : never
  : never;

type WarmupNames<Choices, Name extends string> = Choices extends { readonly warmup: infer Warmup }
  ? `${Name}.warmup.${Extract<keyof Warmup, string>}`
  : never;

/** The params that {@link scheduleSpace} creates. */
export type ScheduleSpace<Choices, Name extends string, When extends Condition | undefined> = {
  readonly [Full in Name]: ChoiceParam<KindsIn<Choices>, When>;
} & {
  readonly [Full in OptionNames<Choices, Name>]: OptionParam<OptionOf<Choices, Name, Full>, Condition>;
} & {
  readonly [Full in WarmupNames<Choices, Name>]: OptionParam<OptionOf<Choices, Name, Full>, When>;
} & (Choices extends { readonly unit: ScheduleUnit }
    ? { readonly [Full in `${Name}.unit`]: FixedParam<ScheduleUnit, When> }
    : unknown);

/** Settings of {@link scheduleSpace}. */
export interface ScheduleSpaceSettings<Name extends string, When extends Condition | undefined> {
  /** The name of the param that holds the kind of schedule, and the prefix of the others; by default `schedule`. */
  readonly name?: Name;
  /** Only trials that meet this have a schedule. */
  readonly when?: When;
}

/** The maximum number of combinations of options that are checked together. */
const MAX_COMBINATIONS = 4096;
/** Where between its ends a range is checked too: usually a fraction, unless the range has only whole numbers. */
const INSIDE = 0.381966;

function refuse(message: string, hint: string): never {
  throw new CurvewiseError("SCHEDULE_INVALID", message, { hint });
}

function isParam(option: unknown): option is Param {
  return typeof option === "object" && option !== null && "kind" in option;
}

/** Values of a param that show whether all of them are valid. */
function samplesOf(param: Param): ParamValue[] {
  switch (param.kind) {
    case "float":
    case "int":
      return [...new Set([param.low, param.high, valueAt(param, INSIDE)])];
    case "choice":
    case "ordinal":
      return [...param.options];
    case "fixed":
      return [param.value];
  }
}

function paramOf(name: string, option: unknown): Param {
  if (isParam(option)) return option;
  if (Array.isArray(option)) return fixed(JSON.stringify(option));
  if (typeof option === "number" || typeof option === "string" || typeof option === "boolean") {
    return fixed(option);
  }
  return refuse(
    `${name}: cannot be ${JSON.stringify(option)}`,
    "Give a value, or a param such as float(0, 1).",
  );
}

/** The params for some options, checked one by one and then together. */
function optionParams(
  prefix: string,
  schema: OptionsSchema,
  input: object,
  optional: readonly string[],
): [string, Param][] {
  const names = Object.keys(schema.shape);
  const entries = Object.entries(input).flatMap(([option, value]): [string, Param][] =>
    value === undefined ? [] : [[option, paramOf(`${prefix}.${option}`, value)]],
  );
  let combinations: Readonly<Record<string, unknown>>[] = [
    Object.fromEntries(optional.filter((option) => names.includes(option)).map((option) => [option, 1])),
  ];
  for (const [option, param] of entries) {
    const optionSchema = schema.shape[option];
    const samples = samplesOf(param).map(valueOfText);
    for (const sample of samples) {
      const parsed = optionSchema?.safeParse(sample);
      if (parsed?.success === false) throw scheduleError(prefix, parsed.error, names, option);
    }
    combinations = combinations
      .flatMap((each) => samples.map((sample) => ({ ...each, [option]: sample })))
      .slice(0, MAX_COMBINATIONS);
  }
  // If options have their own conditions, what is on varies, so the options are checked when they are drawn.
  if (entries.every(([, param]) => param.when === undefined)) {
    for (const combination of combinations) {
      const parsed = schema.safeParse(combination);
      if (!parsed.success) throw scheduleError(prefix, parsed.error, names);
    }
  }
  return entries.map(([option, param]) => [`${prefix}.${option}`, param]);
}

function withCondition(param: Param, condition: Condition): Param {
  return Object.keys(condition).length === 0 ? param : { ...param, when: { ...param.when, ...condition } };
}

/** The params of one kind, which are on in trials with that kind. */
function kindParams(name: string, definition: AnySchedule, options: unknown): [string, Param][] {
  const kind = definition.scheduleName;
  if (typeof options !== "object" || options === null) {
    return refuse(`${name}.${kind}: must be a mapping of its options`, `Write ${kind}: {} if it has none.`);
  }
  return optionParams(`${name}.${kind}`, definition.options, options, ["rate"]).map(([full, param]) => [
    full,
    withCondition(param, { [name]: kind }),
  ]);
}

/**
 * The params for searching a schedule: its kind, and the numbers of each kind, which are on only in trials with that
 * kind. A value instead of a param is the same in every trial. If a kind has no `rate`, use a separate param for it,
 * shared by all kinds, and pass its value to {@link scheduleFromParams}.
 *
 * @example
 * const space = {
 *   lr: float(1e-3, 1, { log: true }),
 *   ...scheduleSpace({
 *     constant: {},
 *     exponential: { factor: float(0.8, 1), every: 100 },
 *     cosine: { duration: 10_000 },
 *     warmup: { duration: int(0, 1_000) },
 *   }),
 * };
 * // schedule, schedule.exponential.factor, schedule.exponential.every, schedule.cosine.duration,
 * // schedule.warmup.duration
 *
 * @throws CurvewiseError `SCHEDULE_INVALID` when a kind or an option is unknown, missing, or can take a value that the
 *   schedule does not allow
 */
export function scheduleSpace<
  const Choices extends ScheduleChoices,
  const Name extends string = "schedule",
  const When extends Condition | undefined = undefined,
>(
  choices: Choices,
  settings?: ScheduleSpaceSettings<Name, When>,
): ScheduleSpace<Choices, Name, NoInfer<When>>;
export function scheduleSpace(
  choices: Readonly<Record<string, unknown>>,
  settings: ScheduleSpaceSettings<string, Condition | undefined> = {},
): Readonly<Record<string, Param>> {
  const { name = "schedule", when = {} } = settings;
  const given = Object.keys(choices).filter((key) => choices[key] !== undefined);
  const kinds = given
    .filter((key) => !SETTINGS.includes(key))
    .map(
      (key) => scheduleNamed(key) ?? refuse(`${name}: there is no schedule ${JSON.stringify(key)}`, KNOWN),
    );
  if (kinds.length === 0) refuse(`${name}: there is no schedule to choose from`, KNOWN);
  const { unit, warmup } = choices;
  const settled: [string, Param][] = [[name, choice(kinds.map(({ scheduleName }) => scheduleName))]];
  if (unit !== undefined) {
    if (unit !== "iteration" && unit !== "step") {
      refuse(`${name}.unit: cannot be ${JSON.stringify(unit)}`, "Give iteration or step.");
    }
    settled.push([`${name}.unit`, fixed(unit)]);
  }
  if (typeof warmup === "object" && warmup !== null) {
    settled.push(...optionParams(`${name}.warmup`, warmupOptions, warmup, []));
  } else if (warmup !== undefined) {
    refuse(`${name}.warmup: must be a mapping of its options`, "Write warmup: {duration: 500}.");
  }
  return Object.fromEntries([
    ...settled.map(([full, param]): [string, Param] => [full, withCondition(param, when)]),
    ...kinds.flatMap((definition) => kindParams(name, definition, choices[definition.scheduleName])),
  ]);
}

const KNOWN = `Known: ${scheduleNames.join(", ")}.`;
