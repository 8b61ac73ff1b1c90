import { CurvewiseError } from "../core/errors.js";
import type { StudyEvent } from "../core/events.js";
import { forgetComplete, hasForgotten } from "../core/forgetting.js";
import { populationOf } from "../core/population.js";
import type { Storage } from "../core/storage.js";
import type { Study } from "../core/study.js";
import { renewsAlgorithms } from "../core/study-change.js";
import type { StudyDefinition } from "../core/study-definition.js";
import { applyEvent, beginStudy } from "../core/study-fold.js";
import { decodeImage } from "../core/study-image.js";
import { type StudyRecord, studyRecord } from "../core/study-record.js";
import type { Trial } from "../core/trial.js";

/** Whether a study forgets its complete trials when it is read: see {@link forgetComplete}. */
export type Forgets = (definition: StudyDefinition) => boolean;

/**
 * For callers that need only counts and the best trial: few trials are held in memory, however many there
 * are.
 */
export const withoutComplete: Forgets = (definition) => populationOf(definition) === undefined;

/** A study as read, and how many of its events the stored image had. */
export interface StudyReading {
  readonly study: StudyRecord;
  readonly imaged: number;
  /** Call it after each further event, once nobody needs the event's trial any more. */
  readonly forget: (event: StudyEvent) => void;
}

/**
 * Reads a study's current state, from its image and the events after it. Needs no lease and does not disturb
 * a running study.
 *
 * @throws CurvewiseError `STUDY_NOT_FOUND`, `LOG_INVALID`
 */
export async function readStudy(storage: Storage, name: string, forgets?: Forgets): Promise<StudyRecord> {
  return (await readStudyAndImage(storage, name, forgets)).study;
}

/**
 * A trial of a study that may have forgotten it: it is then read from the log again, except for its place in
 * the order of completion. Undefined if there is no such trial.
 */
export async function readTrial(
  storage: Pick<Storage, "readEvents">,
  study: Study,
  number: number,
): Promise<Trial | undefined> {
  const atHand = study.trials[number];
  const isForgotten = Number.isInteger(number) && number >= 0 && number < study.trials.length;
  if (atHand !== undefined || !isForgotten) return atHand;
  const alone = studyRecord(study.definition, study.createdAt);
  alone.trials.length = number;
  for await (const { event } of storage.readEvents(study.definition.name, { trial: number })) {
    applyEvent(alone, event);
  }
  return alone.trials[number];
}

/** The same, for a coordinator that will write images. */
export async function readStudyAndImage(
  storage: Storage,
  name: string,
  forgets: Forgets = () => false,
): Promise<StudyReading> {
  const image = await storage.readImage(name);
  let study = image === undefined ? undefined : decodeImage(image.body);
  const imaged = study?.events ?? 0;
  const forgettingOf = (read: StudyRecord) => (forgets(read.definition) ? forgetComplete(read) : () => {});
  let forget = study === undefined ? () => {} : forgettingOf(study);
  for await (const { event } of storage.readEvents(name, { after: imaged })) {
    if (study === undefined) {
      study = beginStudy(event);
      forget = forgettingOf(study);
    } else {
      // The change concerns trials that are forgotten, so nothing is forgotten in such a study.
      if (event.type === "study-changed" && renewsAlgorithms(event) && hasForgotten(study))
        return readStudyAndImage(storage, name);
      applyEvent(study, event);
      forget(event);
    }
  }
  if (study === undefined) {
    throw new CurvewiseError("LOG_INVALID", `the log of study "${name}" is empty`, { kind: "failure" });
  }
  return { study, imaged, forget };
}
