import { CurvewiseError } from "../errors.js";
import type { Params, ParamValue } from "../param.js";
import { valueKey } from "../param-value.js";
import { inUserOrder, isOn, type SearchSpace } from "../search-space.js";
import type { Levels } from "./levels.js";

/** The combinations of all params' levels by their index, without a list of them. */
export interface Combinations {
  readonly count: number;
  at(index: number): Params;
  /** The index of a combination, or -1 for params that are not one of them. */
  indexOf(params: Params): number;
}

/** There may be at most this many combinations: their indices must be exact numbers. */
export const MAX_COMBINATIONS = 2 ** 52;

/** Params with conditions are laid out in at most this many blocks. */
const MAX_BLOCKS = 100_000;

type Draft = Record<string, ParamValue>;

/** The combinations that agree on the params named in conditions: a plain product of the params that are then on. */
interface Block {
  readonly start: number;
  readonly chosen: Params;
  readonly free: readonly string[];
}

/** Params that conditions tie together, directly or through others; a param without ties is its own group. */
interface Group {
  readonly names: readonly string[];
  readonly count: number;
  readonly blocks: readonly Block[];
  readonly blockOf: ReadonlyMap<string, Block>;
  readonly parents: readonly string[];
}

function tooLarge(detail: string): never {
  throw new CurvewiseError("GRID_TOO_LARGE", `grid: ${detail}`, {
    hint: "Give fewer levels, or use the sampler `random`.",
  });
}

/** Param names in groups that no condition connects; each group and the list of groups are in the space's order. */
function tiedNames(space: SearchSpace): string[][] {
  const groups: string[][] = [];
  for (const name of Object.keys(space.params)) {
    const linked = new Set([name, ...Object.keys(space.params[name]?.when ?? {})]);
    const joined = groups.filter((group) => group.some((member) => linked.has(member)));
    const members = new Set([...joined.flat(), ...linked]);
    const [first] = joined;
    if (first === undefined) groups.push([...members]);
    else {
      first.splice(0, first.length, ...members);
      for (const other of joined.slice(1)) groups.splice(groups.indexOf(other), 1);
    }
  }
  return groups.map((group) => space.order.filter((name) => group.includes(name)));
}

const keyOf = (parents: readonly string[], params: Params): string =>
  parents
    .map((name) => {
      const value = params[name];
      return value === undefined ? "" : valueKey(value);
    })
    .join();

function createGroup(
  space: SearchSpace,
  names: readonly string[],
  levels: ReadonlyMap<string, Levels>,
): Group {
  const countOf = (name: string): number => levels.get(name)?.count ?? 1;
  const named = new Set(names.flatMap((name) => Object.keys(space.params[name]?.when ?? {})));
  const parents = names.filter((name) => named.has(name));
  const children = names.filter((name) => !named.has(name));
  const blocks: Block[] = [];
  const blockOf = new Map<string, Block>();
  let count = 0;
  const lay = (depth: number, chosen: Draft): void => {
    const parent = parents[depth];
    if (parent === undefined) {
      if (blocks.length === MAX_BLOCKS) {
        tooLarge(`the conditions of ${parents.join(", ")} distinguish more than ${MAX_BLOCKS} cases`);
      }
      const free = children.filter((name) => isOn(space.params[name]?.when, chosen));
      const block = { start: count, chosen: { ...chosen }, free };
      blocks.push(block);
      blockOf.set(keyOf(parents, chosen), block);
      count += free.reduce((product, name) => product * countOf(name), 1);
      return;
    }
    if (!isOn(space.params[parent]?.when, chosen)) {
      lay(depth + 1, chosen);
      return;
    }
    const own = levels.get(parent);
    if (own === undefined) return;
    for (let index = 0; index < own.count; index++) {
      lay(depth + 1, { ...chosen, [parent]: own.value(index) });
    }
  };
  lay(0, {});
  return { names, count, blocks, blockOf, parents };
}

function blockAt(blocks: readonly Block[], index: number): Block | undefined {
  let low = 0;
  let high = blocks.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((blocks[middle]?.start ?? 0) <= index) low = middle;
    else high = middle - 1;
  }
  return blocks[low];
}

/**
 * Lays out the combinations of all levels: a mixed-radix number whose last digit changes fastest. Params that
 * conditions tie together form one digit, at the place of the first of them; params that are off are left out, so that
 * combinations that differ only in those are one. Memory grows with the cases that conditions distinguish, never with
 * the number of combinations.
 *
 * @throws CurvewiseError `GRID_TOO_LARGE` above {@link MAX_COMBINATIONS} combinations
 */
export function createCombinations(space: SearchSpace, levels: ReadonlyMap<string, Levels>): Combinations {
  const groups = tiedNames(space).map((names) => createGroup(space, names, levels));
  const count = groups.reduce((product, group) => product * group.count, 1);
  if (count > MAX_COMBINATIONS) tooLarge(`${count.toPrecision(3)} combinations`);

  const fill = (draft: Draft, group: Group, index: number): void => {
    const block = blockAt(group.blocks, index);
    if (block === undefined) return;
    Object.assign(draft, block.chosen);
    let rest = index - block.start;
    for (const name of block.free.toReversed()) {
      const own = levels.get(name);
      if (own === undefined) continue;
      draft[name] = own.value(rest % own.count);
      rest = Math.floor(rest / own.count);
    }
  };
  const indexInGroup = (group: Group, params: Params): number => {
    const block = group.blockOf.get(keyOf(group.parents, params));
    if (block === undefined) return -1;
    let index = 0;
    for (const name of block.free) {
      const own = levels.get(name);
      const value = params[name];
      const digit = own === undefined || value === undefined ? -1 : own.indexOf(value);
      if (own === undefined || digit < 0) return -1;
      index = index * own.count + digit;
    }
    const on = Object.keys(block.chosen).length + block.free.length;
    return group.names.filter((name) => params[name] !== undefined).length === on ? block.start + index : -1;
  };
  return {
    count,
    at: (index) => {
      const draft: Draft = {};
      let rest = index;
      for (const group of groups.toReversed()) {
        fill(draft, group, rest % group.count);
        rest = Math.floor(rest / group.count);
      }
      return inUserOrder(space, draft);
    },
    indexOf: (params) => {
      let index = 0;
      for (const group of groups) {
        const digit = indexInGroup(group, params);
        if (digit < 0) return -1;
        index = index * group.count + digit;
      }
      return index;
    },
  };
}
