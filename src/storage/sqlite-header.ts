import { pathToFileURL } from "node:url";
import Database from "libsql";
import { storageInvalid } from "./sqlite-errors.js";
import { APPLICATION_ID, numberPragma } from "./sqlite-migrations.js";

/**
 * Whether a file is an empty database, such as a process leaves if it is killed at the very beginning. The file stays
 * as it is, and no locks are taken. SQLite itself must read it: closing a file by other means drops all POSIX locks of
 * the process on it, which another connection of this process may be using (sqlite.org/howtocorrupt.html, 2.2).
 *
 * @param path absolute; of a file that is not empty
 * @throws CurvewiseError `STORAGE_INVALID` if it belongs to another program; errors from SQLite if it is not a database
 */
export function isEmptyDatabase(path: string): boolean {
  const database = new Database(`${pathToFileURL(path).href}?mode=ro&immutable=1`);
  try {
    const application = numberPragma(database, "application_id");
    if (application === APPLICATION_ID) return false;
    const others = ["schema_version", "user_version"].map((name) => numberPragma(database, name));
    if (application === 0 && others.every((number) => number === 0)) return true;
  } finally {
    database.close();
  }
  throw storageInvalid(path, "the SQLite file belongs to another program");
}
