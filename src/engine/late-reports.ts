import { CurvewiseError } from "../core/errors.js";
import type { Metrics } from "../core/events.js";
import type { Storage } from "../core/storage.js";
import type { Study } from "../core/study.js";
import type { Recorder } from "./recorder.js";
import { checkReport } from "./report-check.js";

/** The steps of so many attempts are kept at hand; those of others are read from the log again. */
const REMEMBERED = 1000;

/** Which attempt a message is of. */
export interface AttemptPlace {
  readonly trial: number;
  readonly attempt: number;
}

/** Keeps a report of an attempt that is over as data, once. Nothing is decided by it. */
export type ReportLate = (place: AttemptPlace, step: number, metrics: Metrics) => Promise<void>;

function checkPlace(study: Study, { trial, attempt }: AttemptPlace): void {
  const known = study.trials[trial];
  const isOver = known !== undefined && (attempt < known.attempt || known.state !== "running");
  if (isOver && attempt >= 1 && attempt <= known.attempt) return;
  throw new CurvewiseError("ATTEMPT_UNKNOWN", `attempt ${attempt} of trial ${trial} is not this worker's`, {
    hint: "Report only for attempts that were handed out to this worker.",
  });
}

/**
 * Makes the way by which reports enter the log whose attempt is over: of a worker that was given up, or of an earlier
 * coordinator. Such a report may be in the log already, where only its answer was lost; so the log is looked into.
 *
 * @throws CurvewiseError from the function: `ATTEMPT_UNKNOWN`, `REPORT_INVALID`, and those of the storage
 */
export function createLateReports(storage: Storage, study: Study, recorder: Recorder): ReportLate {
  const stepsOf = new Map<string, Promise<Set<number>>>();

  const readSteps = async ({ trial, attempt }: AttemptPlace): Promise<Set<number>> => {
    const steps = new Set<number>();
    for await (const { event } of storage.readEvents(study.definition.name, { trial })) {
      const isReport = event.type === "reported" || event.type === "reported-late";
      if (isReport && event.attempt === attempt) steps.add(event.step);
    }
    return steps;
  };

  return async (place, step, metrics) => {
    checkReport(step, metrics);
    checkPlace(study, place);
    const key = `${place.trial}/${place.attempt}`;
    const reading = stepsOf.get(key) ?? readSteps(place);
    stepsOf.delete(key);
    stepsOf.set(key, reading);
    const [oldest] = stepsOf.keys();
    if (oldest !== undefined && stepsOf.size > REMEMBERED) stepsOf.delete(oldest);
    const steps = await reading;
    if (steps.has(step)) return;
    steps.add(step);
    await recorder.record({ type: "reported-late", ...place, step, metrics });
  };
}
