import { createDraws } from "../../core/draw/sample-params.js";
import type { Params } from "../../core/param.js";
import type { SearchSpace } from "../../core/search-space.js";
import type { Random } from "../../math/random.js";
import { createNearDraws } from "../near-draws.js";

/** How many params come from all of the space, and how many are near good ones. */
const EVERYWHERE = 100;
const NEAR = 300;
/** How far numbers move, as a share of their range: far and near ones in turn. */
const SPREADS = [0.2, 0.1];
/** The probability that a param moves. */
const CHANGE = 0.5;

/**
 * Params to choose among: first some near good ones, then some from all of the space. Every other one of the near ones is
 * between two good ones, of which it has each param from either, since with many params one that is good in all of them
 * is rarely met by moving them all.
 *
 * @param centers the good ones; without any, all are from the whole space
 * @param trial the number of the trial for which they are drawn
 */
export function proposeNear(
  space: SearchSpace,
  centers: readonly Params[],
  random: Random,
  trial = 0,
): Params[] {
  const { length } = centers;
  const drawNear = createNearDraws(space, random);
  const near = Array.from({ length: length === 0 ? 0 : NEAR }, (_, index) => {
    const center = centers[index % length];
    const turn = Math.floor(index / length);
    const mate = turn % 2 === 1 ? centers[random.integer(0, length - 1)] : undefined;
    const spread = SPREADS[Math.floor(turn / 2) % SPREADS.length] ?? 0;
    const nearness = { spread, change: CHANGE, ...(mate === undefined ? {} : { mate }) };
    return center === undefined ? undefined : drawNear(center, nearness);
  });
  const draw = createDraws(space, random, trial);
  const count = length === 0 ? EVERYWHERE + NEAR : EVERYWHERE;
  return [...near.filter((params) => params !== undefined), ...Array.from({ length: count }, draw)];
}
