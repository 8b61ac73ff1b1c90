import { setImmediate as nextTurn } from "node:timers/promises";
import { CurvewiseError } from "../core/errors.js";
import { eventText, parseEvent } from "../core/event-text.js";
import { trialNumberOf } from "../core/event-trial.js";
import type { StudyEvent } from "../core/events.js";
import type { LoggedEvent } from "../core/storage.js";

/** How many characters of events to keep in memory at a time when reading, approximately. */
const PAGE_CHARACTERS = 1_000_000;
const FIRST_PAGE_ROWS = 200;
const MAX_PAGE_ROWS = 5_000;

/** An event ready to be written. */
export interface EventRow {
  readonly trial: number | null;
  readonly body: string;
}

/** An event as stored. */
export interface StoredEvent {
  readonly sequence: number;
  readonly body: string;
}

/** Turns events into rows. */
export function eventRows(events: readonly StudyEvent[]): EventRow[] {
  return events.map((event) => ({
    trial: trialNumberOf(event) ?? null,
    body: eventText(event),
  }));
}

/** How {@link readPages} gets the events. */
export interface EventPages {
  /** At most `limit` events after one, in order; fewer only at the end of the range. */
  readonly page: (after: number, limit: number) => StoredEvent[] | Promise<StoredEvent[]>;
  /** Throws if the study was deleted meanwhile. */
  readonly exists: () => void | Promise<void>;
}

/**
 * Reads events page by page, so that a long log needs little memory and holds nothing up for long.
 *
 * @throws CurvewiseError `LOG_INVALID`, and what `exists` throws
 */
export async function* readPages(start: number, { page, exists }: EventPages): AsyncGenerator<LoggedEvent> {
  let after = start;
  let limit = FIRST_PAGE_ROWS;
  for (;;) {
    const rows = await page(after, limit);
    if (rows.length < limit) await exists();
    let characters = 0;
    for (const { sequence, body } of rows) {
      characters += body.length;
      after = sequence;
      yield { sequence, event: parsed(sequence, body) };
    }
    if (rows.length < limit) return;
    limit = pageRows(limit, characters);
    await nextTurn();
  }
}

/** How many rows the next page should have, judging by the size of the last one. */
function pageRows(rows: number, characters: number): number {
  const aim = Math.floor((rows * PAGE_CHARACTERS) / Math.max(1, characters));
  return Math.min(Math.max(1, aim), MAX_PAGE_ROWS, rows * 8);
}

function parsed(sequence: number, body: string): StudyEvent {
  try {
    return parseEvent(body);
  } catch (error) {
    throw new CurvewiseError("LOG_INVALID", `event ${sequence} of the study's log cannot be read`, {
      hint: "The log was modified by something else or is damaged; restore it from a backup.",
      kind: "failure",
      cause: error,
    });
  }
}
