import type Database from "libsql";
import type { PendingRequest, StudyRequest } from "../core/request.js";
import { pendingFrom } from "./request-rows.js";
import { FIRST_WITH_INBOX, schemaVersion } from "./sqlite-migrations.js";
import { queries } from "./sqlite-queries.js";
import { prepare } from "./sqlite-statement.js";

/** The inboxes of all studies. What changes something runs inside the caller's transaction. */
export interface RequestTable {
  readonly list: (study: number) => PendingRequest[];
  readonly add: (study: number, request: StudyRequest, now: number) => number;
  /** Removes a request and those before it. */
  readonly remove: (study: number, last: number) => void;
}

/** Prepares the statements for inboxes. A database of before there were any is only read, and has none. */
export function requestTable(database: Database.Database): RequestTable {
  if (schemaVersion(database) < FIRST_WITH_INBOX) return { list: () => [], add: () => 0, remove: () => {} };
  const listed = prepare(database, queries.requestsOf(0));
  const insert = prepare(database, queries.addRequest(0, 0, ""));
  const drop = prepare(database, queries.removeRequests(0, 0));
  return {
    list: (study) => listed.rows([study]).map(pendingFrom),
    add: (study, request, now) => {
      const row = insert.first([study, now, JSON.stringify(request)]);
      if (row === undefined) throw new Error("SQLite gave the request no number");
      return row.number;
    },
    remove: (study, last) => {
      drop.run([study, last]);
    },
  };
}
