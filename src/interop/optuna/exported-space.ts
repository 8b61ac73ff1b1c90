import type { Param, ParamValue, Space } from "../../core/param.js";
import { placeOfValue } from "../../core/param-value.js";
import { contains } from "../../core/search-space.js";
import type { Study } from "../../core/study.js";

function listedValues(param: Param): readonly ParamValue[] {
  if (param.kind === "fixed") return [param.value];
  return "options" in param ? param.options : [];
}

/** The param with these values besides its own: as a wider range if all are numbers, otherwise as a longer list. */
function withValues(param: Param, values: readonly ParamValue[]): Param {
  const { when } = param;
  const strange = values.filter((value) => !contains(param, value));
  if (strange.length === 0) return param;
  const numbers = strange.filter((value) => typeof value === "number");
  if ("low" in param && numbers.length === strange.length) {
    const low = Math.min(param.low, ...numbers);
    const high = Math.max(param.high, ...numbers);
    const log = param.log && low > 0;
    if (param.kind === "float") return { kind: "float", low, high, log, step: undefined, when };
    if (numbers.every(Number.isSafeInteger)) return { kind: "int", low, high, log, step: 1, when };
    return { kind: "float", low, high, log, step: undefined, when };
  }
  const options = [...listedValues(param)];
  for (const value of values) if (placeOfValue(options, value) < 0) options.push(value);
  return { kind: "choice", options, when };
}

/**
 * A study's space, so wide that all of its trials fit it: other tools read what a trial's params were from the space, so
 * that trials from before a change of the space would get other values.
 */
export function exportedSpace({ definition, trials, outside }: Study): Space {
  const { space } = definition;
  if (outside.size === 0) return space;
  const entries = Object.entries(space).map(([name, param]): [string, Param] => {
    const values = trials.flatMap(({ params }) => {
      const value = params[name];
      return value === undefined ? [] : [value];
    });
    return [name, withValues(param, values)];
  });
  return Object.fromEntries(entries);
}
