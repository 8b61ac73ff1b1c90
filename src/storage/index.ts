import { fileURLToPath } from "node:url";
import { CurvewiseError } from "../core/errors.js";
import type { Storage } from "../core/storage.js";
import { memoryStorage } from "./memory.js";
import type { PostgresOptions } from "./postgres.js";
import { isBrokenUrl, isPostgresUrl, withoutPassword } from "./postgres-url.js";
import type { SqliteOptions } from "./sqlite.js";

export { memoryStorage } from "./memory.js";
export type { PostgresOptions } from "./postgres.js";
export type { SqliteOptions } from "./sqlite.js";

/** Options of {@link openStorage}; each kind of storage uses its own. */
export type StorageOptions = SqliteOptions & PostgresOptions;

/**
 * Opens the storage that a location names: `memory:`, a connection string `postgres://user@host/database` for
 * PostgreSQL, or a file's path (or `sqlite:path`, or a `file:` URL) for SQLite. No message shows a password.
 *
 * @throws CurvewiseError `STORAGE_UNKNOWN` for anything else; what the storage itself throws
 */
export async function openStorage(location: string, options: StorageOptions = {}): Promise<Storage> {
  if (location === "memory:" || location === ":memory:") return memoryStorage();
  if (isPostgresUrl(location)) return openPostgres(location, options);
  const path = isBrokenUrl(location) ? undefined : sqlitePath(location);
  if (path === undefined) {
    throw new CurvewiseError("STORAGE_UNKNOWN", `unknown kind of storage: "${withoutPassword(location)}"`, {
      hint: 'Give the path of an SQLite file, such as ./curvewise.db, postgres://user@host/database, or "memory:".',
    });
  }
  return openSqlite(path, options);
}

/** Opens SQLite; its driver is only loaded then. See `openSqlite` in `sqlite.ts`. */
export async function openSqlite(path: string, options: SqliteOptions = {}): Promise<Storage> {
  const sqlite = await import("./sqlite.js");
  return sqlite.openSqlite(path, options);
}

/** Opens PostgreSQL; its driver is only loaded then. See `openPostgres` in `postgres.ts`. */
export async function openPostgres(url: string, options: PostgresOptions = {}): Promise<Storage> {
  const postgres = await import("./postgres.js");
  return postgres.openPostgres(url, options);
}

function sqlitePath(location: string): string | undefined {
  if (/^file:\/\//i.test(location)) return fileURLToPath(location);
  const path = location.replace(/^(sqlite|file):/i, "");
  return path === "" || /^[a-z][a-z0-9+.-]*:\/\//i.test(path) ? undefined : path;
}
