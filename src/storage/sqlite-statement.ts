import type { Compilable } from "kysely";
import type Database from "libsql";
import { typedRows } from "./queries.js";

/** A value that a statement's parameter can be bound to. libsql ends the process at booleans. */
export type SqlValue = string | number | null;

/** A query that was compiled once. Parameters are bound in the order in which the query's text has them. */
export interface Statement<Row> {
  readonly rows: (parameters: readonly SqlValue[]) => Row[];
  readonly first: (parameters: readonly SqlValue[]) => Row | undefined;
  /** Runs a query for its effect and tells how many rows it changed. */
  readonly run: (parameters: readonly SqlValue[]) => number;
}

/** Prepares a query for many runs. The values that it was built with do not matter. */
export function prepare<Row>(database: Database.Database, query: Compilable<Row>): Statement<Row> {
  const statement = database.prepare(query.compile().sql);
  const rows = (parameters: readonly SqlValue[]) => typedRows(query, statement.all(parameters));
  return {
    rows,
    first: (parameters) => rows(parameters)[0],
    run: (parameters) => statement.run(parameters).changes,
  };
}
