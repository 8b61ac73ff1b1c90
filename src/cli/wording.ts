import type { Params, ParamValue } from "../core/param.js";
import { shortValue } from "../plots/trial-text.js";
import { withoutControls } from "./unseen.js";

export {
  agoText,
  budgetText,
  counted,
  durationText,
  frontSummary,
  goalText,
  momentText,
  numberText,
  replicatesText,
} from "../views/wording.js";

/** A param's value for people. */
export const valueText = (value: ParamValue): string => withoutControls(shortValue(value));

/** Params on one line. */
export function paramsText(params: Params): string {
  return Object.entries(params)
    .map(([name, value]) => `${name}=${valueText(value)}`)
    .join(" ");
}
