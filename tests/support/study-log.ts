import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { onTestFailed } from "vitest";
import { isCurvewiseError } from "../../src/core/errors.js";
import type { StudyEvent } from "../../src/core/events.js";
import type { Storage } from "../../src/core/storage.js";
import { openStorage } from "../../src/storage/index.js";
import { testEnd } from "./test-end.js";

/** Milliseconds between two reads of a log that other processes write. */
const PAUSE = 20;

/** The events of one type, in order. */
export function eventsOf<Type extends StudyEvent["type"]>(
  events: readonly StudyEvent[],
  type: Type,
): Extract<StudyEvent, { readonly type: Type }>[] {
  const isWanted = (event: StudyEvent): event is Extract<StudyEvent, { readonly type: Type }> =>
    event.type === type;
  return events.filter(isWanted);
}

/**
 * Waits until a study's log in `curvewise.db`, which another process writes, meets a condition: as long as it
 * takes, including for the database and the study to appear. Only the end of the test ends the wait.
 *
 * @returns the events until then
 */
export async function untilLog(
  folder: string,
  study: string,
  holds: (events: readonly StudyEvent[]) => boolean,
): Promise<readonly StudyEvent[]> {
  const events: StudyEvent[] = [];
  const over = testEnd();
  let after = 0;
  let storage: Storage | undefined;
  let refusal: unknown;
  onTestFailed(() => {
    if (over.aborted) console.error("the log never met the condition:", refusal, events.slice(-20));
  });
  try {
    while (!over.aborted) {
      try {
        storage ??= await openStorage(join(folder, "curvewise.db"), { readOnly: true });
        for await (const { sequence, event } of storage.readEvents(study, { after })) {
          events.push(event);
          after = sequence;
        }
        if (holds(events)) return events;
      } catch (error) {
        if (!isCurvewiseError(error)) throw error;
        refusal = error;
      }
      await sleep(PAUSE);
    }
    throw new Error("the test is over");
  } finally {
    await storage?.close();
  }
}
