import { secondsPerStart, secondsPerStep } from "../core/pace.js";
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

/**
 * The steps that a study's trials have reached, what was trained beside them, and what was saved: `106, 20 more trained
 * again after pauses, 74 saved (7.4 s)`.
 *
 * @param compared follows the steps saved, and says what they are compared with
 */
export function stepsText(
  study: Pick<Study, "pace" | "totalSteps">,
  saved: number | undefined,
  compared = "",
): string {
  const { again } = study.pace;
  return [
    String(study.totalSteps),
    ...(again === 0 ? [] : [`${again} more trained again after pauses`]),
    ...(saved === undefined || saved <= 0 ? [] : [`${savedText(study, saved)}${compared}`]),
    ...(again > 0 && saved !== undefined && saved <= 0 ? ["nothing saved"] : []),
  ].join(", ");
}

/** Whether a study pauses trainings although starting them takes longer than training does, and does not count that. */
function pausesDearly({ definition, pace, byState, totalSteps }: StartedStudy): boolean {
  const [step, start] = [secondsPerStep(pace), secondsPerStart(pace)];
  if (definition.countStarts === true || step === undefined || start === undefined) return false;
  return pace.restarts + pace.parked + byState.paused.size > 0 && pace.starts * start > totalSteps * step;
}

type StartedStudy = Pick<Study, "definition" | "pace" | "byState" | "totalSteps">;

/** How often trainings were started, what a start costs, and what may be done if that is much. */
export function startsText(study: StartedStudy): string {
  const { starts, restarts, parked } = study.pace;
  const start = secondsPerStart(study.pace);
  const told = [
    `${starts}${start === undefined ? "" : ` of ${shortText(start)}`}`,
    ...(restarts === 0 ? [] : [`${restarts} after a pause`]),
    ...(parked === 0
      ? []
      : [`parked programs went on without one ${parked === 1 ? "once" : `${parked} times`}`]),
  ].join(", ");
  return pausesDearly(study)
    ? `${told}; they took longer than the training, which \`countStarts: true\` takes into account in a new study`
    : told;
}
