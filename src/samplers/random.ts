import { z } from "zod";
import { createPermutation } from "../core/candidates/permutation.js";
import { defineSampler } from "../core/define.js";
import type { Params } from "../core/param.js";
import type { Sampler } from "../core/sampler.js";
import { sampleParams } from "../core/search-space.js";
import { createTurns } from "./turns.js";

function amongCandidates(candidates: readonly Params[], seed: number): Sampler {
  const { at } = createPermutation(candidates.length, seed);
  const turns = createTurns("random");
  return {
    size: candidates.length,
    restore: turns.restore,
    observe: turns.observe,
    ask: (trial) => {
      const turn = turns.take(trial);
      return turn < candidates.length ? candidates[at(turn)] : undefined;
    },
  };
}

/**
 * Random search: every param from its own (log-)uniform distribution, redrawn until the constraints hold. The baseline
 * that every other sampler must beat, and hard to beat in many dimensions (Bergstra and Bengio, "Random search for
 * hyper-parameter optimization", JMLR 2012). Given candidates, it proposes each once, in an order shuffled by the
 * study's seed.
 *
 * @example createStudy({ sampler: random() })
 */
export const random = defineSampler({
  name: "random",
  forgets: true,
  summary: "Draws every param from its own distribution; the baseline.",
  options: z.strictObject({}),
  create: (_options, { space, seed, candidates }): Sampler =>
    candidates === undefined
      ? { ask: (_trial, stream) => sampleParams(space, stream) }
      : amongCandidates(candidates, seed),
});
