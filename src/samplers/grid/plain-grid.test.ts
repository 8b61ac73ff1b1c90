import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createCombinations } from "../../core/candidates/combinations.js";
import {
  choice,
  fixed,
  float,
  int,
  ordinal,
  type Param,
  type Params,
  type ParamValue,
} from "../../core/param.js";
import { createSearchSpace, inUserOrder, isOn, type SearchSpace } from "../../core/search-space.js";
import { createLevels } from "./levels.js";

/** A param with its levels, written down beside each other. */
const kinds: readonly (readonly [param: Param, levels: readonly ParamValue[]])[] = [
  [int(1, 3), [1, 2, 3]],
  [int(2, 10, { step: 4 }), [2, 6, 10]],
  [float(0, 0.3, { step: 0.1 }), [0, 0.1, 0.2, 0.3]],
  [float(-1, 1), [-1, 0, 1]],
  [float(0.01, 1, { log: true }), [0.01, 0.1, 1]],
  [float(0.5, 0.5), [0.5]],
  [choice(["a", "b"]), ["a", "b"]],
  [choice([true, false]), [true, false]],
  [ordinal([16, 32, 64]), [16, 32, 64]],
  [fixed("one"), ["one"]],
];
const LEVELS = 3;

interface Drawn {
  readonly space: SearchSpace;
  readonly levelsOf: (name: string) => readonly ParamValue[];
}

/** A space of up to five params, many of which are on only with some values of one before or after them. */
const spaces: fc.Arbitrary<Drawn> = fc
  .array(fc.record({ kind: fc.nat(kinds.length - 1), parent: fc.nat(9), least: fc.nat(3) }), {
    minLength: 1,
    maxLength: 5,
  })
  .chain((drawn) => {
    const given = drawn.map(({ kind, parent, least }, place) => {
      const [param, levels] = kinds[kind] ?? [int(1, 2), [1, 2]];
      const above = drawn[parent];
      const [, values] = kinds[above?.kind ?? 0] ?? [undefined, []];
      const wanted = values.slice(Math.min(least, values.length - 1));
      const when = parent < place ? { [`p${parent}`]: wanted } : undefined;
      return { name: `p${place}`, param: { ...param, when }, levels };
    });
    return fc.shuffledSubarray(given, { minLength: given.length }).map((shuffled) => ({
      space: createSearchSpace(Object.fromEntries(shuffled.map(({ name, param }) => [name, param]))),
      levelsOf: (name: string) => given.find((each) => each.name === name)?.levels ?? [],
    }));
  });

/** Names that conditions tie together, in the order in which the first of each group stands in the space. */
function tied({ params, order }: SearchSpace): string[][] {
  const names = Object.keys(params);
  const linked = (a: string, b: string): boolean =>
    Object.hasOwn(params[a]?.when ?? {}, b) || Object.hasOwn(params[b]?.when ?? {}, a);
  const reach = (from: string): string[] => {
    const found = [from];
    for (const each of found)
      found.push(...names.filter((other) => linked(each, other) && !found.includes(other)));
    return found;
  };
  const groups = names.map((name) => order.filter((each) => reach(name).includes(each)));
  return groups.filter(
    (group, place) => groups.findIndex((other) => other.join() === group.join()) === place,
  );
}

/** All combinations, one after the other: of the params that are on, the last one changes fastest. */
function combinationsOf({ space, levelsOf }: Drawn): Params[] {
  const { params } = space;
  const isNamed = (name: string): boolean =>
    Object.values(params).some(({ when }) => Object.hasOwn(when ?? {}, name));
  const expand = (chosen: Params, [name, ...rest]: readonly string[]): Params[] => {
    if (name === undefined) return [chosen];
    if (!isOn(params[name]?.when, chosen)) return expand(chosen, rest);
    return levelsOf(name).flatMap((value) => expand({ ...chosen, [name]: value }, rest));
  };
  // What conditions name comes first.
  const names = tied(space).flatMap((group) => [
    ...group.filter(isNamed),
    ...group.filter((name) => !isNamed(name)),
  ]);
  return expand({}, names).map((combination) => inUserOrder(space, combination));
}

describe("a grid's combinations: equality with a list of them", () => {
  it("holds for 200 random spaces", () => {
    fc.assert(
      fc.property(spaces, (drawn) => {
        const { space } = drawn;
        const list = combinationsOf(drawn);
        const combinations = createCombinations(space, createLevels(space, LEVELS));
        expect(combinations.count).toBe(list.length);
        expect(list.map((_, index) => combinations.at(index))).toEqual(list);
        expect(list.map((params) => combinations.indexOf(params))).toEqual([...list.keys()]);
        const [first = {}] = list;
        for (const [name, value] of Object.entries(first)) {
          const { [name]: _, ...without } = first;
          expect(combinations.indexOf(without)).toBe(-1);
          for (const other of [typeof value === "number" ? value + 1e-3 : "other", 1e6, -1e6]) {
            expect(combinations.indexOf({ ...first, [name]: other })).toBe(-1);
          }
        }
        for (const name of Object.keys(space.params)) {
          if (first[name] !== undefined) continue;
          expect(combinations.indexOf({ ...first, [name]: drawn.levelsOf(name)[0] ?? 0 })).toBe(-1);
        }
      }),
      { numRuns: 200 },
    );
  });
});
