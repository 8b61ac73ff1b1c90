import type { Param, Params, ParamValue } from "../../core/param.js";
import { contains, countValues, quantilesOf, type SearchSpace, valueAt } from "../../core/search-space.js";
import type { Random } from "../../math/random.js";
import { drawFreely } from "../evolution/offspring.js";

/** The largest double below 1, the end of the quantiles. */
const BELOW_ONE = 1 - 2 ** -53;

/** How children differ from their parents. */
export interface BreedingSettings {
  /** The probability that two parents are crossed at all. */
  readonly crossover: number;
  /** Crossed numbers stay near their parents: the index of the distribution, larger is nearer. */
  readonly crossoverIndex: number;
  /** Likewise for numbers that mutate. */
  readonly mutationIndex: number;
}

/** Whether a param's values have an order, so that one between two others exists. */
const isOrdered = ({ kind }: Param): boolean => kind === "float" || kind === "int" || kind === "ordinal";

/** Where a value lies in [0, 1]; a discrete value covers a share of it, within which the place is drawn. */
function placeOf(param: Param, value: ParamValue, random: Random): number {
  const [from, to] = quantilesOf(param, value);
  return from + random.uniform() * (to - from);
}

/**
 * Simulated binary crossover within bounds (Deb and Agrawal, "Simulated binary crossover for continuous search space",
 * Complex Systems 1995): one of the two children of places in [0, 1], as near to them as in one-point crossover of
 * binary strings.
 */
export function crossed(a: number, b: number, index: number, random: Random): number {
  const [low, high] = a < b ? [a, b] : [b, a];
  const isFirst = random.uniform() < 0.5;
  const drawn = random.uniform();
  if (high - low < 1e-14) return a;
  const bound = isFirst ? low : 1 - high;
  const alpha = 2 - (1 + (2 * bound) / (high - low)) ** -(index + 1);
  const spread =
    drawn <= 1 / alpha
      ? (drawn * alpha) ** (1 / (index + 1))
      : (1 / (2 - drawn * alpha)) ** (1 / (index + 1));
  const middle = (low + high) / 2;
  const half = (spread * (high - low)) / 2;
  return Math.min(1, Math.max(0, isFirst ? middle - half : middle + half));
}

/** Polynomial mutation within bounds (Deb and Goyal, "A combined genetic adaptive search", 1996) of a place in [0, 1]. */
export function mutated(place: number, index: number, random: Random): number {
  const drawn = random.uniform();
  const power = 1 / (index + 1);
  const delta =
    drawn < 0.5
      ? (2 * drawn + (1 - 2 * drawn) * (1 - place) ** (index + 1)) ** power - 1
      : 1 - (2 * (1 - drawn) + 2 * (drawn - 0.5) * place ** (index + 1)) ** power;
  return Math.min(1, Math.max(0, place + delta));
}

/**
 * A child of two parents: numbers are crossed and mutated on their own (logarithmic) scale, choices come from either
 * parent and mutate to any value. Each param mutates with a probability of one in the number of params; at least one
 * does in a child that would otherwise equal a parent. Params that neither parent has are drawn.
 */
export function childOf(
  space: SearchSpace,
  [mother, father]: readonly [Params, Params],
  settings: BreedingSettings,
  random: Random,
): Params {
  const variable = space.order.filter((name) => {
    const param = space.params[name];
    return param !== undefined && countValues(param) > 1;
  });
  const isCrossed = random.uniform() < settings.crossover;
  const certain = isCrossed ? undefined : variable[random.integer(0, Math.max(0, variable.length - 1))];
  const rate = 1 / Math.max(1, variable.length);
  return drawFreely(space, (param, name) => {
    const [own, other] = [mother[name], father[name]].filter(
      (value): value is ParamValue => value !== undefined && contains(param, value),
    );
    if (own === undefined) return valueAt(param, random.uniform());
    const mutates = random.uniform() < rate || name === certain;
    const swaps = isCrossed && other !== undefined && random.uniform() < 0.5;
    if (!isOrdered(param)) {
      if (mutates) return valueAt(param, random.uniform());
      return swaps && other !== undefined ? other : own;
    }
    if (!swaps && !mutates) return own;
    let place = placeOf(param, own, random);
    if (swaps && other !== undefined)
      place = crossed(place, placeOf(param, other, random), settings.crossoverIndex, random);
    if (mutates) place = mutated(place, settings.mutationIndex, random);
    return valueAt(param, Math.min(place, BELOW_ONE));
  });
}
