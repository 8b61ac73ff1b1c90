// What no trial has, written out from its documentation and nothing else. Tests compare the product with it; nothing else
// uses it.
import { combinationsOf } from "../core/candidates/finite-space.js";
import { createPermutation } from "../core/candidates/permutation.js";
import type { Params } from "../core/param.js";
import { quantilesOf, type SearchSpace, sampleParams } from "../core/search-space.js";
import type { Study } from "../core/study.js";
import type { Random } from "../math/random.js";

/** Whether a trial has the same params now, but for the rounding of floats: 1e-9 of their range. */
export function isPlainlyTried(space: SearchSpace, study: Study, wanted: Params): boolean {
  return study.trials.some(({ params }) =>
    Object.entries(space.params).every(([name, param]) => {
      const [own, other] = [params[name], wanted[name]];
      if (own === other) return true;
      if (own === undefined || other === undefined) return false;
      if (param.kind !== "float" || param.step !== undefined) return false;
      return Math.abs(quantilesOf(param, own)[0] - quantilesOf(param, other)[0]) <= 1e-9;
    }),
  );
}

/**
 * The first of a hundred random draws that no trial has; else the first such combination of a finite space, in an order
 * shuffled by the seed, and nothing when there is none; else one more draw.
 */
export function plainDraw(
  space: SearchSpace,
  study: Study,
  random: Random,
  seed: number,
): Params | undefined {
  for (let tries = 0; tries < 100; tries++) {
    const params = sampleParams(space, random);
    if (!isPlainlyTried(space, study, params)) return params;
  }
  const all = combinationsOf(space);
  if (all === undefined) return sampleParams(space, random);
  const { at } = createPermutation(all.count, seed);
  return Array.from({ length: all.count }, (_, place) => all.at(at(place)))
    .filter((params) => space.constraints.every(({ holds }) => holds(params)))
    .find((params) => !isPlainlyTried(space, study, params));
}
