import type { EventBody, Reopened, StudyChanged } from "../core/events.js";
import { isAsImported } from "../core/imported-attempt.js";
import type { Scheduler } from "../core/scheduler.js";
import type { Study } from "../core/study.js";
import { goalValue, lastStep, type Trial } from "../core/trial.js";

/**
 * Which trials a raised `maxSteps` lets train on: those that are complete at the old one. Trainings that ended earlier by
 * themselves or diverged, and those of another tool, stay as they are. Under a scheduler that resumes trials they are
 * paused, so that it decides which of them go on; otherwise all of them wait for a worker.
 *
 * @param study before the change
 * @param recovery the events before the change, by which trials may become complete
 * @returns undefined if no trial is reopened
 */
export function reopenedBy(
  study: Study,
  recovery: readonly EventBody[],
  { maxSteps }: StudyChanged,
  scheduler: Pick<Scheduler, "resume">,
): Reopened | undefined {
  const { definition, byState } = study;
  const before = definition.maxSteps;
  if (maxSteps === undefined || before === undefined) return undefined;
  const completed = recovery.flatMap((event) =>
    event.type === "finished" && event.state === "complete" ? [event.trial] : [],
  );
  const mayTrainOn = (trial: Trial): boolean =>
    lastStep(trial) >= before &&
    Number.isFinite(goalValue(trial, definition.goal)) &&
    !isAsImported(definition, trial);
  const trials = [...byState.complete, ...completed].filter((number) => {
    const trial = study.trials[number];
    return trial !== undefined && mayTrainOn(trial);
  });
  if (trials.length === 0) return undefined;
  return { trials, state: scheduler.resume === undefined ? "waiting" : "paused" };
}
