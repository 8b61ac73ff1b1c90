import { setImmediate as nextTurn } from "node:timers/promises";
import { sql } from "kysely";
import type Database from "libsql";
import { CurvewiseError } from "../core/errors.js";
import type { StudyEvent } from "../core/events.js";
import type { EventRange, LoggedEvent } from "../core/storage.js";
import { eventText, parseEvent } from "./event-text.js";
import { queries } from "./sqlite-schema.js";
import { prepare, type SqlValue } from "./sqlite-statement.js";

/** Rows of one insert: libsql spends more on a statement than on a row. */
const ROWS_AT_ONCE = 64;
/** How many characters of events reading aims to keep in memory at a time. */
const PAGE_CHARACTERS = 1_000_000;
const FIRST_PAGE_ROWS = 200;
const MAX_PAGE_ROWS = 5_000;

/** An event ready to be written. */
export interface EventRow {
  readonly trial: number | null;
  readonly body: string;
}

/** Writes events as rows. */
export function eventRows(events: readonly StudyEvent[]): EventRow[] {
  return events.map((event) => ({
    trial: "trial" in event ? (event.trial ?? null) : null,
    body: eventText(event),
  }));
}

/** The events of all studies. */
export interface EventTable {
  /** Inserts rows after the first `logged` events; runs inside the caller's transaction. */
  readonly add: (study: number, logged: number, rows: readonly EventRow[]) => void;
  /** Reads up to the event `last`, page by page; `exists` throws when the study was deleted meanwhile. */
  readonly read: (
    study: number,
    last: number,
    range: EventRange,
    exists: () => void,
  ) => AsyncGenerator<LoggedEvent>;
}

/** Prepares the statements for reading events and, unless the database is read-only, for adding them. */
export function eventTable(database: Database.Database): EventTable {
  const blank = { study_id: 0, sequence: 0, trial: 0, body: "" };
  const insertOne = prepare(database, queries.insertInto("events").values(blank));
  const insertMany = prepare(
    database,
    queries.insertInto("events").values(Array.from({ length: ROWS_AT_ONCE }, () => blank)),
  );
  const count = prepare(database, queries.updateTable("studies").set({ events: 0 }).where("id", "=", 0));
  const page = prepare(
    database,
    queries
      .selectFrom("events")
      .select(["sequence", "body"])
      .where("study_id", "=", 0)
      .where("sequence", ">", 0)
      .where("sequence", "<=", 0)
      .orderBy("sequence")
      .limit(1),
  );
  // SQLite must be told: of its own accord it walks the whole log of the study, which has the order asked for.
  const pageOfTrial = prepare(database, {
    compile: () =>
      sql<{ sequence: number; body: string }>`
        select sequence, body from events indexed by events_of_trial
        where study_id = ${0} and sequence > ${0} and sequence <= ${0} and trial = ${0}
        order by sequence limit ${1}
      `.compile(queries),
  });

  function add(study: number, logged: number, rows: readonly EventRow[]): void {
    const full = rows.length - (rows.length % ROWS_AT_ONCE);
    for (let start = 0; start < full; start += ROWS_AT_ONCE) {
      const parameters: SqlValue[] = [];
      rows.slice(start, start + ROWS_AT_ONCE).forEach(({ trial, body }, index) => {
        parameters.push(study, logged + start + index + 1, trial, body);
      });
      insertMany.run(parameters);
    }
    rows.slice(full).forEach(({ trial, body }, index) => {
      insertOne.run([study, logged + full + index + 1, trial, body]);
    });
    count.run([logged + rows.length, study]);
  }

  async function* read(
    study: number,
    last: number,
    { after: start = 0, trial }: EventRange,
    exists: () => void,
  ): AsyncGenerator<LoggedEvent> {
    let after = start;
    let limit = FIRST_PAGE_ROWS;
    for (;;) {
      const rows =
        trial === undefined
          ? page.rows([study, after, last, limit])
          : pageOfTrial.rows([study, after, last, trial, limit]);
      if (rows.length < limit) exists();
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

  return { add, read };
}

/** How many rows the next page should have, going by the size of the last one. */
function pageRows(rows: number, characters: number): number {
  const aim = Math.floor((rows * PAGE_CHARACTERS) / Math.max(1, characters));
  return Math.min(Math.max(1, aim), MAX_PAGE_ROWS, rows * 8);
}

function parsed(sequence: number, body: string): StudyEvent {
  try {
    return parseEvent(body);
  } catch (error) {
    throw new CurvewiseError("LOG_INVALID", `event ${sequence} of the study's log cannot be read`, {
      hint: "The log was changed from outside or is damaged; restore it from a copy.",
      kind: "failure",
      cause: error,
    });
  }
}
