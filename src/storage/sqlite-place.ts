import type Database from "libsql";
import { CurvewiseError } from "../core/errors.js";
import { samePlace } from "./sqlite-file.js";

/** Whether an open database's file is still where it was opened. */
export interface Place {
  /** Whether the path still leads to the file that was opened. */
  readonly isSame: () => boolean;
  /** @throws CurvewiseError `STORAGE_FAILED` once the path leads to another file, or to none */
  readonly check: () => void;
  /** Whether {@link Place.check} has thrown. */
  readonly isToldOf: () => boolean;
  /** Has a copy be made if the file is deleted or replaced: this connection has written to it. */
  readonly written: () => void;
}

/**
 * Watches a database's path. A program that replaces the file (it writes a copy and renames it over the file, as
 * programs do that synchronise folders) leaves this connection with a file that has no name, which is gone once the
 * connection is closed. So a copy of it with everything that was recorded is made beside it.
 *
 * @param path absolute
 */
export function watchPlace(database: Database.Database, path: string): Place {
  const isSame = samePlace(path);
  let hasWritten = false;
  let error: CurvewiseError | undefined;
  return {
    isSame,
    check: () => {
      if (isSame()) return;
      error ??= replaced(path, hasWritten ? keepCopy(database, path) : undefined);
      throw error;
    },
    isToldOf: () => error !== undefined,
    written: () => {
      hasWritten = true;
    },
  };
}

/** The path of a copy of everything in a database; undefined if none can be made. */
function keepCopy(database: Database.Database, path: string): string | undefined {
  const copy = `${path}.kept-${Date.now()}`;
  try {
    database.exec(`VACUUM INTO '${copy.replaceAll("'", "''")}'`);
    return copy;
  } catch {
    return undefined;
  }
}

function replaced(path: string, copy: string | undefined): CurvewiseError {
  const cause = "Keep programs that synchronise or back up files away from it.";
  const hint =
    copy === undefined
      ? `Put the file back, with ${path}-wal beside it as it is, and run the study again.`
      : `All that was recorded is in ${copy}. To go on from there, delete ${path}, ${path}-wal and ${path}-shm, give the copy the name ${path}, and run the study again.`;
  return new CurvewiseError("STORAGE_FAILED", `${path} was deleted or replaced while it was in use`, {
    hint: `${hint} ${cause}`,
    kind: "failure",
  });
}
