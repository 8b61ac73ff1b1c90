import { CurvewiseError } from "../core/errors.js";
import type { Metrics } from "../core/events.js";
import type { Storage } from "../core/storage.js";
import type { Study } from "../core/study.js";
import type { Recorder } from "./recorder.js";
import { checkReport } from "./report-check.js";

/** How many attempts' steps are kept in memory; others are read from the log again. */
const REMEMBERED = 1000;

/** The attempt that a message is about. */
export interface AttemptPlace {
  readonly trial: number;
  readonly attempt: number;
}

/** Records a report of an attempt that is over as data, once. It affects no decision. */
export type ReportLate = (place: AttemptPlace, step: number, metrics: Metrics) => Promise<void>;

/** What the log has about an attempt that is over. */
interface LoggedAttempt {
  readonly started: boolean;
  readonly steps: Set<number>;
}

function mayBeOver(study: Study, { trial, attempt }: AttemptPlace): boolean {
  // What is none yet may be one soon, and is not to be remembered as none.
  if (trial >= study.trials.length) return false;
  const known = study.trials[trial];
  // A forgotten trial is complete.
  if (known === undefined) return true;
  return attempt <= known.attempt && (attempt < known.attempt || known.state !== "running");
}

function refuse({ trial, attempt }: AttemptPlace): never {
  throw new CurvewiseError(
    "ATTEMPT_UNKNOWN",
    `attempt ${attempt} of trial ${trial} does not belong to this worker`,
    {
      hint: "Report only for attempts that were handed out to this worker.",
    },
  );
}

/**
 * Creates the function that records reports of attempts that are over: of a worker that was given up, or of
 * an earlier coordinator. Such a report may already be in the log, if only its answer was lost, so the log is
 * checked first.
 *
 * @throws CurvewiseError from the function: `ATTEMPT_UNKNOWN`, `REPORT_INVALID`, and those of the storage
 */
export function createLateReports(storage: Storage, study: Study, recorder: Recorder): ReportLate {
  const attempts = new Map<string, Promise<LoggedAttempt>>();

  const readAttempt = async ({ trial, attempt }: AttemptPlace): Promise<LoggedAttempt> => {
    const steps = new Set<number>();
    let started = false;
    for await (const { event } of storage.readEvents(study.definition.name, { trial })) {
      if (!("attempt" in event) || event.attempt !== attempt) continue;
      if (event.type === "attempt-started") started = true;
      if (event.type === "reported" || event.type === "reported-late") steps.add(event.step);
    }
    return { started, steps };
  };

  return async (place, step, metrics) => {
    checkReport(step, metrics);
    if (!mayBeOver(study, place)) refuse(place);
    const key = `${place.trial}/${place.attempt}`;
    const reading = attempts.get(key) ?? readAttempt(place);
    attempts.delete(key);
    attempts.set(key, reading);
    const [oldest] = attempts.keys();
    if (oldest !== undefined && attempts.size > REMEMBERED) attempts.delete(oldest);
    const { started, steps } = await reading;
    if (!started) refuse(place);
    if (steps.has(step)) return;
    steps.add(step);
    await recorder.record({ type: "reported-late", ...place, step, metrics });
  };
}
