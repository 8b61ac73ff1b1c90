import { corrupt } from "./corrupt-log.js";
import type { Requested, Tagged } from "./events.js";
import { noteLead } from "./note-lead.js";
import { type Hold, REQUEST_RULE } from "./request.js";
import { enter, type StudyRecord, type TrialRecord } from "./study-record.js";
import { lastStep } from "./trial.js";

type Timed<Event> = Event & { readonly time: number };

/** Notes of a trial that has just been stopped that somebody asked for it. */
export function stopByRequest(study: StudyRecord, trial: TrialRecord, { by }: Hold): void {
  const reason = `${by} asked to stop ${study.held.has(trial.number) ? "it" : "the study"}`;
  trial.decision = { step: lastStep(trial), action: "stop", rule: REQUEST_RULE, reason };
  trial.exploiting = undefined;
}

function holdTrial(study: StudyRecord, trial: TrialRecord, hold: Hold): void {
  const { number, state } = trial;
  if (state !== "waiting" && state !== "running" && state !== "paused")
    corrupt(study, `trial ${number} is ${state} and cannot be held`);
  study.held.set(number, hold);
  if (hold.action === "pause" || state === "running") return;
  stopByRequest(study, trial, hold);
  study.held.delete(number);
  trial.endedAt = hold.time;
  trial.parked = false;
  enter(study, trial, "stopped");
  noteLead(study, trial);
}

/**
 * Applies somebody's request to pause, resume or stop, in the fold of a study's log.
 *
 * @throws CurvewiseError `LOG_INVALID` if it names no trial, or one that has ended
 */
export function takeRequest(study: StudyRecord, { trial: number, action, by, time }: Timed<Requested>): void {
  if (number === undefined) {
    study.halt = action === "resume" ? undefined : { action, by, time };
    return;
  }
  const trial = study.trials[number] ?? corrupt(study, `there is no trial ${number}`);
  if (action === "resume") study.held.delete(number);
  else holdTrial(study, trial, { action, by, time });
}

/** Tags after a change: in the order in which they were added, each once. */
export function changedTags(
  tags: readonly string[],
  { added, removed }: Pick<Tagged, "added" | "removed">,
): string[] {
  const kept = new Set(tags);
  for (const tag of removed) kept.delete(tag);
  for (const tag of added) kept.add(tag);
  return [...kept];
}

/** Applies a change of tags, in the fold of a study's log. A trial that was forgotten keeps its tags, too. */
export function takeTags(study: StudyRecord, event: Tagged): void {
  const { trial } = event;
  if (trial === undefined) {
    study.tags = changedTags(study.tags, event);
    return;
  }
  const tags = changedTags(study.trialTags.get(trial) ?? [], event);
  if (tags.length === 0) study.trialTags.delete(trial);
  else study.trialTags.set(trial, tags);
}
