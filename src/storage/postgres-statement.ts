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

/** A query that may have a name, under which each connection plans it once: for those that run all the time. */
export interface Statement<Row> extends Compilable<Row> {
  readonly name?: string;
}

/** Runs a query somewhere and gives its rows. */
export type Run = <Row>(query: Statement<Row>) => Promise<Row[]>;

const tables = new Kysely<Tables>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (database) => new PostgresIntrospector(database),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
});

/** Builds and compiles PostgreSQL's queries for the tables of a schema; it runs none. */
export function postgresTables(schema: string): Kysely<Tables> {
  return tables.withSchema(schema);
}

/** A query in SQL's own words, which names schemas itself. */
export function statement<Row>(query: RawBuilder<Row>): Compilable<Row> {
  return { compile: () => query.compile(tables) };
}

/** A query in SQL's own words with its parameters numbered: `$1`, `$2`. */
export function namedStatement<Row>(name: string, text: string) {
  return (parameters: readonly unknown[]): Statement<Row> => ({
    name,
    compile: () => CompiledQuery.raw(text, [...parameters]),
  });
}
