import {
  type Compilable,
  CompiledQuery,
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type RawBuilder,
} from "kysely";
import type { Tables } from "./schema.js";

/** A query that may have a name, under which each connection plans it once: for frequent queries. */
export interface Statement<Row> extends Compilable<Row> {
  readonly name?: string;
}

/** Runs a query somewhere and returns its rows. */
export type Run = <Row>(query: Statement<Row>) => Promise<Row[]>;

const tables = new Kysely<Tables>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (database) => new PostgresIntrospector(database),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
});

/** Builds and compiles PostgreSQL queries for the tables of a schema, without running them. */
export function postgresTables(schema: string): Kysely<Tables> {
  return tables.withSchema(schema);
}

/** A raw SQL query, which names schemas itself. */
export function statement<Row>(query: RawBuilder<Row>): Compilable<Row> {
  return { compile: () => query.compile(tables) };
}

/** A raw SQL query with numbered parameters: `$1`, `$2`. */
export function namedStatement<Row>(name: string, text: string) {
  return (parameters: readonly unknown[]): Statement<Row> => ({
    name,
    compile: () => CompiledQuery.raw(text, [...parameters]),
  });
}
