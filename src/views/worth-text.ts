import type { Goal } from "../core/goal.js";
import type { Judgement, Worth } from "../forecast/study-worth.js";
import { counted, durationText, numberText } from "./wording.js";

/** Two significant digits: more would pretend to a certainty that forecasts do not have. */
const rounded = (value: number): string => numberText(Number(value.toPrecision(2)));
const percent = (share: number): string => `${Math.round(share * 100)} %`;

/** `another 500 steps (2.1h): expected gain of 0.002 in loss [0 to 0.006], chance of a new best 18 %`. */
export function worthText({ steps, seconds, mean, low, high, chance }: Worth, { metric }: Goal): string {
  const time = seconds === undefined ? "" : ` (${durationText(seconds)} of training)`;
  const interval = `[${rounded(low)} to ${rounded(high)}]`;
  return `another ${counted(steps, "step")}${time}: expected gain of ${rounded(mean)} in ${metric} ${interval}, chance of a new best ${percent(chance)}`;
}

/** The same for a line of progress: `18 % chance of a new best in 500 steps`. */
export const chanceText = ({ steps, chance }: Worth): string =>
  `${percent(chance)} chance of a new best in ${counted(steps, "step")}`;

/** Whether going on pays: `worth 2.3, costs 4.4`. */
export const judgementText = (judged: Judgement, goal: Goal): string =>
  `${worthText(judged, goal)}; worth ${rounded(judged.value)}, for a price of ${rounded(judged.price)}`;
