import { createDraws } from "../core/draw/sample-params.js";
import type { Params } from "../core/param.js";
import type { SearchSpace } from "../core/search-space.js";
import type { Random } from "../math/random.js";
import { createNearDraws } from "./near-draws.js";

/**
 * Params to choose from: some from the whole space, and as many near the given ones.
 *
 * @param trial the number of the trial for which they are drawn
 */
export function proposeParams(
  space: SearchSpace,
  centers: readonly Params[],
  count: number,
  random: Random,
  trial = 0,
): Params[] {
  const draw = createDraws(space, random, trial);
  const everywhere = Array.from({ length: count }, draw);
  if (centers.length === 0) return everywhere;
  const drawNear = createNearDraws(space, random);
  const near = Array.from({ length: count }, (_, index) => {
    const center = centers[index % centers.length];
    return center === undefined ? undefined : drawNear(center);
  });
  return [...everywhere, ...near.filter((params) => params !== undefined)];
}
