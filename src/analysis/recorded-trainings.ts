import { trialNumberOf } from "../core/event-trial.js";
import type { Metrics, StudyEvent } from "../core/events.js";
import type { Params } from "../core/param.js";
import type { Study } from "../core/study.js";
import { applyEvent, beginStudy } from "../core/study-fold.js";

/** What a study's log says about one trial's training. */
export interface RecordedTraining {
  readonly trial: number;
  readonly params: Params;
  readonly steps: readonly number[];
  readonly reports: readonly Metrics[];
  /** By report: seconds since the previous report, or since the start of its attempt. */
  readonly seconds: readonly number[];
  /** `open`: it was stopped or paused, or is not over yet, so what would have followed is unknown. */
  readonly end: "complete" | "failed" | "open";
}

/** A study with the trainings of its trials that reported anything, in the order of their numbers. */
export interface RecordedTrainings {
  readonly study: Study;
  readonly trainings: readonly RecordedTraining[];
}

interface Draft {
  readonly steps: number[];
  readonly reports: Metrics[];
  readonly seconds: number[];
  since: number;
}

/**
 * Reads the trainings from a study's log. Steps retrained after a failure are not new reports, and their time counts
 * towards the first new one.
 *
 * @param events the whole log, in order
 * @throws CurvewiseError `LOG_INVALID`
 */
export function readTrainings(events: Iterable<StudyEvent>): RecordedTrainings | undefined {
  let study: ReturnType<typeof beginStudy> | undefined;
  const drafts: Draft[] = [];
  for (const event of events) {
    if (study === undefined) study = beginStudy(event);
    else applyEvent(study, event);
    if (event.type === "trial-asked") drafts.push({ steps: [], reports: [], seconds: [], since: event.time });
    const number = trialNumberOf(event);
    const draft = number === undefined ? undefined : drafts[number];
    if (draft === undefined) continue;
    if (event.type === "attempt-started") draft.since = event.time;
    // Replays are of first trainings, by which schedulers go.
    if (event.type === "reported" && study.trials[event.trial]?.replicates.length === 0) {
      draft.steps.push(event.step);
      draft.reports.push(event.metrics);
      draft.seconds.push(Math.max(0, event.time - draft.since) / 1000);
      draft.since = event.time;
    }
  }
  if (study === undefined) return undefined;
  const { trials } = study;
  const trainings = drafts.flatMap((draft, number): RecordedTraining[] => {
    const trial = trials[number];
    if (trial === undefined || draft.steps.length === 0) return [];
    const { steps, reports, seconds } = draft;
    const end = trial.state === "complete" || trial.state === "failed" ? trial.state : "open";
    return [{ trial: number, params: trial.params, steps, reports, seconds, end }];
  });
  return { study, trainings };
}
