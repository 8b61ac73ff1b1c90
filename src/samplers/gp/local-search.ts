import { allLevels } from "../../core/candidates/levels.js";
import { createWalk } from "../../core/draw/walk-params.js";
import type { Params, ParamValue } from "../../core/param.js";
import { sameValue } from "../../core/param-value.js";
import { contains, inUserOrder, isAllowed, type SearchSpace } from "../../core/search-space.js";
import { minimize } from "../../math/minimize.js";
import type { Random } from "../../math/random.js";
import type { Acquisition } from "./acquisition.js";
import type { BeliefTerm } from "./belief-term.js";
import type { Encoding } from "./encoding.js";

/** Params with their coordinates and how good they seem. */
export interface Place {
  readonly params: Params;
  readonly row: Float64Array;
  readonly value: number;
}

/** What a search may propose. */
export interface Grounds {
  readonly space: SearchSpace;
  readonly encoding: Encoding;
  readonly isTried: (params: Params) => boolean;
  /** What priors add to the acquisition. */
  readonly belief?: BeliefTerm | undefined;
}

const ROUNDS = 8;
/** How many moves are looked at in a round. */
const MOVES = 32;
/** Lists of up to so many values are tried whole; of others neighbours, in steps that double. */
const WHOLE_LIST = 16;
/** How many moves by a random walk are tried in a round: through constraints, and of params without an order. */
const WALKS = 8;
/** How far these go at most, in quantiles. */
const REACHES = [1, 0.3, 0.05];
const LIMITS = { evaluations: 40, tolerance: 1e-3, gain: 1e-4 };
/** How often a step that the constraints refuse is halved. */
const HALVINGS = 4;
const LEAST_GAIN = 1e-6;

/** Values that a move from one leads to. */
type Neighbours = (value: ParamValue) => readonly ParamValue[];

function neighboursOf(space: SearchSpace, name: string): Neighbours | undefined {
  const param = space.params[name];
  const levels = param === undefined ? undefined : allLevels(param);
  if (param === undefined || levels === undefined || levels.count < 2) return undefined;
  const { count, value, indexOf } = levels;
  if (param.kind === "choice" || count <= WHOLE_LIST) {
    const all = Array.from({ length: Math.min(count, MOVES) }, (_, index) => value(index));
    // Of a study that was opened again, lists and mappings are other objects than those of the space.
    return (present) => all.filter((each) => !sameValue(each, present));
  }
  return (present) => {
    const from = indexOf(present);
    const found: ParamValue[] = [];
    for (let step = 1; step < count; step *= 2) {
      if (from - step >= 0) found.push(value(from - step));
      if (from + step < count) found.push(value(from + step));
    }
    return found;
  };
}

/** Some of a list's items, each at most once, in a random order. */
function someOf<Item>(items: readonly Item[], count: number, random: Random): readonly Item[] {
  if (items.length <= count) return items;
  const left = [...items];
  for (let place = 0; place < count; place++) {
    const other = random.integer(place, left.length - 1);
    const [a, b] = [left[place], left[other]];
    if (a === undefined || b === undefined) continue;
    left[place] = b;
    left[other] = a;
  }
  return left.slice(0, count);
}

/**
 * Climbs to params that seem better: floats follow the gradient together (see `minimize`), all others move one at a time
 * to the best of their neighbours, in turn until nothing seems better. Params that the constraints refuse, or that were
 * tried, are never taken.
 */
export function createLocalSearch(
  { space, encoding, isTried, belief }: Grounds,
  acquisition: Acquisition,
  random: Random,
): (start: Place) => Place {
  const walk = createWalk(space);
  const lists = space.order.flatMap((name) => {
    const neighbours = neighboursOf(space, name);
    return neighbours === undefined ? [] : [{ name, neighbours }];
  });
  const movable = space.order.filter((name) => space.params[name]?.kind !== "fixed");

  const valuesOf = (all: readonly Params[], rows: readonly Float64Array[]): number[] => {
    const values = acquisition.values(rows);
    return all.map(
      (params, place) => (values[place] ?? Number.NEGATIVE_INFINITY) + (belief?.of(params) ?? 0),
    );
  };

  const slide = (start: Place): Place => {
    const columns = encoding.smooth.filter((column) => {
      const each = encoding.numeric[column];
      const value = each === undefined ? undefined : start.params[each.name];
      return each !== undefined && value !== undefined && contains(each.param, value);
    });
    if (columns.length === 0) return start;
    const moved = start.row.slice();
    const names = columns.map((column) => encoding.numeric[column]?.name ?? "");
    const believed = (point: Float64Array): number => {
      if (belief === undefined) return 0;
      const draft: Record<string, ParamValue> = { ...start.params };
      for (const [place, column] of columns.entries())
        draft[names[place] ?? ""] = encoding.valueOf(column, point[place] ?? 0);
      return belief.of(draft);
    };
    const evaluate = (point: Float64Array) => {
      for (const [place, column] of columns.entries()) moved[column] = point[place] ?? 0;
      const { value, gradient } = acquisition.slopes(moved, columns);
      return {
        value: -value - believed(point),
        gradient: gradient.map(
          (slope, place) => -slope - (belief?.slopeOf(names[place] ?? "", point[place] ?? 0) ?? 0),
        ),
      };
    };
    const from = Float64Array.from(columns, (column) => start.row[column] ?? 0);
    const bounds = { low: new Float64Array(columns.length), high: new Float64Array(columns.length).fill(1) };
    const { point } = minimize(evaluate, from, bounds, LIMITS);
    for (let halving = 0, share = 1; halving < HALVINGS; halving++, share /= 2) {
      const draft: Record<string, ParamValue> = { ...start.params };
      for (const [place, column] of columns.entries()) {
        const at = from[place] ?? 0;
        draft[names[place] ?? ""] = encoding.valueOf(column, at + share * ((point[place] ?? at) - at));
      }
      if (!isAllowed(space, draft) || isTried(draft)) continue;
      const params = inUserOrder(space, draft);
      const row = encoding.encode(params);
      const [value = Number.NEGATIVE_INFINITY] = valuesOf([params], [row]);
      if (value > start.value) return { params, row, value };
    }
    return start;
  };

  const hop = (start: Place): Place => {
    const moves = lists.flatMap(({ name, neighbours }) => {
      const present = start.params[name];
      return present === undefined ? [] : neighbours(present).map((value) => ({ name, value }));
    });
    const proposed = someOf(moves, MOVES, random).map(({ name, value }) =>
      walk.replaced(start.params, name, value, random),
    );
    if (movable.length > encoding.smooth.length || space.constraints.length > 0) {
      for (let turn = 0; turn < WALKS; turn++) {
        const name = movable[random.integer(0, movable.length - 1)] ?? "";
        proposed.push(walk.move(start.params, name, REACHES[turn % REACHES.length] ?? 1, random));
      }
    }
    const legal = proposed.filter((params) => isAllowed(space, params));
    const rows = legal.map(encoding.encode);
    const places = valuesOf(legal, rows).flatMap((value, place): Place[] => {
      const [params, row] = [legal[place], rows[place]];
      const isBetter = params !== undefined && row !== undefined && value > start.value + LEAST_GAIN;
      return isBetter ? [{ params: inUserOrder(space, params), row, value }] : [];
    });
    return places.toSorted((a, b) => b.value - a.value).find(({ params }) => !isTried(params)) ?? start;
  };

  return (start) => {
    let place = slide(start);
    for (let round = 0; round < ROUNDS; round++) {
      const next = hop(place);
      if (next === place) break;
      place = slide(next);
    }
    return place;
  };
}
