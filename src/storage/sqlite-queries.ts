import { DummyDriver, Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from "kysely";
import { storageQueries } from "./queries.js";
import type { Tables } from "./schema.js";

/** Builds and compiles SQLite queries without running them, since libsql is synchronous and Kysely is not. */
export const tables = new Kysely<Tables>({
  dialect: {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (database) => new SqliteIntrospector(database),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
});

/** The queries that all dialects have, for SQLite. */
export const queries = storageQueries(tables);
