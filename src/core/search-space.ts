import { CurvewiseError } from "./errors.js";
import type { Condition, FloatParam, Param, Params, ParamValue, Requirement, Space } from "./param.js";
import { placeOfValue, sameValue } from "./param-value.js";
import { checkPrior } from "./prior.js";

/** A rule across params that every trial must follow. */
export interface Constraint {
  /** How the rule is shown, such as `width1 >= width2`. Studies have the same constraint if they have its name. */
  readonly name: string;
  /** Whether params follow the rule. Params that are switched off are absent. */
  readonly holds: (params: Params) => boolean;
  /**
   * Comparisons that the rule demands, if they are known: params that follow the rule meet all of them. They lead to
   * params where few follow the rule.
   */
  readonly comparisons?: readonly Comparison[];
}

/** A comparison of two numbers that are computed from params. */
export interface Comparison {
  /** The params that it needs; it counts for nothing where one of them is off. */
  readonly names: readonly string[];
  /** `<=` means that the left side is at most the right one. */
  readonly sign: "<" | "<=" | "==";
  /** The left side minus the right side. */
  readonly difference: (params: Params) => number;
  /** If both sides are params: their names. */
  readonly sides?: readonly [left: string, right: string];
}

/** A checked space, ready for samplers. */
export interface SearchSpace {
  readonly params: Space;
  /** Every param's name, in the user's order except that params come after those that they depend on. */
  readonly order: readonly string[];
  readonly constraints: readonly Constraint[];
}

const listOf = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(", ");

/** Params after those that their conditions name. Without recursion: conditions may form a chain of any length. */
function orderByCondition(params: Space): string[] {
  const parentsOf = (name: string): string[] => Object.keys(params[name]?.when ?? {});
  const order = new Set<string>();
  for (const first of Object.keys(params)) {
    if (order.has(first)) continue;
    /** A path of params, each named by the condition of the one before, with those of its own yet to be looked at. */
    const open = new Map([[first, parentsOf(first)]]);
    const path = [first];
    for (let name = path.at(-1); name !== undefined; name = path.at(-1)) {
      const parent = open.get(name)?.shift();
      if (parent === undefined) {
        order.add(name);
        open.delete(name);
        path.pop();
      } else if (open.has(parent)) {
        const message = `the conditions of ${listOf([...path, parent])} form a circle`;
        throw new CurvewiseError("SPACE_INVALID", message, {
          hint: "A param's condition may only name params that do not depend on it.",
        });
      } else if (!Object.hasOwn(params, parent)) {
        const message = `the condition of "${name}" names "${parent}", which is not a param`;
        throw new CurvewiseError("SPACE_INVALID", message, {
          hint: `The params are ${listOf(Object.keys(params))}.`,
        });
      } else if (!order.has(parent)) {
        open.set(parent, parentsOf(parent));
        path.push(parent);
      }
    }
  }
  return [...order];
}

const NAME = /^[A-Za-z_][A-Za-z0-9_.-]*$/;

/**
 * Checks a space as a whole.
 *
 * @throws CurvewiseError `SPACE_INVALID` when it is empty, a name cannot be used on a command line, or a
 *   condition names an unknown param, a value that its parent never takes, or (through others) the param itself; when
 *   a param cannot take its default, the defaults break a constraint, or a prior means nothing for its param
 */
export function createSearchSpace(params: Space, constraints: readonly Constraint[] = []): SearchSpace {
  const names = Object.keys(params);
  if (names.length === 0) {
    throw new CurvewiseError("SPACE_INVALID", "the search space is empty", {
      hint: "Add at least one param.",
    });
  }
  for (const name of names) {
    if (!NAME.test(name)) {
      throw new CurvewiseError("SPACE_INVALID", `"${name}" cannot be the name of a param`, {
        hint: "Use letters, digits, _, . and -, and start with a letter.",
      });
    }
  }
  const inherited = names.find((name) => name in Object.prototype);
  if (inherited !== undefined) {
    throw new CurvewiseError("SPACE_INVALID", `"${inherited}" cannot be the name of a param`, {
      hint: "Every JavaScript object has a property of this name; choose another one.",
    });
  }
  const order = orderByCondition(params);
  for (const name of order) {
    const param = params[name];
    if (param !== undefined) {
      checkDefault(name, param);
      checkPrior(name, param);
    }
    for (const [parent, requirement] of Object.entries(params[name]?.when ?? {})) {
      const parentParam = params[parent];
      if (parentParam !== undefined && !canMeet(parentParam, requirement)) {
        throw new CurvewiseError(
          "SPACE_INVALID",
          `"${name}" can never be on: "${parent}" is never ${JSON.stringify(requirement)}`,
          { hint: `Use values in the condition that "${parent}" can take.` },
        );
      }
    }
  }
  const space = { params, order, constraints };
  const broken = brokenByDefaults(space);
  if (broken !== undefined) {
    throw new CurvewiseError("SPACE_INVALID", `the defaults break the constraint ${broken.name}`, {
      hint: "Change a default, or leave one out: it is then drawn so that the constraint holds.",
    });
  }
  return space;
}

/** The first constraint that the defaults break; undefined if all hold, or a param that is on has no default. */
function brokenByDefaults(space: SearchSpace): Constraint | undefined {
  if (!Object.values(space.params).some((param) => defaultOf(param) !== undefined)) return undefined;
  let isWhole = true;
  const defaults = valuesOf(space, (param) => {
    const value = param.kind === "fixed" ? param.value : defaultOf(param);
    if (value === undefined) isWhole = false;
    return value ?? null;
  });
  return isWhole ? space.constraints.find(({ holds }) => !holds(defaults)) : undefined;
}

/** The value of a param that its user would try first; undefined if none was given. */
export function defaultOf(param: Param): ParamValue | undefined {
  return param.kind === "fixed" ? undefined : param.default;
}

/** @throws CurvewiseError `SPACE_INVALID` when the param cannot take its default */
export function checkDefault(name: string, param: Param): void {
  const first = defaultOf(param);
  if (first === undefined || contains(param, first)) return;
  throw new CurvewiseError("SPACE_INVALID", `the default of "${name}" cannot be ${JSON.stringify(first)}`, {
    hint: "Give one of its values, or widen its range.",
  });
}

type Range = Extract<Requirement, { readonly min?: number; readonly max?: number }>;

const isRange = (requirement: Requirement): requirement is Range =>
  typeof requirement === "object" && requirement !== null && !Array.isArray(requirement);

const isList = (requirement: Requirement): requirement is readonly ParamValue[] => Array.isArray(requirement);

function meets(value: ParamValue, requirement: Requirement): boolean {
  if (isList(requirement)) return placeOfValue(requirement, value) >= 0;
  if (isRange(requirement)) {
    const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = requirement;
    return typeof value === "number" && value >= min && value <= max;
  }
  return value === requirement;
}

function canMeet(param: Param, requirement: Requirement): boolean {
  switch (param.kind) {
    case "float":
    case "int": {
      if (isRange(requirement)) {
        return (requirement.max ?? param.high) >= param.low && (requirement.min ?? param.low) <= param.high;
      }
      const wanted = isList(requirement) ? requirement : [requirement];
      return wanted.some((value) => contains(param, value));
    }
    case "choice":
    case "ordinal":
      return param.options.some((value) => meets(value, requirement));
    case "fixed":
      return meets(param.value, requirement);
  }
}

/** Whether a condition holds for the params chosen so far. A missing condition always holds. */
export function isOn(condition: Condition | undefined, params: Params): boolean {
  if (condition === undefined) return true;
  return Object.entries(condition).every(([parent, requirement]) => {
    const value = params[parent];
    return value !== undefined && meets(value, requirement);
  });
}

/** How many values a numeric param with a step, or any int, has. */
export function countValues(param: Param): number {
  switch (param.kind) {
    case "float":
      if (param.low === param.high) return 1;
      return param.step === undefined
        ? Number.POSITIVE_INFINITY
        : Math.floor((param.high - param.low) / param.step + 1e-9) + 1;
    case "int":
      return Math.floor((param.high - param.low) / param.step) + 1;
    case "choice":
    case "ordinal":
      return param.options.length;
    case "fixed":
      return 1;
  }
}

/** The option that equals a value, so that many trials share one list; numbers, and values of no option, as they are. */
function ownValue(param: Param, value: ParamValue): ParamValue {
  if (typeof value !== "object" || value === null) return value;
  const options = param.kind === "fixed" ? [param.value] : "options" in param ? param.options : [];
  const own = options.find((option) => sameValue(option, value));
  return own === undefined ? value : own;
}

/** The same params; lists and mappings are those of the space, of which each exists once. */
export function ownParams(space: Space, params: Params): Params {
  const hasParts = Object.values(params).some((value) => typeof value === "object" && value !== null);
  if (!hasParts) return params;
  const entries = Object.entries(params).map(([name, value]): [string, ParamValue] => {
    const param = Object.hasOwn(space, name) ? space[name] : undefined;
    return [name, param === undefined ? value : ownValue(param, value)];
  });
  return Object.fromEntries(entries);
}

/** Whether the param can take a value (numbers: within a relative 1e-9 of a step). */
export function contains(param: Param, value: ParamValue): boolean {
  switch (param.kind) {
    case "float":
    case "int": {
      if (typeof value !== "number" || !(value >= param.low && value <= param.high)) return false;
      if (param.kind === "int" && !Number.isSafeInteger(value)) return false;
      if (param.step === undefined) return true;
      const steps = (value - param.low) / param.step;
      // Far from zero, doubles are coarser than that.
      const rounding = (1e-14 * Math.max(Math.abs(param.low), Math.abs(param.high))) / param.step;
      return Math.abs(steps - Math.round(steps)) <= Math.max(1e-9 * Math.max(1, Math.abs(steps)), rounding);
    }
    case "choice":
    case "ordinal":
      return placeOfValue(param.options, value) >= 0;
    case "fixed":
      return sameValue(param.value, value);
  }
}

const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));

/** low + index * step without binary rounding noise (0.1 + 2 * 0.1 is 0.3), never outside the range. */
const stepValue = ({ low, high }: FloatParam, step: number, index: number): number =>
  clamp(Number((low + index * step).toPrecision(15)), low, high);

/** An option by its place; the first one if there is none. */
function optionAt(options: readonly ParamValue[], place: number): ParamValue {
  const [first = ""] = options;
  const option = options[place];
  return option === undefined ? first : option;
}

/**
 * The value at a quantile of a param's own (log-)uniform distribution.
 *
 * @param quantile in [0, 1)
 */
export function valueAt(param: Param, quantile: number): ParamValue {
  switch (param.kind) {
    case "float": {
      if (param.step !== undefined) {
        return stepValue(param, param.step, Math.floor(quantile * countValues(param)));
      }
      if (!param.log) return clamp(param.low + quantile * (param.high - param.low), param.low, param.high);
      const value = Math.exp(Math.log(param.low) + quantile * (Math.log(param.high) - Math.log(param.low)));
      return clamp(value, param.low, param.high);
    }
    case "int": {
      if (!param.log) return param.low + Math.floor(quantile * countValues(param)) * param.step;
      const low = Math.log(param.low - 0.5);
      const high = Math.log(param.high + 0.5);
      return clamp(Math.round(Math.exp(low + quantile * (high - low))), param.low, param.high);
    }
    case "choice":
    case "ordinal":
      return optionAt(param.options, Math.floor(quantile * param.options.length));
    case "fixed":
      return param.value;
  }
}

/**
 * The quantiles at which {@link valueAt} returns a value: its own share of [0, 1], with equal ends for a float without
 * steps (then up to rounding).
 *
 * @param value a value that the param can take
 */
export function quantilesOf(param: Param, value: ParamValue): readonly [from: number, to: number] {
  const share = (index: number, count: number) => [index / count, (index + 1) / count] as const;
  switch (param.kind) {
    case "float":
    case "int": {
      if (typeof value !== "number" || param.low === param.high) return [0, 1];
      if (param.step !== undefined && !param.log) {
        return share(Math.round((value - param.low) / param.step), countValues(param));
      }
      if (!param.log) return pointOf((value - param.low) / (param.high - param.low));
      const [low, high] = [Math.log(param.low), Math.log(param.high)];
      if (param.kind === "float") return pointOf((Math.log(value) - low) / (high - low));
      const least = Math.log(param.low - 0.5);
      const whole = Math.log(param.high + 0.5) - least;
      return [(Math.log(value - 0.5) - least) / whole, (Math.log(value + 0.5) - least) / whole];
    }
    case "choice":
    case "ordinal":
      return share(Math.max(0, placeOfValue(param.options, value)), param.options.length);
    case "fixed":
      return [0, 1];
  }
}

const pointOf = (quantile: number): readonly [number, number] => {
  const point = clamp(quantile, 0, 1);
  return [point, point];
};

/** How params violate the space, one sentence per problem; an empty list means that they are valid. */
export function problemsOf(space: SearchSpace, params: Params): string[] {
  const problems: string[] = [];
  for (const name of space.order) {
    const param = space.params[name];
    const value = params[name];
    if (param === undefined) continue;
    const on = isOn(param.when, params);
    if (on && value === undefined) problems.push(`"${name}" is missing`);
    if (!on && value !== undefined) problems.push(`"${name}" is set, but its condition does not hold`);
    if (on && value !== undefined && !contains(param, value)) {
      problems.push(`"${name}" cannot be ${JSON.stringify(value)}`);
    }
  }
  for (const name of Object.keys(params)) {
    if (!Object.hasOwn(space.params, name)) problems.push(`"${name}" is not in the search space`);
  }
  if (problems.length === 0) {
    for (const constraint of space.constraints) {
      if (!constraint.holds(params)) problems.push(`the constraint ${constraint.name} does not hold`);
    }
  }
  return problems;
}

/** Whether complete params keep all constraints. */
export function isAllowed({ constraints }: Pick<SearchSpace, "constraints">, params: Params): boolean {
  return constraints.every(({ holds }) => holds(params));
}

/**
 * One value for each param that is on, whether or not the constraints hold.
 *
 * @param draw returns the value of one param that is on; called in the space's order
 */
export function valuesOf(space: SearchSpace, draw: (param: Param, name: string) => ParamValue): Params {
  const params: Record<string, ParamValue> = {};
  for (const name of space.order) {
    const param = space.params[name];
    if (param !== undefined && isOn(param.when, params)) params[name] = draw(param, name);
  }
  return params;
}

/** The same params with their keys in the order of the user's space. */
export function inUserOrder(space: SearchSpace, params: Params): Params {
  const ordered: Record<string, ParamValue> = {};
  for (const name of Object.keys(space.params)) {
    const value = params[name];
    if (value !== undefined) ordered[name] = value;
  }
  return ordered;
}

/**
 * How partial params violate the space: like {@link problemsOf}, but neither missing params nor constraints and
 * conditions that depend on them count as problems.
 */
export function problemsOfGiven(space: SearchSpace, given: Params): string[] {
  const missing = space.order.filter((name) => given[name] === undefined);
  if (!missing.some((name) => isOn(space.params[name]?.when, given))) return problemsOf(space, given);
  return Object.entries(given).flatMap(([name, value]) => {
    const param = Object.hasOwn(space.params, name) ? space.params[name] : undefined;
    if (param === undefined) return [`"${name}" is not in the search space`];
    if (!contains(param, value)) return [`"${name}" cannot be ${JSON.stringify(value)}`];
    const decided = Object.entries(param.when ?? {}).filter(([parent]) => given[parent] !== undefined);
    return isOn(Object.fromEntries(decided), given)
      ? []
      : [`"${name}" is set, but its condition does not hold`];
  });
}
