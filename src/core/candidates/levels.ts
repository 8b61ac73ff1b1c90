import type { FloatParam, IntParam, Param, ParamValue } from "../param.js";
import { placeOfValue } from "../param-value.js";
import { countValues, valueAt } from "../search-space.js";

/** Some or all of the values of one param, in order. */
export interface Levels {
  readonly count: number;
  value(index: number): ParamValue;
  /** The index of a value, or -1. */
  indexOf(value: ParamValue): number;
}

/** The given values as levels. */
export function listedLevels(values: readonly ParamValue[]): Levels {
  return {
    count: values.length,
    value: (index) => {
      const value = values[index];
      return value === undefined ? "" : value;
    },
    indexOf: (value) => placeOfValue(values, value),
  };
}

/** Every value of a stepped param, computed when it is needed: a wide int takes no memory. */
export function steppedLevels(param: (FloatParam | IntParam) & { readonly step: number }): Levels {
  const count = countValues(param);
  const value = (index: number): ParamValue => {
    if (param.kind === "int") return param.low + index * param.step;
    return valueAt(param, (index + 0.5) / count);
  };
  return {
    count,
    value,
    indexOf: (wanted) => {
      if (typeof wanted !== "number") return -1;
      const index = Math.round((wanted - param.low) / param.step);
      return index >= 0 && index < count && value(index) === wanted ? index : -1;
    },
  };
}

/** All values of a param; undefined for a float without a step, which has too many. */
export function allLevels(param: Param): Levels | undefined {
  switch (param.kind) {
    case "float":
    case "int":
      if (param.low === param.high) return listedLevels([param.low]);
      return param.step === undefined ? undefined : steppedLevels({ ...param, step: param.step });
    case "choice":
    case "ordinal":
      return listedLevels(param.options);
    case "fixed":
      return listedLevels([param.value]);
  }
}
