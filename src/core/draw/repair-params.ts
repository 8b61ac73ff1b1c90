import type { Params, ParamValue } from "../param.js";
import type { Comparison, SearchSpace } from "../search-space.js";
import { isApplicable, solveFor } from "./solve-comparison.js";

/**
 * Changes drawn params so that they may satisfy constraints that random draws rarely meet; the others must still be
 * checked.
 *
 * @param turn a number that differs between draws: which param of a sum follows from the others
 */
export type Repair = (params: Params, turn: number) => Params;

/** The comparisons that constraints demand. */
export const comparisonsOf = ({ constraints }: Pick<SearchSpace, "constraints">): readonly Comparison[] =>
  constraints.flatMap(({ comparisons = [] }) => comparisons);

/** Params that decide whether others are on: they are never repaired. */
export const parentsOf = ({ params }: Pick<SearchSpace, "params">): ReadonlySet<string> =>
  new Set(Object.values(params).flatMap(({ when }) => Object.keys(when ?? {})));

/** Lower to upper param, for comparisons of two params with the same values. */
function ordersOf(space: SearchSpace): ReadonlyMap<string, ReadonlySet<string>> {
  const uppers = new Map<string, Set<string>>();
  const parents = parentsOf(space);
  for (const { sign, sides } of comparisonsOf(space)) {
    if (sign === "==" || sides === undefined) continue;
    const [lower, upper] = sides;
    if (parents.has(lower) || parents.has(upper)) continue;
    // Only values that are drawn alike can be swapped without favouring any.
    if (JSON.stringify(space.params[lower]) !== JSON.stringify(space.params[upper])) continue;
    uppers.set(lower, (uppers.get(lower) ?? new Set()).add(upper));
  }
  return uppers;
}

/** Params in an order that constraints demand of every two neighbours, from the least: `[a, b, c]` if a <= b <= c. */
function chainsOf(space: SearchSpace): readonly (readonly string[])[] {
  const uppers = ordersOf(space);
  const depths = new Map<string, number>();
  /** How many params must be above one, in a row; infinite in a circle. */
  const depthOf = (name: string): number => {
    const known = depths.get(name);
    if (known !== undefined) return known;
    depths.set(name, Number.POSITIVE_INFINITY);
    const depth = Math.max(0, ...[...(uppers.get(name) ?? [])].map((upper) => 1 + depthOf(upper)));
    depths.set(name, depth);
    return depth;
  };
  for (const name of uppers.keys()) depthOf(name);

  const linked: string[][] = [];
  for (const [lower, above] of uppers) {
    const members = new Set([lower, ...above]);
    const joined = linked.filter((group) => group.some((name) => members.has(name)));
    for (const group of joined) linked.splice(linked.indexOf(group), 1);
    linked.push([...new Set([...joined.flat(), ...members])]);
  }
  return linked
    .map((names) => names.toSorted((a, b) => depthOf(b) - depthOf(a)))
    .filter((names) => names.every((name, place) => place === 0 || isBelow(uppers, names[place - 1], name)));
}

const isBelow = (
  uppers: ReadonlyMap<string, ReadonlySet<string>>,
  lower: string | undefined,
  upper: string,
): boolean => lower !== undefined && uppers.get(lower)?.has(upper) === true;

/** Sorts the values of params that constraints put in an order. */
function sorted(params: Params, chain: readonly string[]): Params {
  const values = chain.map((name) => params[name]).filter((value) => typeof value === "number");
  if (values.length < chain.length) return params;
  const ascending = values.toSorted((a, b) => a - b);
  return { ...params, ...Object.fromEntries(chain.map((name, place) => [name, ascending[place] ?? 0])) };
}

/**
 * Replaces one param of every equality, each another one, by the value that makes both sides equal.
 *
 * @param kept params that are not replaced
 * @param turn which of the others is
 */
export function solved(
  space: SearchSpace,
  params: Params,
  equalities: readonly Comparison[],
  kept: Iterable<string>,
  turn: number,
): Params {
  const settled = new Set(kept);
  const result: Record<string, ParamValue> = { ...params };
  for (const equality of equalities) {
    if (!isApplicable(equality, result)) continue;
    const open = equality.names.filter((name) => !settled.has(name));
    for (let place = 0; place < open.length; place++) {
      const name = open[(turn + place) % open.length] ?? "";
      const value = solveFor(space, result, equality, name);
      if (value === undefined) continue;
      result[name] = value;
      break;
    }
    for (const name of equality.names) settled.add(name);
  }
  return result;
}

/** How to repair draws of a space: sorts what must be in an order, then solves equalities for one param each. */
export function createRepair(space: SearchSpace): Repair {
  const chains = chainsOf(space);
  const equalities = comparisonsOf(space).filter(({ sign }) => sign === "==");
  const parents = parentsOf(space);
  return (params, turn) => solved(space, chains.reduce(sorted, params), equalities, parents, turn);
}
