import { CurvewiseError, isCurvewiseError } from "../core/errors.js";
import type { StudyEvent } from "../core/events.js";
import type { Storage } from "../core/storage.js";
import type { StudyDefinition } from "../core/study-definition.js";
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

/**
 * Puts a study that was not run here into a storage. If it cannot be written whole, there is none.
 *
 * @throws CurvewiseError `STUDY_EXISTS`; those of the storage
 */
export async function importStudy(storage: Storage, study: RecordedStudy): Promise<void> {
  const { definition, events, createdAt } = study;
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
