import { isMapping, type Json } from "../../core/json.js";
import { choice, fixed, float, int, type Param, type Params, type ParamValue } from "../../core/param.js";
import { distinctValues } from "../../core/param-value.js";
import { contains } from "../../core/search-space.js";
import { extentOf } from "../extent.js";
import { changedNames, ownNames } from "../foreign-names.js";
import { foundCondition } from "../found-conditions.js";
import type { Distribution, OptunaParam, OptunaTrial } from "./optuna-study.js";

type Numeric = Exclude<Distribution, { readonly name: "CategoricalDistribution" }>;

const isNumeric = (distribution: Distribution): distribution is Numeric =>
  distribution.name !== "CategoricalDistribution";

/** A choice as a value. The place counts in the file; a value that is there twice is one choice here. */
const choiceAt = (choices: readonly Json[], place: number): ParamValue | undefined => choices[place];

/** A trial's value of a param; undefined if the file contradicts itself. */
export function valueOf({ internal, distribution }: OptunaParam): ParamValue | undefined {
  if (!isNumeric(distribution)) return choiceAt(distribution.choices, internal);
  return distribution.name === "IntDistribution" ? Math.round(internal) : internal;
}

/** The range that holds all ranges and values of a numeric param. */
function numericParam(
  name: string,
  given: readonly Numeric[],
  values: readonly number[],
  warnings: string[],
): Param {
  const [first] = given;
  const isInt = given.every((each) => each.name === "IntDistribution");
  const stated = {
    low: extentOf(given.map(({ low }) => low)).low,
    high: extentOf(given.map(({ high }) => high)).high,
  };
  const { low, high } = extentOf([stated.low, stated.high, ...values]);
  const isVarying = given.some((each) => each.low !== stated.low || each.high !== stated.high);
  if (isVarying)
    warnings.push(`The range of "${name}" changes from trial to trial; here it is ${low} to ${high}.`);
  if (low < stated.low || high > stated.high) {
    warnings.push(`Some values of "${name}" are outside of its range; here it is ${low} to ${high}.`);
  }
  const log = given.every((each) => each.log) && low > 0;
  const step = first?.step;
  const sameStep = given.every((each) => each.step === step) ? step : undefined;
  const make = (wanted: number | undefined): Param => {
    const options = wanted === undefined ? { log } : { step: wanted };
    return isInt ? int(low, high, options) : float(low, high, options);
  };
  // A step says nothing of a logarithmic range, and ints have 1 anyway.
  const kept = log || sameStep === undefined || (isInt && sameStep === 1) ? undefined : sameStep;
  const stepped = make(kept);
  if (kept === undefined || values.every((value) => contains(stepped, value))) return stepped;
  warnings.push(`Some values of "${name}" are not at its steps of ${kept}; here it has none.`);
  return make(undefined);
}

function paramOf(name: string, given: readonly OptunaParam[], warnings: string[]): Param {
  const distributions = given.map(({ distribution }) => distribution);
  const numeric = distributions.filter(isNumeric);
  const values = given.map(valueOf).filter((value) => value !== undefined);
  if (numeric.length === distributions.length) {
    return numericParam(
      name,
      numeric,
      values.filter((value) => typeof value === "number"),
      warnings,
    );
  }
  if (numeric.length > 0) {
    warnings.push(
      `"${name}" is a choice in some trials and a number in others; here it is a choice of what was tried.`,
    );
    return choice(distinctValues(values));
  }
  const listed = distributions.flatMap((each) => (isNumeric(each) ? [] : each.choices));
  const options = distinctValues(listed);
  const [only] = options;
  return options.length === 1 && only !== undefined ? fixed(only) : choice(options);
}

/** A study's params: what they can be, and what they are in each trial. */
export interface FoundSpace {
  readonly space: Readonly<Record<string, Param>>;
  /** Trial n's are at place n. */
  readonly params: readonly Params[];
}

/** What a trial that waits is to be tried with, by `enqueue_trial`. */
function fixedParams({ state, systemAttributes }: OptunaTrial): [string, ParamValue][] {
  if (state !== "WAITING") return [];
  const given = systemAttributes["fixed_params"];
  return isMapping(given) ? Object.entries(given) : [];
}

/**
 * The search space that a study's trials were drawn from, which Optuna writes nowhere as a whole: every param with the
 * ranges of all its trials, and, where trials lack one, the condition that tells them from the others.
 *
 * @param warnings receives what had to change
 */
export function foundSpace(trials: readonly OptunaTrial[], warnings: string[]): FoundSpace {
  const given = new Map<string, OptunaParam[]>();
  for (const { params } of trials) {
    for (const [name, param] of params) {
      const known = given.get(name);
      if (known === undefined) given.set(name, [param]);
      else known.push(param);
    }
  }
  const names = ownNames(given.keys());
  warnings.push(...changedNames(names));
  const own = (name: string): string => names.get(name) ?? name;
  const kinds = new Map([...given].map(([name, all]) => [own(name), paramOf(own(name), all, warnings)]));
  const params = trials.map((trial): Params => {
    const set = [...trial.params].flatMap(([name, param]): [string, ParamValue][] => {
      const value = valueOf(param);
      return value === undefined ? [] : [[own(name), value]];
    });
    const missing = fixedParams(trial).filter(([name]) => names.has(name) && !trial.params.has(name));
    return Object.fromEntries([...set, ...missing.map(([name, value]) => [own(name), value] as const)]);
  });
  // Others may have ended before they had all their params.
  const whole = params.filter((_, index) => ["COMPLETE", "PRUNED"].includes(trials[index]?.state ?? ""));
  const space = [...kinds].map(([name, param]): [string, Param] => {
    if (whole.every((each) => each[name] !== undefined)) return [name, param];
    const when = foundCondition(name, kinds, whole);
    if (when !== undefined) return [name, { ...param, when }];
    warnings.push(`Some trials lack "${name}", and no other param tells why: here it has no condition.`);
    return [name, param];
  });
  return { space: Object.fromEntries(space), params };
}
