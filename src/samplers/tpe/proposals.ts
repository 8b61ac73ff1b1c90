import { createRepair } from "../../core/draw/repair-params.js";
import { createWalk } from "../../core/draw/walk-params.js";
import type { Params, ParamValue } from "../../core/param.js";
import { inUserOrder, isAllowed, type SearchSpace, valueAt, valuesOf } from "../../core/search-space.js";
import type { Random } from "../../math/random.js";
import type { Group } from "./group.js";

/** How many draws are made for each candidate that the constraints are to allow. */
const DRAWS = 10;
/** How far a param moves where draws are never allowed: a share of its range. */
const REACH = 0.4;

/** Candidates for a trial. */
export interface Proposals {
  /** Params that the constraints allow, best first; none where hardly anything is allowed. */
  draw(count: number, random: Random, known: readonly Params[]): Iterable<Params>;
  /** Given params, best first. */
  ranked(params: readonly Params[]): Params[];
}

/**
 * Draws candidates from the densities of the good trials and ranks them by how much less likely they are among the
 * others.
 *
 * Without constraints, each group of params ranks its own draws, and the candidates are made of the first of each, of the
 * second and so on. With constraints that say which values go together, candidates are drawn as a whole, repaired where
 * that helps, and ranked by the sum of the groups that are on.
 */
export function createProposals(space: SearchSpace, groups: readonly Group[]): Proposals {
  const repair = createRepair(space);
  const walk = createWalk(space);
  const placeOf = new Map<string, { readonly group: Group; readonly index: number }>();
  for (const group of groups)
    for (const [index, { name }] of group.dimensions.entries()) placeOf.set(name, { group, index });

  /** @param pointOf asked for the groups that are on, once for each of their params */
  const paramsFrom = (pointOf: (group: Group) => Float64Array): Params =>
    valuesOf(space, (param, name): ParamValue => {
      const place = placeOf.get(name);
      // A param with a single value is in no group.
      if (place === undefined) return valueAt(param, 0);
      const { group, index } = place;
      return group.dimensions[index]?.valueOf(pointOf(group)[index] ?? 0) ?? null;
    });

  const ranked = (params: readonly Params[]): Params[] => {
    const sums = new Float64Array(params.length);
    for (const group of groups) {
      const known = params.flatMap((each, index) => {
        const places = group.placesOf(each);
        return places === undefined ? [] : [{ places, index }];
      });
      const scores = group.scores(known.map(({ places }) => places));
      for (const [place, { index }] of known.entries())
        sums[index] = (sums[index] ?? 0) + (scores[place] ?? 0);
    }
    // Of equals the first, as sorting keeps their order.
    return params
      .map((each, index) => ({ each, score: sums[index] ?? 0 }))
      .toSorted((a, b) => b.score - a.score)
      .map(({ each }) => each);
  };

  /** Most often, the first is taken: the others are ranked when they are asked for. */
  function* drawFreely(count: number, random: Random): Generator<Params> {
    const drawn = new Map<Group, readonly Float64Array[]>();
    const drawnOf = (group: Group): readonly Float64Array[] => {
      const known = drawn.get(group);
      if (known !== undefined) return known;
      const points = Array.from({ length: count }, () => group.draw(random));
      drawn.set(group, points);
      return points;
    };
    const bests = new Map<Group, Float64Array>();
    const bestOf = (group: Group): Float64Array => {
      const best = bests.get(group) ?? group.best(drawnOf(group));
      bests.set(group, best);
      return best;
    };
    yield inUserOrder(space, paramsFrom(bestOf));
    const ranks = new Map<Group, readonly Float64Array[]>();
    const rankedOf = (group: Group): readonly Float64Array[] => {
      const known = ranks.get(group);
      if (known !== undefined) return known;
      const points = drawnOf(group);
      const scores = group.scores(points);
      const sorted = points
        .map((point, index) => ({ point, score: scores[index] ?? 0 }))
        .sort((x, y) => y.score - x.score)
        .map(({ point }) => point);
      ranks.set(group, sorted);
      return sorted;
    };
    for (let place = 0; place < count; place++)
      yield inUserOrder(
        space,
        paramsFrom((group) => rankedOf(group)[place] ?? bestOf(group)),
      );
  }

  const drawAllowed = (count: number, random: Random, known: readonly Params[]): Params[] => {
    const allowed: Params[] = [];
    for (let turn = 0; turn < DRAWS * count && allowed.length < count; turn++) {
      const points = new Map<Group, Float64Array>();
      const drawn = paramsFrom((group) => {
        const point = points.get(group) ?? group.draw(random);
        points.set(group, point);
        return point;
      });
      const params = isAllowed(space, drawn) ? drawn : repair(drawn, turn);
      if (isAllowed(space, params)) allowed.push(inUserOrder(space, params));
    }
    const starts = known.filter((params) => isAllowed(space, params));
    for (let turn = allowed.length === 0 && starts.length > 0 ? count : 0; turn > 0; turn--) {
      const start = starts[turn % starts.length] ?? {};
      allowed.push(walk.moves(start, Object.keys(start).length, REACH, random));
    }
    return ranked(allowed);
  };

  return { draw: space.constraints.length === 0 ? drawFreely : drawAllowed, ranked };
}
