import type { Param, Params, ParamValue } from "../../core/param.js";
import { inUserOrder, isOn, quantilesOf, type SearchSpace, valueAt } from "../../core/search-space.js";
import type { Random } from "../../math/random.js";

const isNumber = (param: Param | undefined): boolean => param?.kind === "float" || param?.kind === "int";

/** Of these params the numbers, which the bandit chooses. */
export function numbersOf({ params }: SearchSpace, names: readonly string[]): string[] {
  return names.filter((name) => isNumber(params[name]));
}

/** Where a param that is switched off lies: its condition's param tells such trials apart. */
const OFF = 0.5;
/** Two values of a choice are as far from each other as the two ends of a range. */
const CHOSEN = Math.SQRT1_2;

/**
 * Params as a point of the unit cube: a number or an ordinal by its place on its own (logarithmic) scale, a choice by one
 * coordinate for each of its values. Params that are switched off lie in the middle.
 */
export function coordinatesOf({ params: space }: SearchSpace, params: Params): number[] {
  return Object.entries(space).flatMap(([name, param]) => {
    const value = params[name];
    if (param.kind === "fixed") return [];
    if (param.kind === "choice") return param.options.map((option) => (option === value ? CHOSEN : 0));
    return [value === undefined ? OFF : middleOf(param, value)];
  });
}

function middleOf(param: Param, value: ParamValue): number {
  const [from, to] = quantilesOf(param, value);
  return (from + to) / 2;
}

/** All params with certain numbers left open. */
export interface OpenNumbers {
  /** How many numbers are open. */
  readonly count: number;
  /** The params with the open numbers at these places in [0, 1]; undefined when a constraint forbids them. */
  readonly paramsAt: (places: readonly number[]) => Params | undefined;
  /** The places of the open numbers in some params. */
  readonly placesIn: (params: Params) => number[];
}

/**
 * Leaves numbers open in params, whatever these make of conditions: what they switch off goes, and what they switch on is
 * drawn, once.
 *
 * @param names the numbers
 */
export function openNumbers(
  space: SearchSpace,
  params: Params,
  names: readonly string[],
  random: Random,
): OpenNumbers {
  const drawn = new Map(space.order.map((name) => [name, random.uniform()]));
  const valueOf = (name: string, param: Param, places: readonly number[]): ParamValue => {
    const place = places[names.indexOf(name)];
    // Its end is the beginning of a value that a param does not have.
    if (place !== undefined) return valueAt(param, Math.min(place, 1 - Number.EPSILON / 2));
    return params[name] ?? valueAt(param, drawn.get(name) ?? 0);
  };
  return {
    count: names.length,
    paramsAt: (places) => {
      const result: Record<string, ParamValue> = {};
      for (const name of space.order) {
        const param = space.params[name];
        if (param !== undefined && isOn(param.when, result)) result[name] = valueOf(name, param, places);
      }
      const ordered = inUserOrder(space, result);
      return space.constraints.every((constraint) => constraint.holds(ordered)) ? ordered : undefined;
    },
    placesIn: (given) =>
      names.map((name) => {
        const value = given[name];
        const param = space.params[name];
        return value === undefined || param === undefined ? OFF : middleOf(param, value);
      }),
  };
}
