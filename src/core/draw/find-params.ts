import { createRandom, type Random } from "../../math/random.js";
import type { Params } from "../param.js";
import {
  type Constraint,
  isAllowed,
  quantilesOf,
  type SearchSpace,
  valueAt,
  valuesOf,
} from "../search-space.js";
import { drawValue } from "./draw-value.js";
import { createRepair } from "./repair-params.js";
import { isApplicable } from "./solve-comparison.js";
import { createWalk } from "./walk-params.js";

/** How many points are searched for: there may be several regions. */
const POINTS = 4;
/** Draws of which the best begins a search. */
const DRAWS = 200;
/** Moves of a search. */
const MOVES = 20_000;
/** Draws when no search led anywhere. */
const BLIND_DRAWS = 200_000;
/** The stream of all searches: what is found depends on the space alone. */
const PURPOSE_OF_SEARCH = 0xfeed;

/** By how much params break a comparison that counts, on any scale; 0 if they do not. */
function excessOf(constraint: Constraint, params: Params): readonly number[] {
  return (constraint.comparisons ?? []).map((comparison) => {
    if (!isApplicable(comparison, params)) return 0;
    const difference = comparison.difference(params);
    if (Number.isNaN(difference)) return Number.POSITIVE_INFINITY;
    if (comparison.sign === "==") return Math.abs(difference);
    return Math.max(0, difference) + (comparison.sign === "<" && difference === 0 ? Number.MIN_VALUE : 0);
  });
}

/** How far params are from following the constraints: 0 if they do, at most 1 for each comparison or plain rule. */
type Distance = (params: Params) => number;

function createDistance(space: SearchSpace, random: Random): Distance {
  const samples = Array.from({ length: DRAWS }, () => valuesOf(space, (param) => drawValue(param, random)));
  const scales = space.constraints.map((constraint) => {
    const excesses = samples.map((params) => excessOf(constraint, params));
    return (constraint.comparisons ?? []).map((_, place) => {
      const known = excesses
        .flatMap((each) => each[place] ?? 0)
        .filter((each) => each > 0 && each < Infinity);
      return known.reduce((sum, each) => sum + each / known.length, 0) || 1;
    });
  });
  return (params) => {
    let distance = 0;
    for (const [index, constraint] of space.constraints.entries()) {
      if (constraint.holds(params)) continue;
      const parts = excessOf(constraint, params).map((excess, place) => {
        const share = excess / (scales[index]?.[place] ?? 1);
        return share === Number.POSITIVE_INFINITY ? 1 : share / (1 + share);
      });
      const known = parts.reduce((sum, part) => sum + part, 0);
      distance += known > 0 ? known : 1;
    }
    return distance;
  };
}

/** Params that follow the constraints, found by moves that bring them nearer; undefined if the moves lead nowhere. */
function search(space: SearchSpace, distanceOf: Distance, random: Random): Params | undefined {
  const repair = createRepair(space);
  const { replaced } = createWalk(space);
  const best: { params: Params; distance: number } = { params: {}, distance: Number.POSITIVE_INFINITY };
  const consider = (params: Params): void => {
    const distance = distanceOf(params);
    if (distance <= best.distance) Object.assign(best, { params, distance });
  };
  for (let draw = 0; draw < DRAWS; draw++) {
    consider(
      repair(
        valuesOf(space, (param) => drawValue(param, random)),
        draw,
      ),
    );
  }
  // equivalent mutant (method): to move fixed params as well is only slower
  const names = space.order.filter((name) => space.params[name]?.kind !== "fixed");
  for (let step = 0; step < MOVES && best.distance > 0; step++) {
    const name = names[random.integer(0, names.length - 1)] ?? "";
    const param = space.params[name];
    const value = best.params[name];
    if (param === undefined || value === undefined) continue;
    const [from, to] = quantilesOf(param, value);
    // Far and near in turn: rules may leave little room.
    const near = (from + to) / 2 + random.normal() * 10 ** (-4 * random.uniform());
    const isNear = random.uniform() < 0.5 && near >= 0 && near < 1;
    consider(replaced(best.params, name, valueAt(param, isNear ? near : random.uniform()), random));
  }
  return best.distance === 0 ? best.params : undefined;
}

const found = new WeakMap<SearchSpace, readonly Params[]>();

/**
 * Params that follow the constraints of a space in which random draws rarely do, each from a search of its own; none if
 * nothing is found. They depend on the space alone.
 */
export function findParams(space: SearchSpace): readonly Params[] {
  const known = found.get(space);
  if (known !== undefined) return known;
  const random = createRandom(0, 0, PURPOSE_OF_SEARCH);
  const points: Params[] = [];
  if (space.order.some((name) => space.params[name]?.kind !== "fixed")) {
    const distanceOf = createDistance(space, random);
    for (let turn = 0; turn < POINTS; turn++)
      points.push(...[search(space, distanceOf, random) ?? []].flat());
  }
  for (let draw = 0; draw < BLIND_DRAWS && points.length === 0; draw++) {
    const params = valuesOf(space, (param) => drawValue(param, random));
    if (isAllowed(space, params)) points.push(params);
  }
  found.set(space, points);
  return points;
}
