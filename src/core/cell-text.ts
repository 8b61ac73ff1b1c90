import type { Param, ParamValue } from "./param.js";
import { paramValue } from "./param-schema.js";
import { sameValue, textOfValue } from "./param-value.js";
import { contains } from "./search-space.js";

/** A number as tools write it; undefined if a text is not a number. */
export function numberOf(text: string): number | undefined {
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return Number(text);
  if (/^nan$/i.test(text)) return Number.NaN;
  const infinite = /^([+-]?)inf(inity)?$/i.exec(text);
  return infinite === null
    ? undefined
    : infinite[1] === "-"
      ? Number.NEGATIVE_INFINITY
      : Number.POSITIVE_INFINITY;
}

/** What tools put before the names of params: data frames of Optuna, Ray Tune and MLflow. */
export const PARAM_PREFIX = /^(params_|params\.|param\.|config\/|config\.)/;

/** The option that a text stands for, as JSON or in another language's spelling. */
function optionOf(options: readonly ParamValue[], text: string): ParamValue | undefined {
  const number = numberOf(text);
  return options.find((option) => {
    if (textOfValue(option) === text) return true;
    if (typeof option === "number") return option === number;
    if (typeof option === "boolean") return String(option) === text.toLowerCase();
    if (option === null) return text === "None";
    return typeof option !== "string" && sameValue(option, parsed(text));
  });
}

function parsed(text: string): ParamValue | undefined {
  try {
    return paramValue.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** The value of a param that a text stands for; undefined if the param cannot take it. */
export function valueOfText(param: Param, text: string): ParamValue | undefined {
  switch (param.kind) {
    case "float":
    case "int": {
      const number = numberOf(text);
      return number !== undefined && contains(param, number) ? number : undefined;
    }
    case "choice":
    case "ordinal":
      return optionOf(param.options, text);
    case "fixed":
      return optionOf([param.value], text);
  }
}
