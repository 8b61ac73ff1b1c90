import { CurvewiseError, isCurvewiseError } from "../core/errors.js";
import { eventText, parseEvent } from "../core/event-text.js";
import type { StudyEvent } from "../core/events.js";
import type { Storage } from "../core/storage.js";
import type { StudyDefinition } from "../core/study-definition.js";
import { applyEvent, beginStudy } from "../core/study-fold.js";
import { isHolderGone, thisProcess } from "./process-identity.js";
import { LEASE_DURATION } from "./study-lease.js";

/** A study that was not run here, as a log. */
export interface RecordedStudy {
  readonly definition: StudyDefinition;
  /** All but the first event, `study-created`, in order of time. */
  readonly events: readonly StudyEvent[];
  /** The time of the first event, in milliseconds since 1970. */
  readonly createdAt: number;
}

/** Refuses what could be written but never be read. @throws CurvewiseError `IMPORT_INVALID` */
function checkLog({ definition, events, createdAt }: RecordedStudy): void {
  try {
    const study = beginStudy({ type: "study-created", time: createdAt, definition });
    // As the log gives them back: JSON does not keep everything.
    for (const event of events) applyEvent(study, parseEvent(eventText(event)));
  } catch (error) {
    if (!isCurvewiseError(error)) throw error;
    throw new CurvewiseError("IMPORT_INVALID", `what was recorded contradicts itself: ${error.message}`, {
      hint: "Check that the file is whole, and that no other program has changed it.",
      cause: error,
    });
  }
}

/**
 * Puts a study that was not run here into a storage. If it cannot be written whole, nothing is written.
 *
 * @throws CurvewiseError `IMPORT_INVALID` when its events make no study; `STUDY_EXISTS`; those of the storage
 */
export async function importStudy(storage: Storage, study: RecordedStudy): Promise<void> {
  const { definition, events, createdAt } = study;
  checkLog(study);
  try {
    await storage.createStudy(definition, createdAt);
  } catch (error) {
    if (!isCurvewiseError(error) || error.code !== "STUDY_EXISTS") throw error;
    throw new CurvewiseError("STUDY_EXISTS", error.message, {
      hint: "Give the copy another name with --as, or delete the study that is there.",
      cause: error,
    });
  }
  const now = Date.now();
  const request = { holder: thisProcess(), now, duration: LEASE_DURATION, isGone: isHolderGone };
  const lease = await storage.acquire(definition.name, request);
  try {
    await storage.append(lease, events);
  } catch (error) {
    await storage.release(lease);
    await storage.deleteStudy(definition.name, request);
    throw error;
  }
  await storage.release(lease);
}
