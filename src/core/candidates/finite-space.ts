import { isCurvewiseError } from "../errors.js";
import type { Params } from "../param.js";
import { isAllowed, type SearchSpace } from "../search-space.js";
import { type Combinations, createCombinations } from "./combinations.js";
import { allLevels, type Levels } from "./levels.js";

/**
 * Every combination of the values of a space, whether or not the constraints allow it; undefined for a space with a
 * continuous param, or with too many combinations to number them.
 */
export function combinationsOf(space: SearchSpace): Combinations | undefined {
  const levels = new Map<string, Levels>();
  for (const [name, param] of Object.entries(space.params)) {
    const all = allLevels(param);
    if (all === undefined) return undefined;
    levels.set(name, all);
  }
  try {
    return createCombinations(space, levels);
  } catch (error) {
    if (isCurvewiseError(error) && error.code === "GRID_TOO_LARGE") return undefined;
    throw error;
  }
}

/**
 * All params of a space that the constraints allow, if it has no more combinations than `most`; undefined for any
 * other.
 */
export function allParams(space: SearchSpace, most: number): readonly Params[] | undefined {
  const combinations = combinationsOf(space);
  if (combinations === undefined || combinations.count > most) return undefined;
  const all = Array.from({ length: combinations.count }, (_, index) => combinations.at(index));
  return all.filter((params) => isAllowed(space, params));
}
