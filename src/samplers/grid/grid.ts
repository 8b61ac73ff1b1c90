import { z } from "zod";
import { createPermutation, type Permutation } from "../../core/candidates/permutation.js";
import { refuseCandidates } from "../../core/candidates/refuse-candidates.js";
import { defineSampler } from "../../core/define.js";
import { CurvewiseError } from "../../core/errors.js";
import { stagesOf } from "../../core/lineage.js";
import type { Params } from "../../core/param.js";
import type { Sampler, SamplerSetup } from "../../core/sampler.js";
import { createTurns } from "../turns.js";
import { type Combinations, createCombinations } from "./combinations.js";
import { createLevels } from "./levels.js";

/** A grid with constraints is counted in advance up to this size. */
const MAX_COUNTED = 100_000;

/** How many combinations in a row may break a constraint before the search is given up. */
const MAX_SKIPPED = 10_000_000;

const paramValue = z.union([z.string(), z.number(), z.boolean()]);
const levelCount = z.int().min(1).max(1_000_000);

const options = z.strictObject({
  levels: z
    .union([levelCount, z.record(z.string(), z.union([levelCount, z.array(paramValue).min(1)]))], {
      error: "must be a whole number from 1, or by name a whole number or a list of values",
    })
    .default({})
    .describe(
      "How finely continuous params are divided: a number for all of them, or by name a number or the values.",
    ),
  order: z
    .enum(["in-order", "shuffled"])
    .default("in-order")
    .describe("In order, the last param changes fastest; shuffled, by the study's seed."),
});

/** The valid combinations in the grid's order: the n-th one, found by going on from the last one asked for. */
interface Sequence {
  at(turn: number): Params | undefined;
  /** Says that a turn had these params, so that the next one is found without counting from the start. */
  anchor(turn: number, params: Params): void;
}

const IDENTITY: Permutation = { at: (place) => place, placeOf: (number) => number };

function createSequence(
  { space }: SamplerSetup,
  combinations: Combinations,
  permutation: Permutation,
): Sequence {
  if (space.constraints.length === 0) {
    return {
      at: (turn) => (turn < combinations.count ? combinations.at(permutation.at(turn)) : undefined),
      anchor: () => {},
    };
  }
  let nextTurn = 0;
  let nextPlace = 0;
  let found: { readonly turn: number; readonly params: Params | undefined } | undefined;

  const broken = new Map<string, number>();
  const advance = (): Params | undefined => {
    for (let skipped = 0; nextPlace < combinations.count; skipped++) {
      if (skipped > MAX_SKIPPED) {
        return refuse(`none of ${MAX_SKIPPED} combinations in a row satisfies the constraints`, broken);
      }
      const params = combinations.at(permutation.at(nextPlace));
      nextPlace += 1;
      const constraint = space.constraints.find(({ holds }) => !holds(params));
      if (constraint === undefined) {
        nextTurn += 1;
        broken.clear();
        return params;
      }
      broken.set(constraint.name, (broken.get(constraint.name) ?? 0) + 1);
    }
    if (nextTurn === 0)
      refuse(`none of its ${combinations.count} combinations satisfies the constraints`, broken);
    return undefined;
  };
  return {
    at: (turn) => {
      if (found?.turn === turn) return found.params;
      let params = advance();
      for (let missing = turn + 1 - nextTurn; params !== undefined && missing > 0; missing--)
        params = advance();
      found = { turn, params };
      return params;
    },
    anchor: (turn, params) => {
      const index = turn < nextTurn ? -1 : combinations.indexOf(params);
      if (index < 0) return;
      nextTurn = turn + 1;
      nextPlace = permutation.placeOf(index) + 1;
    },
  };
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
    const params = combinations.at(index);
    if (space.constraints.every(({ holds }) => holds(params))) count += 1;
  }
  return count;
}

/**
 * Full factorial search: every combination of levels once, over any number of params. Continuous params need
 * `levels`; stepped ones, ints and lists give all their values. Combinations that break a constraint are skipped,
 * and those that differ only in params that are off are one. The n-th trial of this sampler gets the n-th valid
 * combination, whatever other samplers proposed between, so a study goes on where it stopped. Memory does not grow
 * with the grid: the combinations are counted through, and shuffled by a keyed permutation.
 *
 * @example createStudy({ sampler: grid({ levels: { rate: 5, momentum: [0, 0.9] }, order: "shuffled" }) })
 * @throws CurvewiseError `GRID_LEVELS_MISSING`, `GRID_LEVELS_INVALID`, `GRID_TOO_LARGE` when the sampler is made for
 *   a space; `SPACE_UNSATISFIABLE` from `ask` when no combination satisfies the constraints
 */
export const grid = defineSampler({
  name: "grid",
  forgets: true,
  summary: "Tries every combination of levels once; for few params, or when a full picture is wanted.",
  options,
  create: ({ levels, order }, setup): Sampler => {
    refuseCandidates("grid", setup.candidates);
    const combinations = createCombinations(setup.space, createLevels(setup.space, levels));
    const permutation = order === "shuffled" ? createPermutation(combinations.count, setup.seed) : IDENTITY;
    const sequence = createSequence(setup, combinations, permutation);
    const turns = createTurns("grid");
    const sampler: Sampler = {
      restore: (study) => {
        turns.restore(study);
        const last = study.trials.at(-1);
        // Without it, the sequence is counted through from its beginning.
        if (last?.sampler === "grid") {
          // A scheduler may have changed its params since.
          const { params } = stagesOf(last)[0] ?? last;
          sequence.anchor((study.askedBy.get("grid") ?? 1) - 1, params);
        }
      },
      observe: (event) => {
        turns.observe(event);
        if (event.type === "trial-asked" && event.sampler === "grid") {
          sequence.anchor(turns.take(event.trial), event.params);
        }
      },
      ask: (trial) => sequence.at(turns.take(trial)),
    };
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
