import type { Param, Params } from "../param.js";
import { placeOfValue } from "../param-value.js";
import type { SearchSpace } from "../search-space.js";

/** Encodes params as numbers for regression trees. */
export interface FeatureEncoder {
  /** How many numbers a row has. */
  readonly size: number;
  encode(params: Params): Float64Array;
}

interface Column {
  readonly name: string;
  readonly size: number;
  readonly write: (params: Params, row: Float64Array, at: number) => void;
}

function columnOf(name: string, param: Param): Column[] {
  const presence: Column[] =
    param.when === undefined
      ? []
      : [
          {
            name,
            size: 1,
            write: (params, row, at) => {
              row[at] = params[name] === undefined ? 0 : 1;
            },
          },
        ];
  if (param.kind === "fixed") return presence;
  if (param.kind === "choice") {
    const oneHot: Column = {
      name,
      size: param.options.length,
      write: (params, row, at) => {
        const chosen = placeOfValue(param.options, params[name]);
        if (chosen >= 0) row[at + chosen] = 1;
      },
    };
    return [...presence, oneHot];
  }
  if (param.kind === "ordinal") {
    const place: Column = {
      name,
      size: 1,
      write: (params, row, at) => {
        row[at] = placeOfValue(param.options, params[name]);
      },
    };
    return [...presence, place];
  }
  const number: Column = {
    name,
    size: 1,
    write: (params, row, at) => {
      const value = params[name];
      if (typeof value === "number") row[at] = param.log ? Math.log(value) : value;
    },
  };
  return [...presence, number];
}

/**
 * Creates an encoder for a space: numbers unchanged, or as logarithms for logarithmic params; ordinals by their place;
 * choices one-hot. A param that is off is 0, and a separate number says whether it is on.
 */
export function createFeatureEncoder(space: SearchSpace): FeatureEncoder {
  const columns = space.order.flatMap((name) => {
    const param = space.params[name];
    return param === undefined ? [] : columnOf(name, param);
  });
  const size = columns.reduce((sum, column) => sum + column.size, 0);
  return {
    size,
    encode: (params) => {
      const row = new Float64Array(size);
      let at = 0;
      for (const column of columns) {
        column.write(params, row, at);
        at += column.size;
      }
      return row;
    },
  };
}
