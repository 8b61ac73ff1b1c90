import { sql } from "kysely";
import type Database from "libsql";
import type { EventRange, LoggedEvent } from "../core/storage.js";
import { type EventRow, readPages } from "./event-rows.js";
import { queries, tables } from "./sqlite-queries.js";
import { prepare, type SqlValue } from "./sqlite-statement.js";

/** Numbers of rows per insert, largest first: libsql spends more time on a statement than on a row. */
const ROWS_AT_ONCE = [64, 8, 1] as const;

/** The events of all studies. */
export interface EventTable {
  /** Inserts rows after the first `logged` events; runs inside the caller's transaction. */
  readonly add: (study: number, logged: number, rows: readonly EventRow[]) => void;
  /** Reads up to the event `last`, page by page; `exists` throws if the study was deleted meanwhile. */
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
  const inserts = ROWS_AT_ONCE.map((size) => ({
    size,
    statement: prepare(database, queries.addEvents(Array.from({ length: size }, () => blank))),
  }));
  const count = prepare(database, queries.countEvents(0, 0));
  const page = prepare(database, queries.eventPage(0, 0, 0, 1));
  // SQLite must be told to use the index: by default it scans the study's whole log, which is in the required order.
  const pageOfTrial = prepare(database, {
    compile: () =>
      sql<{ sequence: number; body: string }>`
        select sequence, body from events indexed by events_of_trial
        where study_id = ${0} and sequence > ${0} and sequence <= ${0} and trial = ${0}
        order by sequence limit ${1}
      `.compile(tables),
  });

  function add(study: number, logged: number, rows: readonly EventRow[]): void {
    let start = 0;
    for (const { size, statement } of inserts) {
      for (; rows.length - start >= size; start += size) {
        const parameters: SqlValue[] = [];
        rows.slice(start, start + size).forEach(({ trial, body }, index) => {
          parameters.push(study, logged + start + index + 1, trial, body);
        });
        statement.run(parameters);
      }
    }
    count.run([logged + rows.length, study]);
  }

  return {
    add,
    read: (study, last, { after: start = 0, trial }, exists) =>
      readPages(start, {
        page: (after, limit) =>
          trial === undefined
            ? page.rows([study, after, last, limit])
            : pageOfTrial.rows([study, after, last, trial, limit]),
        exists,
      }),
  };
}
