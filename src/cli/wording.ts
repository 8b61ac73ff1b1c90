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

/** A time in the local time zone: `2026-11-24 15:34:50`. */
export function momentText(milliseconds: number): string {
  const date = new Date(milliseconds);
  const two = (value: number): string => String(value).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}
