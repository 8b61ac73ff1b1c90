import { CurvewiseError } from "../core/errors.js";
import type { Storage } from "../core/storage.js";
import { applyEvent, beginStudy, type StudyRecord } from "../core/study-fold.js";
import { decodeImage } from "../core/study-image.js";

/**
 * Reads a study's present state, from its image and the events after it. Needs no lease and disturbs nobody.
 *
 * @throws CurvewiseError `STUDY_NOT_FOUND`, `LOG_INVALID`
 */
export async function readStudy(storage: Storage, name: string): Promise<StudyRecord> {
  const image = await storage.readImage(name);
  let study = image === undefined ? undefined : decodeImage(image.body);
  for await (const { event } of storage.readEvents(name, { after: study?.events ?? 0 })) {
    if (study === undefined) study = beginStudy(event);
    else applyEvent(study, event);
  }
  if (study === undefined) {
    throw new CurvewiseError("LOG_INVALID", `the log of study "${name}" is empty`, { kind: "failure" });
  }
  return study;
}
