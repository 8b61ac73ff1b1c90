import type { StudyEvent } from "../core/events.js";
import type { Study } from "../core/study.js";
import { lastStep } from "../core/trial.js";

/**
 * What people should know when a trial is complete although its program ended before the last step; undefined for other
 * events.
 */
export function earlyEndText(event: StudyEvent, { definition, trials }: Study): string | undefined {
  const { maxSteps } = definition;
  if (event.type !== "finished" || event.state !== "complete" || maxSteps === undefined) return undefined;
  const trial = trials[event.trial];
  if (trial === undefined || lastStep(trial) >= maxSteps) return undefined;
  return (
    `trial ${event.trial} ended by itself at step ${lastStep(trial)} of ${maxSteps} and counts as complete; ` +
    `set maxSteps to the last step that the program reports, unless it means to end early`
  );
}
