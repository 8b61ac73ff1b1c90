import { parentsOf } from "../../core/draw/repair-params.js";
import type { Param, Params, ParamValue } from "../../core/param.js";
import { placeOfValue } from "../../core/param-value.js";
import { contains, countValues, quantilesOf, type SearchSpace, valueAt } from "../../core/search-space.js";

/** The largest double below 1, the end of the quantiles. */
const BELOW_ONE = 1 - 2 ** -53;
/** Where a number lies that is off. */
const OFF_NUMBER = 0.5;
/** The place of a choice that is off: a value of its own. */
const OFF_CHOICE = -1;

/** A param that is a column. */
export interface Column {
  readonly name: string;
  readonly param: Param;
}

/** Params as coordinates of a Gaussian process, a column for each param that has more than one value. */
export interface Encoding {
  /** The first columns: params whose values have an order, from 0 to 1. */
  readonly numeric: readonly Column[];
  /** The columns after those: places of choices, which are equal or not. */
  readonly choices: readonly Column[];
  /** The places among the columns of floats that can have any value, and that no other param depends on. */
  readonly smooth: readonly number[];
  readonly size: number;
  encode(params: Params): Float64Array;
  /** The value of a smooth column at a coordinate. */
  valueOf(column: number, coordinate: number): ParamValue;
}

/** Where a value lies between the first and the last: on the param's own scale for floats and logarithmic ints. */
function placeOf(param: Param, value: ParamValue): number {
  if (param.kind === "int" && param.log) {
    const low = Math.log(param.low);
    return (Math.log(Number(value)) - low) / (Math.log(param.high) - low);
  }
  const [from] = quantilesOf(param, value);
  const count = countValues(param);
  return Number.isFinite(count) ? (from * count) / (count - 1) : from;
}

/**
 * Creates the encoding of a space: numbers and ordinals from 0 to 1 on their own (logarithmic) scale, choices by their
 * place. A number that is off lies in the middle, and a choice that is off has a value of its own; that they are off
 * shows in the params that they depend on.
 */
export function createEncoding(space: SearchSpace): Encoding {
  const columns = space.order.flatMap((name): Column[] => {
    const param = space.params[name];
    return param === undefined || countValues(param) < 2 ? [] : [{ name, param }];
  });
  const numeric = columns.filter(({ param }) => param.kind !== "choice");
  const choices = columns.filter(({ param }) => param.kind === "choice");
  const parents = parentsOf(space);
  const smooth = numeric.flatMap(({ name, param }, place) =>
    param.kind === "float" && param.step === undefined && !parents.has(name) ? [place] : [],
  );
  const size = columns.length;
  return {
    numeric,
    choices,
    smooth,
    size,
    encode: (params) => {
      const row = new Float64Array(size);
      for (const [place, { name, param }] of numeric.entries()) {
        const value = params[name];
        row[place] = value === undefined || !contains(param, value) ? OFF_NUMBER : placeOf(param, value);
      }
      for (const [place, { name, param }] of choices.entries()) {
        const value = params[name];
        const options = param.kind === "choice" ? param.options : [];
        row[numeric.length + place] = value === undefined ? OFF_CHOICE : placeOfValue(options, value);
      }
      return row;
    },
    valueOf: (column, coordinate) => {
      const param = numeric[column]?.param;
      return param === undefined ? coordinate : valueAt(param, Math.min(coordinate, BELOW_ONE));
    },
  };
}
