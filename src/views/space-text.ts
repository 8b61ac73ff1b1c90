import type { ListPrior, NumberPrior, Param } from "../core/param.js";
import { shortValue } from "../plots/trial-text.js";

function priorText(prior: NumberPrior | undefined): string {
  if (prior === undefined) return "";
  const { around, factor, within } = prior;
  return factor === undefined
    ? ` (around ${around} within ${within})`
    : ` (around ${around} within a factor of ${factor})`;
}

function weightsText(prior: ListPrior | undefined): string {
  if (prior === undefined) return "";
  const weights = Object.entries(prior.weights).map(([value, weight]) => `${value} ${weight}`);
  return ` (weights: ${weights.join(" ")})`;
}

/** The values that a param may have, for people: `float 0.0001..1 log`, `sgd|adam`. */
export function spaceText(param: Param): string {
  switch (param.kind) {
    case "float":
    case "int": {
      const scale = param.log ? " log" : "";
      return `${param.kind} ${param.low}..${param.high}${scale}${priorText(param.prior)}`;
    }
    case "fixed":
      return shortValue(param.value);
    default:
      return `${param.options.map(shortValue).join("|")}${weightsText(param.prior)}`;
  }
}
