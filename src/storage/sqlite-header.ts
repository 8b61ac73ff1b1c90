import { pathToFileURL } from "node:url";
import Database from "libsql";
import { storageInvalid } from "./sqlite-errors.js";
import { APPLICATION_ID, numberPragma } from "./sqlite-migrations.js";

/**
 * Whether a file is a database without anything in it, such as a killed process leaves at its very beginning. The file
 * stays as it is, and no locks are taken. It is SQLite that reads it: whoever else closes a file loses all POSIX locks that
 * its process has on it, with which another connection of this process may be at work (sqlite.org/howtocorrupt.html, 2.2).
 *
 * @param path absolute; a file with something in it
 * @throws CurvewiseError `STORAGE_INVALID` when it belongs to another program; errors of SQLite when it is no database
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
