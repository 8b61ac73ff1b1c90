import type { EventRange, LoggedEvent } from "../core/storage.js";
import type { StudySource } from "./study-source.js";

async function* upTo(
  source: StudySource,
  study: string,
  range: EventRange,
  last: number,
): AsyncGenerator<LoggedEvent> {
  for await (const logged of source.readEvents(study, range)) {
    if (logged.sequence > last) return;
    yield logged;
  }
}

/**
 * A source as it is now: whatever is appended later is not seen, so that all that is made from it belongs together.
 *
 * @param now milliseconds since 1970
 */
export async function frozenSource(source: StudySource, now: number): Promise<StudySource> {
  const summaries = await source.listStudies(now);
  const events = new Map(summaries.map((study) => [study.name, study.events]));
  return {
    name: source.name,
    location: source.location,
    listStudies: () => Promise.resolve(summaries),
    readEvents: (study, range = {}) => upTo(source, study, range, events.get(study) ?? 0),
  };
}
