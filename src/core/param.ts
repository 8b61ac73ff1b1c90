import { CurvewiseError } from "./errors.js";
import { nameHint } from "./nearest.js";
import { distinctValues, frozenValue, type ParamValue, placeOfValue } from "./param-value.js";

export type { ParamValue } from "./param-value.js";

/** The values of one trial's hyperparameters by name; params that are switched off are absent. */
export type Params = Readonly<Record<string, ParamValue>>;

/**
 * A test of another param: equal to a value, one of several, or a number in a range (ends included). A value that is
 * itself a list or a mapping is written as one of several: `[[64, 64]]`.
 */
export type Requirement =
  | string
  | number
  | boolean
  | null
  | readonly ParamValue[]
  | { readonly min?: number; readonly max?: number };

/** A param with a condition exists only in trials in which every named param is on and meets its requirement. */
export type Condition = Readonly<Record<string, Requirement>>;

/**
 * Where the best value of a number is expected: with a probability of 68 %, at most a factor away from `around` (params
 * with `log`), or within a distance of it (others). It is the normal distribution with that deviation, cut off at the
 * ends of the range.
 */
export type NumberPrior =
  | { readonly around: number; readonly factor: number; readonly within?: never }
  | { readonly around: number; readonly within: number; readonly factor?: never };

/**
 * How much likelier some values are to be the best. Values are named by their texts, lists and mappings as JSON; those
 * that are not named weigh 1.
 */
export interface ListPrior {
  readonly weights: Readonly<Record<string, number>>;
}

/** A real number in [low, high]; `log`: uniform in the logarithm; `step`: only low, low + step, low + 2 step, ... */
export interface FloatParam<When extends Condition | undefined = Condition | undefined> {
  readonly kind: "float";
  readonly low: number;
  readonly high: number;
  readonly log: boolean;
  readonly step: number | undefined;
  /** What is tried first; absent: any. */
  readonly default?: number;
  /** Where the best value is expected; absent: anywhere alike. */
  readonly prior?: NumberPrior;
  readonly when: When;
}

/** A whole number in [low, high], both included. */
export interface IntParam<When extends Condition | undefined = Condition | undefined> {
  readonly kind: "int";
  readonly low: number;
  readonly high: number;
  readonly log: boolean;
  readonly step: number;
  /** What is tried first; absent: any. */
  readonly default?: number;
  /** Where the best value is expected; absent: anywhere alike. */
  readonly prior?: NumberPrior;
  readonly when: When;
}

/** One of several unordered values. */
export interface ChoiceParam<
  Value extends ParamValue = ParamValue,
  When extends Condition | undefined = Condition | undefined,
> {
  readonly kind: "choice";
  readonly options: readonly Value[];
  /** What is tried first; absent: any. */
  readonly default?: Value;
  /** Where the best value is expected; absent: anywhere alike. */
  readonly prior?: ListPrior;
  readonly when: When;
}

/** One of several values whose order means something: neighbours are alike. */
export interface OrdinalParam<
  Value extends ParamValue = ParamValue,
  When extends Condition | undefined = Condition | undefined,
> {
  readonly kind: "ordinal";
  readonly options: readonly Value[];
  /** What is tried first; absent: any. */
  readonly default?: Value;
  /** Where the best value is expected; absent: anywhere alike. */
  readonly prior?: ListPrior;
  readonly when: When;
}

/** A value that is the same in every trial. */
export interface FixedParam<
  Value extends ParamValue = ParamValue,
  When extends Condition | undefined = Condition | undefined,
> {
  readonly kind: "fixed";
  readonly value: Value;
  readonly when: When;
}

/** Any hyperparameter. */
export type Param = FloatParam | IntParam | ChoiceParam | OrdinalParam | FixedParam;

/** A search space: hyperparameters by name. */
export type Space = Readonly<Record<string, Param>>;

/** The type of a param's values. */
export type ValueOf<P extends Param> = P extends { readonly kind: "float" | "int" }
  ? number
  : P extends { readonly options: readonly (infer Value)[] }
    ? Value
    : P extends { readonly value: infer Value }
      ? Value
      : never;

type ConditionalNames<S extends Space> = {
  [Name in keyof S]: S[Name]["when"] extends undefined ? never : Name;
}[keyof S];

/** The params of a trial of a space: those with a condition may be absent. */
export type ParamsOf<S extends Space> = {
  readonly [Name in Exclude<keyof S, ConditionalNames<S>>]: ValueOf<S[Name]>;
} & { readonly [Name in ConditionalNames<S>]?: ValueOf<S[Name]> };

/** Options of {@link float} and {@link int}. */
export interface NumberOptions<When extends Condition | undefined> {
  /** Uniform in the logarithm: for params that matter by their factor, such as a learning rate. */
  readonly log?: boolean;
  /** The distance between neighbouring values, counted from `low`. */
  readonly step?: number;
  /** A value that is known not to be bad: the first trial has it. */
  readonly default?: number;
  /** Where you expect the best value: `{ around: 1e-3, factor: 3 }` with `log`, else `{ around: 0.5, within: 0.1 }`. */
  readonly prior?: NumberPrior;
  /** The param exists only in trials that meet this. */
  readonly when?: When;
}

const NUMBER_OPTIONS = [
  "log",
  "step",
  "default",
  "prior",
  "when",
] satisfies (keyof NumberOptions<undefined>)[];
const CONDITION_OPTIONS = ["when"] satisfies (keyof ConditionOptions<undefined>)[];
const LIST_OPTIONS = ["default", "prior", "when"] satisfies (keyof ListOptions<ParamValue, undefined>)[];

/** Options as TypeScript checks them; programs in JavaScript could mistype them, and they would be ignored. */
function checkSettings(call: string, given: unknown, known: readonly string[]): void {
  if (typeof given !== "object" || given === null || Array.isArray(given))
    refuse(`${call}: the options must be an object`, `The options are ${known.join(", ")}.`);
  const unknown = Object.keys(given).find((key) => !known.includes(key));
  if (unknown !== undefined) refuse(`${call}: "${unknown}" is not an option`, nameHint(unknown, known));
}

function refuse(message: string, hint: string): never {
  throw new CurvewiseError("SPACE_INVALID", message, { hint });
}

function checkRange(kind: string, low: number, high: number, log: boolean, step: number | undefined): void {
  const range = `${kind}(${low}, ${high})`;
  if (!Number.isFinite(low) || !Number.isFinite(high))
    refuse(`${range}: both ends must be finite numbers`, "Give two finite numbers.");
  if (low > high) refuse(`${range}: low is greater than high`, `Write ${kind}(${high}, ${low}).`);
  if (!Number.isFinite(high - low)) {
    refuse(
      `${range}: the range is wider than the largest number, ${Number.MAX_VALUE}`,
      "Narrow it, or scale the param in the program.",
    );
  }
  if (log && low <= 0) {
    refuse(`${range}: a logarithmic range must be above zero`, "Raise low above zero, or leave out log.");
  }
  if (step !== undefined) {
    if (!Number.isFinite(step) || step <= 0)
      refuse(`${range}: step must be above zero, but is ${step}`, "Give a positive step.");
    if ((high - low) / step > Number.MAX_SAFE_INTEGER)
      refuse(`${range}: there are too many steps of ${step} to count them`, "Give a larger step.");
    if (log)
      refuse(
        `${range}: log and step cannot be combined`,
        "Use ordinal([...]) with the values that you mean.",
      );
  }
}

/**
 * A real hyperparameter in [low, high].
 *
 * @example float(1e-4, 1, { log: true })
 * @throws CurvewiseError `SPACE_INVALID` when low is above high, a logarithmic range reaches zero, or the range is wider
 *   than the largest number
 */
export function float<const When extends Condition | undefined = undefined>(
  low: number,
  high: number,
  options: NumberOptions<When> = {},
): FloatParam<NoInfer<When>> {
  checkSettings(`float(${low}, ${high})`, options, NUMBER_OPTIONS);
  const { log = false, step } = options;
  checkRange("float", low, high, log, step);
  return { kind: "float", low, high, log, step, ...hintsIn(options), when: conditionOf<When>(options) };
}

/**
 * A whole-number hyperparameter in [low, high], both included.
 *
 * @example int(16, 512, { log: true })
 * @throws CurvewiseError `SPACE_INVALID` when an end or the step is not a whole number, or low is above high.
 */
export function int<const When extends Condition | undefined = undefined>(
  low: number,
  high: number,
  options: NumberOptions<When> = {},
): IntParam<NoInfer<When>> {
  checkSettings(`int(${low}, ${high})`, options, NUMBER_OPTIONS);
  const { log = false, step } = options;
  checkRange("int", low, high, log, step);
  for (const [name, value] of Object.entries({ low, high, step: step ?? 1 })) {
    if (!Number.isSafeInteger(value)) {
      refuse(
        `int(${low}, ${high}): ${name} must be a whole number, but is ${value}`,
        "Use float for fractions.",
      );
    }
  }
  return {
    kind: "int",
    low,
    high,
    log,
    step: step ?? 1,
    ...hintsIn(options),
    when: conditionOf<When>(options),
  };
}

/** Options of {@link fixed}. */
export interface ConditionOptions<When extends Condition | undefined> {
  /** The param exists only in trials that meet this. */
  readonly when?: When;
}

/** Options of {@link choice} and {@link ordinal}. */
export interface ListOptions<Value extends ParamValue, When extends Condition | undefined>
  extends ConditionOptions<When> {
  /** A value that is known not to be bad: the first trial has it. */
  readonly default?: Value;
  /** Which values you expect to be the best: `{ weights: { adam: 3, sgd: 1 } }`. */
  readonly prior?: ListPrior;
}

/** The default and the prior without undefined keys. */
const hintsIn = <Value extends ParamValue, Prior>(options: {
  readonly default?: Value;
  readonly prior?: Prior;
}): { default?: Value; prior?: Prior } => ({
  ...(options.default === undefined ? {} : { default: options.default }),
  ...(options.prior === undefined ? {} : { prior: options.prior }),
});

function conditionOf<When extends Condition | undefined>(options: { readonly when?: When }): When;
function conditionOf(options: { readonly when?: Condition | undefined }): Condition | undefined {
  return options.when;
}

/** A copy of the options that nothing can change, checked. */
function checkedOptions<const Value extends ParamValue>(
  kind: string,
  options: readonly Value[],
): readonly Value[] {
  if (!Array.isArray(options)) refuse(`${kind}: the values must be a list`, `Write ${kind}(["a", "b"]).`);
  if (options.length === 0)
    refuse(`${kind}([]): there is nothing to choose from`, "List at least one value.");
  const checked = options.map((value) => frozenValue(value, kind));
  if (distinctValues(checked).length === checked.length) return checked;
  const double = checked.find((value, index) => placeOfValue(checked, value) !== index);
  return refuse(`${kind}: ${JSON.stringify(double)} is listed twice`, "List every value once.");
}

/**
 * One of several unordered values: numbers, strings, booleans, null, and lists and mappings of these.
 *
 * @example choice(["sgd", "adam"])
 * @example choice([[64], [64, 64], null])
 * @throws CurvewiseError `SPACE_INVALID` when no value is listed, one is listed twice, or JSON cannot hold one
 */
export function choice<const Value extends ParamValue, const When extends Condition | undefined = undefined>(
  options: readonly Value[],
  settings: ListOptions<NoInfer<Value>, When> = {},
): ChoiceParam<Value, NoInfer<When>> {
  checkSettings("choice", settings, LIST_OPTIONS);
  return {
    kind: "choice",
    options: checkedOptions("choice", options),
    ...hintsIn(settings),
    when: conditionOf<When>(settings),
  };
}

/**
 * One of several values in an order that means something.
 *
 * @example ordinal([16, 32, 64, 128])
 * @throws CurvewiseError `SPACE_INVALID` when no value is listed, one is listed twice, or JSON cannot hold one
 */
export function ordinal<const Value extends ParamValue, const When extends Condition | undefined = undefined>(
  options: readonly Value[],
  settings: ListOptions<NoInfer<Value>, When> = {},
): OrdinalParam<Value, NoInfer<When>> {
  checkSettings("ordinal", settings, LIST_OPTIONS);
  return {
    kind: "ordinal",
    options: checkedOptions("ordinal", options),
    ...hintsIn(settings),
    when: conditionOf<When>(settings),
  };
}

/**
 * A value that is the same in every trial.
 *
 * @throws CurvewiseError `SPACE_INVALID` when JSON cannot hold it
 */
export function fixed<const Value extends ParamValue, const When extends Condition | undefined = undefined>(
  value: Value,
  settings: ConditionOptions<When> = {},
): FixedParam<Value, NoInfer<When>> {
  checkSettings("fixed", settings, CONDITION_OPTIONS);
  return { kind: "fixed", value: frozenValue(value, "fixed"), when: conditionOf<When>(settings) };
}
