import type { Param, Params, ParamValue } from "../../core/param.js";
import { sameValue } from "../../core/param-value.js";
import {
  contains,
  inUserOrder,
  isOn,
  quantilesOf,
  type SearchSpace,
  valueAt,
} from "../../core/search-space.js";
import type { Random } from "../../math/random.js";

const isNumber = (param: Param | undefined): boolean => param?.kind === "float" || param?.kind === "int";

/** The numbers among these params, which the bandit chooses. */
export function numbersOf({ params }: SearchSpace, names: readonly string[]): string[] {
  return names.filter((name) => isNumber(params[name]));
}

/** The place of a param that is off; the param in its condition tells such trials apart. */
const OFF = 0.5;
/** Two values of a choice are as far from each other as the two ends of a range. */
const CHOSEN = Math.SQRT1_2;

/**
 * Params as a point of the unit cube: a number or an ordinal by its place on its own (logarithmic) scale, a choice by
 * one coordinate for each value. Params that are off lie in the middle.
 */
export function coordinatesOf({ params: space }: SearchSpace, params: Params): number[] {
  return Object.entries(space).flatMap(([name, param]) => {
    const value = params[name];
    if (param.kind === "fixed") return [];
    if (param.kind === "choice")
      return param.options.map((option) => (sameValue(option, value) ? CHOSEN : 0));
    return [placeOf(param, value)];
  });
}

/** Values from before a change of the space that the param can no longer take count as off. */
function placeOf(param: Param, value: ParamValue | undefined): number {
  if (value === undefined || !contains(param, value)) return OFF;
  const [from, to] = quantilesOf(param, value);
  return (from + to) / 2;
}

/** Params with some numbers left open. */
export interface OpenNumbers {
  /** How many numbers are open. */
  readonly count: number;
  /** The params with the open numbers at these places in [0, 1]; undefined if a constraint forbids them. */
  readonly paramsAt: (places: readonly number[]) => Params | undefined;
  /** The places of the open numbers in some params. */
  readonly placesIn: (params: Params) => number[];
}

/**
 * Leaves numbers open in params. If their values change which conditions hold, params switched off are removed, and
 * params switched on are drawn once.
 *
 * @param names the numbers to leave open
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
    // The end, 1, is not a valid quantile.
    if (place !== undefined) return valueAt(param, Math.min(place, 1 - Number.EPSILON / 2));
    const value = params[name];
    return value === undefined || !contains(param, value) ? valueAt(param, drawn.get(name) ?? 0) : value;
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
        return param === undefined ? OFF : placeOf(param, value);
      }),
  };
}
