import type { EventBody } from "../core/events.js";
import type { Study } from "../core/study.js";
import { lastStep, type Trial } from "../core/trial.js";

/**
 * What to record when a study is opened whose last coordinator did not close it: every attempt that was running
 * is over. A trial whose end had been decided, or that had reached its last step, is finished; any other waits
 * to go on, from another trial's model if that had been decided.
 */
export function recoveryEvents(study: Study): EventBody[] {
  const { maxSteps } = study.definition;
  return [...study.byState.running].flatMap((number): EventBody[] => {
    const trial = study.trials[number];
    return trial === undefined ? [] : [endingOfLost(trial, maxSteps, "lost")];
  });
}

/** How the running attempt of a trial ends of which nothing more will be heard. */
export function endingOfLost(
  trial: Trial,
  maxSteps: number | undefined,
  reason: "interrupted" | "lost",
): EventBody {
  const place = { trial: trial.number, attempt: trial.attempt };
  const reached = lastStep(trial);
  const decided = trial.decision?.step === reached && reached > 0 ? trial.decision.action : undefined;
  if (decided === "stop") return { type: "finished", ...place, state: "stopped" };
  if (decided === "pause") return { type: "paused", ...place };
  if (maxSteps !== undefined && reached >= maxSteps) return { type: "finished", ...place, state: "complete" };
  return { type: "released", ...place, reason };
}
