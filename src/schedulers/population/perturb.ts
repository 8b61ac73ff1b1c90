import type { Param, Params, ParamValue } from "../../core/param.js";
import { placeOfValue, sameValue, textOfValue } from "../../core/param-value.js";
import { contains, inUserOrder, isOn, type SearchSpace, valueAt } from "../../core/search-space.js";
import type { Random } from "../../math/random.js";

/** How one param evolves. */
export interface Evolution {
  /** A number is multiplied by one of these, drawn at random. */
  readonly factors: readonly number[];
  /** The probability that the param is drawn from the space instead. */
  readonly resample: number;
}

/** How often a perturbation that breaks a constraint is retried. */
const MAX_TRIES = 100;

const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));

type NumberParam = Extract<Param, { readonly kind: "float" | "int" }>;

/** A number times a factor, inside its range; on a grid, at least one step away unless it is at the end or times 1. */
function scaled(param: NumberParam, value: number, factor: number): number {
  const { low, high, step } = param;
  // No factor changes zero; there the factor is a share of the range.
  const wanted = value === 0 ? (factor - 1) * (high - low) : value * factor;
  if (step === undefined) return clamp(wanted, low, high);
  if (wanted === value) return value;
  const isUp = wanted > value;
  const places = (wanted - value) / step;
  const moved = isUp ? Math.max(1, Math.round(places)) : Math.min(-1, Math.round(places));
  const from = Math.round((value - low) / step);
  const last = Math.floor((high - low) / step + 1e-9);
  return clamp(Number((low + clamp(from + moved, 0, last) * step).toPrecision(15)), low, high);
}

/** The value next to one in a list, on a random side; at an end, its only neighbour. */
function neighbour(options: readonly ParamValue[], value: ParamValue, random: Random): ParamValue {
  const place = placeOfValue(options, value);
  const sides = [options[place - 1], options[place + 1]].filter((each) => each !== undefined);
  const side = sides[random.integer(0, Math.max(0, sides.length - 1))];
  return side === undefined ? value : side;
}

function evolved(
  param: Param,
  value: ParamValue,
  { factors, resample }: Evolution,
  random: Random,
): ParamValue {
  if (param.kind === "fixed") return value;
  if (random.uniform() < resample) return valueAt(param, random.uniform());
  if (param.kind === "choice" || param.kind === "ordinal") return neighbour(param.options, value, random);
  const factor = factors[random.integer(0, factors.length - 1)] ?? 1;
  return typeof value === "number" ? scaled(param, value, factor) : value;
}

function perturbOnce(
  space: SearchSpace,
  params: Params,
  evolutions: ReadonlyMap<string, Evolution>,
  random: Random,
): Params {
  const result: Record<string, ParamValue> = {};
  for (const name of space.order) {
    const param = space.params[name];
    if (param === undefined || !isOn(param.when, result)) continue;
    const value = params[name];
    const evolution = evolutions.get(name);
    // A value from before a change of the space may no longer be one.
    if (value === undefined || !contains(param, value)) result[name] = valueAt(param, random.uniform());
    else result[name] = evolution === undefined ? value : evolved(param, value, evolution, random);
  }
  return inUserOrder(space, result);
}

/**
 * PBT's `perturb` and `resample` (Jaderberg et al. 2017, section 4.1.2): each evolving number is multiplied by a
 * factor, each evolving list moves to a neighbour, and with some probability a param is drawn from the space instead.
 * Numbers stay in their ranges and on their grids; params that are switched off are removed, and those that are
 * switched on are drawn. A result that breaks a constraint is retried; after 100 tries the params stay as they are.
 */
export function perturb(
  space: SearchSpace,
  params: Params,
  evolutions: ReadonlyMap<string, Evolution>,
  random: Random,
): Params {
  for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
    const result = perturbOnce(space, params, evolutions, random);
    if (space.constraints.every((constraint) => constraint.holds(result))) return result;
  }
  return params;
}

/** The params that differ, such as `lr 0.1 -> 0.08`, to end a sentence with. */
export function changeText(before: Params, after: Params): string {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const shown = (value: ParamValue | undefined): string =>
    typeof value === "number"
      ? String(Number(value.toPrecision(4)))
      : value === undefined
        ? "off"
        : textOfValue(value);
  const changes = names
    .filter((name) => !sameValue(before[name], after[name]))
    .map((name) => `${name} ${shown(before[name])} -> ${shown(after[name])}`);
  return changes.length === 0 ? "the same params" : changes.join(", ");
}
