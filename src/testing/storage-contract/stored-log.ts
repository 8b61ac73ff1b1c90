import { expect } from "vitest";
import type { StudyEvent } from "../../core/events.js";
import type { EventRange, LoggedEvent, Storage } from "../../core/storage.js";

/** A log or part of it. */
export async function logOf(storage: Storage, study: string, range?: EventRange): Promise<LoggedEvent[]> {
  const log: LoggedEvent[] = [];
  for await (const { sequence, event } of storage.readEvents(study, range)) log.push({ sequence, event });
  return log;
}

/** The events of a log. */
export async function eventsOf(storage: Storage, study: string): Promise<StudyEvent[]> {
  return (await logOf(storage, study)).map(({ event }) => event);
}

/** The messages of the notes of a log. */
export async function notesOf(storage: Storage, study: string): Promise<string[]> {
  return (await eventsOf(storage, study)).flatMap((event) => (event.type === "note" ? [event.message] : []));
}

/** Matches a Curvewise error with this code and message, for `rejects.toMatchObject`. */
export function refusal(code: string, message: RegExp) {
  return { name: "CurvewiseError", code, message: expect.stringMatching(message) };
}
