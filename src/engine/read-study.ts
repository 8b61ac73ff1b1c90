import { CurvewiseError } from "../core/errors.js";
import type { Storage } from "../core/storage.js";
import { applyEvent, beginStudy, type StudyRecord } from "../core/study-fold.js";
import { decodeImage } from "../core/study-image.js";

/** A study as read, and how many of its events the stored image had. */
export interface StudyReading {
  readonly study: StudyRecord;
  readonly imaged: number;
}

/**
 * Reads a study's present state, from its image and the events after it. Needs no lease and disturbs nobody.
 *
 * @throws CurvewiseError `STUDY_NOT_FOUND`, `LOG_INVALID`
 */
export async function readStudy(storage: Storage, name: string): Promise<StudyRecord> {
  return (await readStudyAndImage(storage, name)).study;
}

/** The same, for a coordinator that will write images. */
export async function readStudyAndImage(storage: Storage, name: string): Promise<StudyReading> {
  const image = await storage.readImage(name);
  let study = image === undefined ? undefined : decodeImage(image.body);
  const imaged = study?.events ?? 0;
  for await (const { event } of storage.readEvents(name, { after: imaged })) {
    if (study === undefined) study = beginStudy(event);
    else applyEvent(study, event);
  }
  if (study === undefined) {
    throw new CurvewiseError("LOG_INVALID", `the log of study "${name}" is empty`, { kind: "failure" });
  }
  return { study, imaged };
}
