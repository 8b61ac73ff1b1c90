import { CurvewiseError } from "../core/errors.js";
import type { Failed, StudyEvent } from "../core/events.js";
import type { Study } from "../core/study.js";

/**
 * The study gives up after this many failed trials, retries included, if the goal metric was never reported.
 */
export const HOPELESS_FAILURES = 3;

/** Watches for a study in which every attempt fails: to continue would only fail all of its trials. */
export interface FailureWatch {
  /** Takes an event into account; returns an error if the study should give up. */
  observe(event: StudyEvent, study: Study): CurvewiseError | undefined;
  /** At the end of a session, returns an error if everything it tried has failed. */
  conclude(study: Study): CurvewiseError | undefined;
}

function errorOf(failures: number, last: Failed): CurvewiseError {
  const { code, message, hint } = last.error;
  const all = failures === 1 ? "the only trial" : `all ${failures} trials`;
  const output = last.output.length === 0 ? "" : `\n${last.output.slice(-10).join("\n")}`;
  return new CurvewiseError(
    "TRIALS_FAILING",
    `${all} so far failed, and the goal metric was never reported; the last one: ${code}: ${message}${output}`,
    {
      hint: `${hint === undefined ? "" : `${hint} `}Fix the training program, then run with --retry-failed.`,
      kind: "failure",
    },
  );
}

/** Creates the watch of a session. */
export function createFailureWatch(): FailureWatch {
  let failures = 0;
  let last: Failed | undefined;
  let hopeful = false;

  const isHopeful = (study: Study): boolean => {
    const { metric } = study.definition.goal;
    return study.trials.some(({ curve }) => curve.metrics.has(metric));
  };
  const observe = (event: StudyEvent, study: Study): CurvewiseError | undefined => {
    if (hopeful || event.type !== "failed" || event.retry) return undefined;
    hopeful = isHopeful(study);
    if (hopeful) return undefined;
    failures += 1;
    last = event;
    return failures >= HOPELESS_FAILURES ? errorOf(failures, event) : undefined;
  };
  const conclude = (study: Study): CurvewiseError | undefined =>
    hopeful || last === undefined || isHopeful(study) ? undefined : errorOf(failures, last);
  return { observe, conclude };
}
