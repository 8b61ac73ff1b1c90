import { fileURLToPath } from "node:url";
import { CurvewiseError } from "../core/errors.js";
import type { Storage } from "../core/storage.js";
import { memoryStorage } from "./memory.js";
import { openSqlite, type SqliteOptions } from "./sqlite.js";

export { memoryStorage } from "./memory.js";
export { openSqlite, type SqliteOptions } from "./sqlite.js";

/**
 * Opens the storage that a location names: `memory:`, or a file's path (also as `sqlite:path` or `file:` URL) for
 * SQLite.
 *
 * @throws CurvewiseError `STORAGE_UNKNOWN` for anything else; what the storage itself throws
 */
export async function openStorage(location: string, options: SqliteOptions = {}): Promise<Storage> {
  if (location === "memory:" || location === ":memory:") return memoryStorage();
  const path = sqlitePath(location);
  if (path === undefined) {
    throw new CurvewiseError("STORAGE_UNKNOWN", `no storage is known for "${location}"`, {
      hint: 'Give the path of an SQLite file, such as ./curvewise.db, or "memory:".',
    });
  }
  return openSqlite(path, options);
}

function sqlitePath(location: string): string | undefined {
  if (/^file:\/\//i.test(location)) return fileURLToPath(location);
  const path = location.replace(/^(sqlite|file):/i, "");
  return path === "" || /^[a-z][a-z0-9+.-]*:\/\//i.test(path) ? undefined : path;
}
