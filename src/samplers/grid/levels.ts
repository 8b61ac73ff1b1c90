import { allLevels, type Levels, listedLevels, steppedLevels } from "../../core/candidates/levels.js";
import { CurvewiseError } from "../../core/errors.js";
import type { FloatParam, IntParam, Param, ParamValue } from "../../core/param.js";
import { placeOfValue } from "../../core/param-value.js";
import { contains, type SearchSpace } from "../../core/search-space.js";

/** Levels as users give them: one number for all continuous params, or by name a number or the values. */
export type LevelsInput = number | { readonly [name: string]: number | readonly ParamValue[] };

/** Evenly spaced places in [0, 1], both ends included; a single one stands in the middle. */
const places = (count: number): number[] =>
  count === 1 ? [0.5] : Array.from({ length: count }, (_, index) => index / (count - 1));

/** A real number without binary rounding noise. */
const tidy = (value: number): number => Number(value.toPrecision(14));

function between(low: number, high: number, log: boolean, place: number): number {
  if (place === 0) return low;
  if (place === 1) return high;
  const ratio = high / low;
  const value = !log
    ? low + place * (high - low)
    : Number.isFinite(ratio)
      ? low * ratio ** place
      : Math.exp(Math.log(low) + place * (Math.log(high) - Math.log(low)));
  return Math.min(high, Math.max(low, tidy(value)));
}

function spread(param: FloatParam | IntParam, count: number): Levels {
  const { low, high, log, step } = param;
  if (step !== undefined && !log) {
    const all = steppedLevels({ ...param, step });
    if (count >= all.count) return all;
    return listedLevels(places(count).map((place) => all.value(Math.round(place * (all.count - 1)))));
  }
  const values = places(count).map((place) => between(low, high, log, place));
  return listedLevels([...new Set(param.kind === "int" ? values.map(Math.round) : values)]);
}

function givenValues(name: string, param: Param, values: readonly ParamValue[]): Levels {
  for (const [index, value] of values.entries()) {
    if (!contains(param, value)) {
      throw new CurvewiseError(
        "GRID_LEVELS_INVALID",
        `grid: the level ${JSON.stringify(value)} of "${name}" is not one of its values`,
        { hint: "List only values that the search space allows." },
      );
    }
    if (placeOfValue(values, value) !== index) {
      throw new CurvewiseError(
        "GRID_LEVELS_INVALID",
        `grid: the level ${JSON.stringify(value)} of "${name}" is listed twice`,
        { hint: "List every level once." },
      );
    }
  }
  return listedLevels(values);
}

function levelsOf(name: string, param: Param, levels: LevelsInput): Levels {
  const own = typeof levels === "object" && Object.hasOwn(levels, name) ? levels[name] : undefined;
  if (typeof own === "object") return givenValues(name, param, own);
  const all = allLevels(param);
  if (param.kind !== "float" && param.kind !== "int") {
    if (own === undefined && all !== undefined) return all;
    throw new CurvewiseError(
      "GRID_LEVELS_INVALID",
      `grid: "${name}" has listed values, so a number of levels does not fit it`,
      { hint: "Leave it out to take all of its values, or list those to take." },
    );
  }
  const count = own ?? (param.step === undefined && typeof levels === "number" ? levels : undefined);
  if (count !== undefined) return spread(param, count);
  if (all !== undefined) return all;
  throw new CurvewiseError("GRID_LEVELS_MISSING", `grid: "${name}" is continuous and has no levels`, {
    hint: `Say how many, or which: levels: { ${JSON.stringify(name)}: 5 }, or levels: 5 for all such params.`,
  });
}

/**
 * The levels of every param of a space. Floats without a step are spaced evenly including both ends, in the logarithm
 * if the param is logarithmic; a single level is in the middle. Stepped floats and ints use all their values, or the
 * requested number, evenly spread and distinct (so a narrow logarithmic int may have fewer).
 *
 * @throws CurvewiseError `GRID_LEVELS_MISSING` for a continuous param without levels; `GRID_LEVELS_INVALID` for
 *   levels of an unknown param, values that a param cannot take, or a value listed twice
 */
export function createLevels(space: SearchSpace, levels: LevelsInput): ReadonlyMap<string, Levels> {
  const names = Object.keys(space.params);
  if (typeof levels === "object") {
    const unknown = Object.keys(levels).find((name) => !names.includes(name));
    if (unknown !== undefined) {
      throw new CurvewiseError(
        "GRID_LEVELS_INVALID",
        `grid: levels given for "${unknown}", which is not a param`,
        {
          hint: `The params are ${names.map((name) => `"${name}"`).join(", ")}.`,
        },
      );
    }
  }
  return new Map(Object.entries(space.params).map(([name, param]) => [name, levelsOf(name, param, levels)]));
}
