import { CurvewiseError } from "../core/errors.js";
import type { Failed, StudyEvent } from "../core/events.js";
import { goalsOf, metricValue } from "../core/goals/trial-result.js";
import type { Study } from "../core/study.js";
import { lastStep, type Trial } from "../core/trial.js";
import { counted } from "../core/wording.js";

/** After this many failed trials, retries included, the study gives up if a metric of its goals was never reported. */
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
  /** Failed while there was a goal's metric that no trial of the study had reported. */
  silent: number;
  /** Trained to their end and failed all the same, since such a metric was among those that they never reported. */
  unmeasured: number;
  /** The furthest step that any of them reached. */
  furthest: number;
}

/** Whether all goals that a trial reported are finite, among them the first and, if it is complete, all others. */
function isSound(trial: Trial, { definition: { goal } }: Study): boolean {
  return goalsOf(goal).every(({ metric }, place) => {
    const value = metricValue(trial, metric, goal);
    if (value === undefined) return place > 0 && trial.state !== "complete";
    return Number.isFinite(value);
  });
}

/** The metrics of a study's goals that no trial ever reported. */
const unreported = ({ trials, definition }: Study): string[] =>
  goalsOf(definition.goal)
    .map(({ metric }) => metric)
    .filter((metric) => !trials.some(({ curve }) => curve.metrics.has(metric)));

/** Whether a trial came to something: it ended or waits with a value, or trains and is further than those that were lost. */
function isProof(trial: Trial, study: Study, furthest: number): boolean {
  if (!isSound(trial, study)) return false;
  if (trial.state === "running") return lastStep(trial) > furthest;
  return trial.state === "paused" || trial.state === "stopped" || trial.state === "complete";
}

function diverged(trials: string, study: Study): CurvewiseError {
  const metrics = goalsOf(study.definition.goal).map(({ metric }) => metric);
  return new CurvewiseError(
    "TRIALS_FAILING",
    `${trials} diverged: none reported a finite ${metrics.join(" and ")}`,
    {
      hint: "Check what the program reports, or narrow the search space: a lower learning rate, for example.",
      kind: "failure",
    },
  );
}

function failing(what: string, study: Study, { error, output }: Failed): CurvewiseError {
  const missing = unreported(study);
  const never = `, and ${missing.join(" and ")} ${missing.length === 1 ? "was" : "were"} never reported`;
  const { code, message, hint } = error;
  const printed = output.length === 0 ? "" : `\n${output.slice(-10).join("\n")}`;
  return new CurvewiseError(
    "TRIALS_FAILING",
    `${what}${missing.length === 0 ? "" : never}; the last failure: ${code}: ${message}${printed}`,
    {
      hint: `${hint === undefined ? "" : `${hint} `}Fix the training program, then run with --retry-failed.`,
      kind: "failure",
    },
  );
}

function errorOf(losses: Losses, study: Study, last: Failed | undefined): CurvewiseError {
  const total = losses.failed + losses.diverged;
  const all = total === 1 ? "the only trial" : `all ${counted(total, "trial")} so far`;
  if (last === undefined) return diverged(all, study);
  const how = losses.diverged === 0 ? "failed" : `failed (${losses.failed}) or diverged (${losses.diverged})`;
  return failing(`${all} ${how}`, study, last);
}

/** Creates the watch of a session. */
export function createFailureWatch(): FailureWatch {
  const losses: Losses = { failed: 0, diverged: 0, silent: 0, unmeasured: 0, furthest: 0 };
  let last: Failed | undefined;
  let hasEnded = false;
  let isPromising = false;
  let isReported = false;

  const count = (event: StudyEvent, study: Study): boolean => {
    if (event.type !== "failed" && event.type !== "finished") return false;
    const trial = study.trials[event.trial];
    if (trial === undefined || (event.type === "failed" && event.retry)) return false;
    if (event.type === "finished" && isSound(trial, study)) {
      hasEnded = true;
      return false;
    }
    losses.furthest = Math.max(losses.furthest, lastStep(trial));
    if (event.type === "finished") {
      losses.diverged += 1;
      return true;
    }
    last = event;
    losses.failed += 1;
    isReported ||= unreported(study).length === 0;
    if (!isReported) {
      losses.silent += 1;
      if (event.error.code === "METRIC_MISSING") losses.unmeasured += 1;
    }
    return true;
  };
  const isHopeless = (): boolean =>
    losses.silent >= HOPELESS_FAILURES ||
    losses.failed >= HOPELESS_LATE_FAILURES ||
    losses.failed + losses.diverged >= HOPELESS_TRIALS;

  return {
    observe: (event, study) => {
      if (hasEnded || !count(event, study)) return undefined;
      if (!isHopeless()) return undefined;
      isPromising ||= study.trials.some((trial) => isProof(trial, study, losses.furthest));
      if (!isPromising) return errorOf(losses, study, last);
      // What others reached so far does not help: they would end in the same way.
      if (last === undefined || losses.unmeasured < HOPELESS_FAILURES) return undefined;
      return failing(`${counted(losses.unmeasured, "trial")} failed at the end`, study, last);
    },
    conclude: (study) => {
      if (hasEnded || last === undefined || unreported(study).length === 0) return undefined;
      if (study.trials.some((trial) => isProof(trial, study, losses.furthest))) return undefined;
      return errorOf(losses, study, last);
    },
  };
}
