import { allParams } from "../core/candidates/finite-space.js";
import { keyOf } from "../core/candidates/params-key.js";
import { createPermutation } from "../core/candidates/permutation.js";
import { createTriedKeys } from "../core/candidates/tried-keys.js";
import { createUntriedParams } from "../core/candidates/untried-params.js";
import type { Params } from "../core/param.js";
import type { SamplerSetup } from "../core/sampler.js";
import type { Trial } from "../core/trial.js";
import type { Random } from "../math/random.js";
import { proposeParams } from "./propose-params.js";

/** In a space that is not listed: how many params come from all of it, and again near the best ones. */
const PROPOSALS = 500;

/** Params with their features. */
export interface Proposal {
  readonly params: Params;
  readonly row: Float64Array;
}

/** What can still be proposed. */
export interface Supply {
  /** How many trials there can be, where that is known. */
  readonly size?: number;
  /** Whether it lists all that there is to choose among, instead of drawing some of it. */
  readonly isListed: boolean;
  /** Takes in that a trial has its params; whether it had others before, or none. */
  note(trial: Trial): boolean;
  /** Any params that no trial has; undefined when there are none. */
  draw(random: Random): Params | undefined;
  /** Params to choose among, some of them near the given ones. */
  proposals(centers: readonly Params[], random: Random): readonly Proposal[];
  /** Whether a trial has these params. */
  isTried(params: Params): boolean;
}

function fromCandidates(
  candidates: readonly Params[],
  seed: number,
  rowOf: (params: Params) => Float64Array,
): Supply {
  const pool = candidates.map((params) => ({ params, key: keyOf(params), row: rowOf(params) }));
  const order = createPermutation(pool.length, seed);
  const { note, has } = createTriedKeys();
  return {
    size: pool.length,
    isListed: true,
    note,
    draw: () => {
      for (let place = 0; place < pool.length; place++) {
        const entry = pool[order.at(place)];
        if (entry !== undefined && !has(entry.key)) return entry.params;
      }
      return undefined;
    },
    proposals: () => pool.filter(({ key }) => !has(key)),
    isTried: (params) => has(keyOf(params)),
  };
}

/** Draws params to choose among for a trial, some of them near the given ones. */
export type Propose = (centers: readonly Params[], random: Random, trial: number) => readonly Params[];

function fromSpace(
  setup: SamplerSetup,
  rowOf: (params: Params) => Float64Array,
  propose: Propose = (centers, random, trial) =>
    proposeParams(setup.space, centers, PROPOSALS, random, trial),
): Supply {
  const { space } = setup;
  const { note: noteTried, isTried, draw } = createUntriedParams(setup);
  let next = 0;
  const note: Supply["note"] = (trial) => {
    next = Math.max(next, trial.number + 1);
    return noteTried(trial);
  };
  const withRow = (params: Params): Proposal => ({ params, row: rowOf(params) });
  const all = allParams(space, 2 * PROPOSALS)?.map(withRow);
  return {
    isListed: all !== undefined,
    note,
    draw,
    isTried,
    proposals: (centers, random) =>
      all?.filter(({ params }) => !isTried(params)) ?? propose(centers, random, next).map(withRow),
  };
}

/**
 * @param rowOf writes params as features
 * @param propose in a space that is too large to be listed: by default 500 params of all of it, and 500 near the given ones
 */
export function createSupply(
  setup: SamplerSetup,
  rowOf: (params: Params) => Float64Array,
  propose?: Propose,
): Supply {
  const { candidates, seed } = setup;
  return candidates === undefined
    ? fromSpace(setup, rowOf, propose)
    : fromCandidates(candidates, seed, rowOf);
}
