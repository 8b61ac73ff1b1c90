import { CurvewiseError } from "../core/errors.js";
import type { Failed, StudyEvent } from "../core/events.js";
import type { Study } from "../core/study.js";
import { goalValue, lastStep, type Trial } from "../core/trial.js";
import { counted } from "../core/wording.js";

/** After this many failed trials, retries included, the study gives up if nothing ever reported the goal metric. */
export const HOPELESS_FAILURES = 3;
/** After this many failed trials it gives up if none came to anything, whatever they reported before they failed. */
export const HOPELESS_LATE_FAILURES = 10;
/** After this many trials that failed or diverged it gives up if none came to anything. */
export const HOPELESS_TRIALS = 20;

/** Watches for a study in which no trial comes to anything: going on would only spend its budget. */
export interface FailureWatch {
  /** Takes an event into account; returns an error if the study should give up. */
  observe(event: StudyEvent, study: Study): CurvewiseError | undefined;
  /** At the end of a session, returns an error if everything it tried has failed. */
  conclude(study: Study): CurvewiseError | undefined;
}

/** Trials that came to nothing. */
interface Losses {
  failed: number;
  diverged: number;
  /** Failed, and no trial of the study had reported the goal metric. */
  silent: number;
  /** The furthest step that any of them reached. */
  furthest: number;
}

function hasValue(trial: Trial, study: Study): boolean {
  return Number.isFinite(goalValue(trial, study.definition.goal));
}

/** Whether a trial came to something: it ended with a value, or waits with one. */
function isProof(trial: Trial, study: Study): boolean {
  return ["paused", "stopped", "complete"].includes(trial.state) && hasValue(trial, study);
}

/** Whether a trial trains that came further than those that were lost. */
function isHopeful(trial: Trial, study: Study, furthest: number): boolean {
  return trial.state === "running" && hasValue(trial, study) && lastStep(trial) > furthest;
}

function errorOf({ failed, diverged }: Losses, study: Study, last: Failed | undefined): CurvewiseError {
  const { metric } = study.definition.goal;
  const wasReported = study.trials.some(({ curve }) => curve.metrics.has(metric));
  const total = failed + diverged;
  const all = total === 1 ? "the only trial" : `all ${counted(total, "trial")} so far`;
  if (last === undefined) {
    return new CurvewiseError("TRIALS_FAILING", `${all} diverged: none reported a finite ${metric}`, {
      hint: "Check what the program reports, or narrow the search space: a lower learning rate, for example.",
      kind: "failure",
    });
  }
  const { code, message, hint } = last.error;
  const what = diverged === 0 ? "failed" : `failed (${failed}) or diverged (${diverged})`;
  const output = last.output.length === 0 ? "" : `\n${last.output.slice(-10).join("\n")}`;
  return new CurvewiseError(
    "TRIALS_FAILING",
    `${all} ${what}${wasReported ? "" : `, and ${metric} was never reported`}; the last failure: ${code}: ${message}${output}`,
    {
      hint: `${hint === undefined ? "" : `${hint} `}Fix the training program, then run with --retry-failed.`,
      kind: "failure",
    },
  );
}

/** Creates the watch of a session. */
export function createFailureWatch(): FailureWatch {
  const losses: Losses = { failed: 0, diverged: 0, silent: 0, furthest: 0 };
  let last: Failed | undefined;
  let isProven = false;
  let isReported = false;

  const isReportedNow = ({ trials, definition }: Study): boolean =>
    trials.some(({ curve }) => curve.metrics.has(definition.goal.metric));

  const count = (event: StudyEvent, study: Study): boolean => {
    if (event.type !== "failed" && event.type !== "finished") return false;
    const trial = study.trials[event.trial];
    if (trial === undefined || (event.type === "failed" && event.retry)) return false;
    if (event.type === "finished" && hasValue(trial, study)) {
      isProven = true;
      return false;
    }
    losses.furthest = Math.max(losses.furthest, lastStep(trial));
    if (event.type === "finished") {
      losses.diverged += 1;
      return true;
    }
    last = event;
    losses.failed += 1;
    isReported ||= isReportedNow(study);
    if (!isReported) losses.silent += 1;
    return true;
  };
  const isHopeless = (): boolean =>
    losses.silent >= HOPELESS_FAILURES ||
    losses.failed >= HOPELESS_LATE_FAILURES ||
    losses.failed + losses.diverged >= HOPELESS_TRIALS;

  return {
    observe: (event, study) => {
      if (isProven || !count(event, study) || !isHopeless()) return undefined;
      isProven = study.trials.some((trial) => isProof(trial, study));
      if (isProven || study.trials.some((trial) => isHopeful(trial, study, losses.furthest)))
        return undefined;
      return errorOf(losses, study, last);
    },
    conclude: (study) => {
      if (isProven || last === undefined || isReportedNow(study)) return undefined;
      return errorOf(losses, study, last);
    },
  };
}
