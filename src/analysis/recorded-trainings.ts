import { trialNumberOf } from "../core/event-trial.js";
import type { Metrics, StudyEvent } from "../core/events.js";
import { secondsPerStep } from "../core/pace.js";
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
  /** The same without what pauses cost: starts that followed them, and the steps that were trained again. */
  readonly unpausedSeconds: readonly number[];
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
  /** The indices of the reports that were the first after a pause and a start. */
  readonly restarts: Set<number>;
  since: number;
  afterPause: boolean;
  restarted: boolean;
}

const newDraft = (since: number): Draft => ({
  steps: [],
  reports: [],
  seconds: [],
  restarts: new Set(),
  since,
  afterPause: false,
  restarted: false,
});

/** The seconds of a training had it never paused, if a step takes as long as on average; unknown: as recorded. */
function unpaused({ steps, seconds, restarts }: Draft, perStep: number | undefined): readonly number[] {
  if (restarts.size === 0 || perStep === undefined) return seconds;
  return seconds.map((each, index) =>
    restarts.has(index) ? Math.min(each, perStep * ((steps[index] ?? 0) - (steps[index - 1] ?? 0))) : each,
  );
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
    if (event.type === "trial-asked") drafts.push(newDraft(event.time));
    const number = trialNumberOf(event);
    const draft = number === undefined ? undefined : drafts[number];
    if (draft === undefined) continue;
    if (event.type === "paused") draft.afterPause = true;
    if (event.type === "attempt-started") {
      draft.since = event.time;
      draft.restarted = draft.afterPause && event.parked !== true;
    }
    // Replays are of first trainings, by which schedulers go.
    if (event.type === "reported" && study.trials[event.trial]?.replicates.length === 0) {
      if (draft.restarted) draft.restarts.add(draft.steps.length);
      draft.restarted = false;
      draft.afterPause = false;
      draft.steps.push(event.step);
      draft.reports.push(event.metrics);
      draft.seconds.push(Math.max(0, event.time - draft.since) / 1000);
      draft.since = event.time;
    }
  }
  if (study === undefined) return undefined;
  const { trials, pace } = study;
  const perStep = secondsPerStep(pace);
  const trainings = drafts.flatMap((draft, number): RecordedTraining[] => {
    const trial = trials[number];
    if (trial === undefined || draft.steps.length === 0) return [];
    const { steps, reports, seconds } = draft;
    const end = trial.state === "complete" || trial.state === "failed" ? trial.state : "open";
    const unpausedSeconds = unpaused(draft, perStep);
    return [{ trial: number, params: trial.params, steps, reports, seconds, unpausedSeconds, end }];
  });
  return { study, trainings };
}
