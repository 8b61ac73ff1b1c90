import type { Compilable } from "kysely";
import type Database from "libsql";
import { typedRows } from "./queries.js";

/** A value that can be bound to a statement's parameter. Booleans make libsql abort the process. */
export type SqlValue = string | number | null;

/** A compiled query. Parameters are bound in the order in which they appear in the query's text. */
export interface Statement<Row> {
  readonly rows: (parameters: readonly SqlValue[]) => Row[];
  readonly first: (parameters: readonly SqlValue[]) => Row | undefined;
  /** Runs a query for its effect and returns how many rows it changed. */
  readonly run: (parameters: readonly SqlValue[]) => number;
}

/** Prepares a query for repeated runs. The values that it was built with do not matter. */
export function prepare<Row>(database: Database.Database, query: Compilable<Row>): Statement<Row> {
  const statement = database.prepare(query.compile().sql);
  const rows = (parameters: readonly SqlValue[]) => typedRows(query, statement.all(parameters));
  return {
    rows,
    first: (parameters) => rows(parameters)[0],
    run: (parameters) => statement.run(parameters).changes,
  };
}
