import { type Pace, secondsPerStart, secondsPerStep } from "../core/pace.js";
import type { Study } from "../core/study.js";
import { counted, durationText, numberText } from "./wording.js";

const shortText = (seconds: number): string =>
  seconds < 10 ? `${numberText(Number(seconds.toPrecision(2)))} s` : durationText(seconds);

/** The steps saved, what they would have taken, and what the starts after pauses cost: `74 saved: 7.4 s, less 2 s`. */
export function savedText({ pace }: Pick<Study, "pace">, saved: number): string {
  const [step, start] = [secondsPerStep(pace), secondsPerStart(pace)];
  if (step === undefined || start === undefined) return `${saved} saved`;
  const cost = `less ${shortText(pace.restarts * start)} for ${counted(pace.restarts, "start")} after pauses`;
  return `${saved} saved (${shortText(saved * step)}${pace.restarts === 0 ? "" : `, ${cost}`})`;
}

/** How often trainings were started, and what a start costs. */
export function startsText(pace: Pace): string {
  const { starts, restarts, parked } = pace;
  const start = secondsPerStart(pace);
  return [
    `${starts}${start === undefined ? "" : ` of ${shortText(start)}`}`,
    ...(restarts === 0 ? [] : [`${restarts} after a pause`]),
    ...(parked === 0
      ? []
      : [`parked programs went on without one ${parked === 1 ? "once" : `${parked} times`}`]),
  ].join(", ");
}
