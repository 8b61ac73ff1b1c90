import type { EventBody, StudyEvent } from "../core/events.js";
import { hasForgotten } from "../core/forgetting.js";
import type { Lease, Storage } from "../core/storage.js";
import { applyEvent } from "../core/study-fold.js";
import { encodeImage } from "../core/study-image.js";
import { type StudyRecord } from "../core/study-record.js";

/** A new image is written when the log has grown by this many events, or by half, whichever is more. */
const IMAGE_EVERY = 20_000;
/**
 * Writing an image blocks everything else, so the pause until the next one is at least this many times as
 * long.
 */
const IMAGE_PAUSE = 200;

/** What a {@link createRecorder} needs. */
export interface RecorderOptions {
  readonly storage: Storage;
  readonly lease: Lease;
  readonly study: StudyRecord;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Called after each event was applied, before it is durable. */
  readonly onEvent: (event: StudyEvent) => void;
  /** Called once, if the storage refused an append or `onEvent` threw: nothing more can be recorded. */
  readonly onBroken: (error: unknown) => void;
  /** How many events the stored image covers. */
  readonly imaged: number;
  /** Milliseconds of a clock that only goes forward. */
  readonly clock?: () => number;
}

/** The only way for anything to enter a study's log. */
export interface Recorder {
  /** Applies events at once, and resolves when they are durable. */
  record(...bodies: readonly EventBody[]): Promise<void>;
  /** The same with the events that carry out a request, by its number: with them it leaves the inbox. */
  answer(request: number, bodies: readonly EventBody[]): Promise<void>;
  /** Writes an image of the current state, unless the stored one is up to date. */
  writeImage(): Promise<void>;
}

/** Creates the recorder of a study. */
export function createRecorder(options: RecorderOptions): Recorder {
  const { storage, lease, study, now, onEvent, onBroken, clock = () => performance.now() } = options;
  let imaged = options.imaged;
  let imageUnderWay = false;
  let nextImage = 0;
  let broken: { readonly error: unknown } | undefined;
  let latestAppend: Promise<void> = Promise.resolve();

  const writeImage = async (): Promise<void> => {
    const { events } = study;
    if (
      !storage.wantsImages ||
      hasForgotten(study) ||
      events === imaged ||
      imageUnderWay ||
      broken !== undefined
    )
      return;
    imageUnderWay = true;
    const begun = clock();
    try {
      const body = encodeImage(study);
      // Appends become durable in the order of the calls, so this one covers everything in the image.
      await latestAppend;
      await storage.writeImage(lease, { events, body });
      imaged = events;
    } finally {
      const ended = clock();
      nextImage = ended + IMAGE_PAUSE * (ended - begun);
      imageUnderWay = false;
    }
  };

  const breakDown = (error: unknown): void => {
    if (broken !== undefined) return;
    broken = { error };
    onBroken(error);
  };

  const recordAll = async (bodies: readonly EventBody[], answered?: number): Promise<void> => {
    // After a failed append, the state here is ahead of the log, so nothing may follow it.
    if (broken !== undefined) throw broken.error;
    const time = now();
    const events: StudyEvent[] = bodies.map((body) => ({ ...body, time }));
    let fault: { readonly error: unknown } | undefined;
    for (const event of events) {
      applyEvent(study, event);
      if (fault !== undefined) continue;
      try {
        onEvent(event);
      } catch (error) {
        // The event did happen, so it is recorded; but a sampler or scheduler would handle later events
        // wrongly.
        fault = { error };
        breakDown(error);
      }
    }
    try {
      latestAppend = storage.append(lease, events, answered);
      await latestAppend;
      if (fault !== undefined) throw fault.error;
      const isDue = study.events - imaged >= Math.max(IMAGE_EVERY, imaged / 2);
      if (isDue && clock() >= nextImage) await writeImage();
    } catch (error) {
      breakDown(error);
      throw error;
    }
  };
  const taken = (recorded: Promise<void>): Promise<void> => {
    // `onBroken` has been called, so it does not matter if nobody awaits this.
    recorded.catch(() => {});
    return recorded;
  };
  return {
    record: (...bodies) => taken(recordAll(bodies)),
    answer: (request, bodies) => taken(recordAll(bodies, request)),
    writeImage,
  };
}
