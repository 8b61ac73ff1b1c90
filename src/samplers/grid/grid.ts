import { z } from "zod";
import { type Combinations, createCombinations } from "../../core/candidates/combinations.js";
import { createPermutation, type Permutation } from "../../core/candidates/permutation.js";
import { refuseCandidates } from "../../core/candidates/refuse-candidates.js";
import { defineSampler } from "../../core/define.js";
import { CurvewiseError } from "../../core/errors.js";
import type { Params } from "../../core/param.js";
import { paramValue } from "../../core/param-schema.js";
import type { Sampler, SamplerSetup } from "../../core/sampler.js";
import { isAllowed } from "../../core/search-space.js";
import { followSequence, type OrderedParams } from "../sequence.js";
import { createLevels } from "./levels.js";

/** A grid with constraints is counted in advance up to this size. */
const MAX_COUNTED = 100_000;

/** How many combinations in a row may break a constraint before the search gives up. */
const MAX_SKIPPED = 10_000_000;

const levelCount = z.int().min(1).max(1_000_000);

const options = z.strictObject({
  levels: z
    .union([levelCount, z.record(z.string(), z.union([levelCount, z.array(paramValue).min(1)]))], {
      error: "must be a positive whole number, or map names to such numbers or to lists of values",
    })
    .default({})
    .describe(
      "How many values continuous params take: one number for all of them, or by name a number or the values.",
    ),
  order: z
    .enum(["in-order", "shuffled"])
    .default("in-order")
    .describe("in-order: the last param changes fastest; shuffled: in an order drawn from the study's seed."),
});

const IDENTITY: Permutation = { at: (place) => place, placeOf: (number) => number };

/** The combinations in the grid's order. */
function inOrder(
  { space }: SamplerSetup,
  combinations: Combinations,
  permutation: Permutation,
): { readonly ordered: OrderedParams; readonly refuseAll: () => never } {
  const broken = new Map<string, number>();
  let skipped = 0;
  const at = (place: number): Params | undefined => {
    const params = combinations.at(permutation.at(place));
    const constraint = space.constraints.find(({ holds }) => !holds(params));
    if (constraint === undefined) {
      broken.clear();
      skipped = 0;
      return params;
    }
    broken.set(constraint.name, (broken.get(constraint.name) ?? 0) + 1);
    skipped += 1;
    if (skipped > MAX_SKIPPED)
      refuse(`none of ${MAX_SKIPPED} combinations in a row satisfies the constraints`, broken);
    return undefined;
  };
  const placeOf = (params: Params): number => {
    const index = combinations.indexOf(params);
    return index < 0 ? -1 : permutation.placeOf(index);
  };
  const { count } = combinations;
  const refuseAll = (): never =>
    refuse(`none of its ${count} combinations satisfies the constraints`, broken);
  return { ordered: { count, at, placeOf }, refuseAll };
}

function refuse(message: string, broken: ReadonlyMap<string, number>): never {
  const counts = [...broken].map(([name, count]) => `${name} refused ${count}`).join("; ");
  throw new CurvewiseError("SPACE_UNSATISFIABLE", `grid: ${message}${counts === "" ? "" : ` (${counts})`}`, {
    hint: "Loosen that constraint, or give levels at which it can hold.",
  });
}

function countValid({ space }: SamplerSetup, combinations: Combinations): number {
  let count = 0;
  for (let index = 0; index < combinations.count; index++) {
    if (isAllowed(space, combinations.at(index))) count += 1;
  }
  return count;
}

/**
 * Full factorial search: every combination of levels once, over any number of params. Continuous params need
 * `levels`; stepped ones, ints and lists give all their values. Combinations that break a constraint are skipped,
 * and those that differ only in params that are off are one, and those that were enqueued are not run again: the n-th
 * trial of this sampler gets the n-th of the others, so a study goes on where it stopped. Memory does not grow
 * with the grid: the combinations are counted through, and shuffled by a keyed permutation.
 *
 * @example createStudy({ sampler: grid({ levels: { rate: 5, momentum: [0, 0.9] }, order: "shuffled" }) })
 * @throws CurvewiseError `GRID_LEVELS_MISSING`, `GRID_LEVELS_INVALID`, `GRID_TOO_LARGE` when the sampler is created for
 *   a space; `SPACE_UNSATISFIABLE` from `ask` when no combination satisfies the constraints
 */
export const grid = defineSampler({
  name: "grid",
  defaultsFirst: false,
  forgets: true,
  severalGoals: true,
  summary: "Tries every combination of levels once; for few params, or to get the full picture.",
  options,
  create: ({ levels, order }, setup): Sampler => {
    refuseCandidates("grid", setup.candidates);
    const combinations = createCombinations(setup.space, createLevels(setup.space, levels));
    const permutation = order === "shuffled" ? createPermutation(combinations.count, setup.seed) : IDENTITY;
    const { ordered, refuseAll } = inOrder(setup, combinations, permutation);
    const sampler: Sampler = followSequence("grid", ordered, refuseAll);
    if (setup.space.constraints.length === 0) return { ...sampler, size: combinations.count };
    if (combinations.count > MAX_COUNTED) return sampler;
    let counted: number | undefined;
    return {
      ...sampler,
      get size() {
        counted ??= countValid(setup, combinations);
        return counted;
      },
    };
  },
});
