import { CurvewiseError, isCurvewiseError, messageOf } from "../core/errors.js";

/** SQLite's name of an error, such as `SQLITE_BUSY`; empty for anything else. */
export function sqliteCode(error: unknown): string {
  if (!(error instanceof Error)) return "";
  if ("code" in error && typeof error.code === "string" && error.code.startsWith("SQLITE_"))
    return error.code;
  // libsql reports a failing open as a plain error that ends in SQLite's number; 14 is SQLITE_CANTOPEN.
  return /: 14"?\)$/.test(error.message) ? "SQLITE_CANTOPEN" : "";
}

/** Whether another connection was in the way, so that trying again may work. */
export function isBusy(error: unknown): boolean {
  return /^SQLITE_(BUSY|LOCKED|PROTOCOL)/.test(sqliteCode(error));
}

/** Whether there was no room for a change. */
export function isFull(error: unknown): boolean {
  return sqliteCode(error) === "SQLITE_FULL";
}

/** Whether a file or its folder cannot be written. */
export function isReadOnly(error: unknown): boolean {
  return /^SQLITE_(READONLY|CANTOPEN|PERM)/.test(sqliteCode(error));
}

/** Words an error of SQLite for a person. Errors of Curvewise pass unchanged. */
export function storageError(error: unknown, location: string): Error {
  if (isCurvewiseError(error)) return error;
  const code = sqliteCode(error);
  if (isFull(error)) return storageFull(location, error);
  if (isBusy(error)) return storageBusy(location, error);
  if (code.startsWith("SQLITE_NOTADB")) return storageInvalid(location, "it is no SQLite file", error);
  if (code.startsWith("SQLITE_CORRUPT")) {
    return new CurvewiseError("STORAGE_INVALID", `${location} is damaged`, {
      hint: "Restore it from a copy, or save what can be read with SQLite's command .recover.",
      kind: "failure",
      cause: error,
    });
  }
  if (/^SQLITE_(READONLY|PERM)/.test(code)) return storageReadOnly(location, error);
  return new CurvewiseError("STORAGE_FAILED", `${location} could not be used: ${messageOf(error)}`, {
    hint: "Check the disk and the rights of the file and its folder. What was recorded before is safe.",
    kind: "failure",
    cause: error,
  });
}

/** `STORAGE_FULL`. */
export function storageFull(location: string, cause: unknown): CurvewiseError {
  return new CurvewiseError("STORAGE_FULL", `no space is left for ${location}`, {
    hint: "Free some space and run the study again. Everything recorded before is safe.",
    kind: "failure",
    cause,
  });
}

/** `STORAGE_BUSY`: another process keeps the file locked. */
export function storageBusy(location: string, cause: unknown): CurvewiseError {
  return new CurvewiseError("STORAGE_BUSY", `another process keeps ${location} locked`, {
    hint: "Close programs that have the file open (database browsers, backups), then try again.",
    kind: "failure",
    cause,
  });
}

/** `STORAGE_INVALID`. */
export function storageInvalid(location: string, problem: string, cause?: unknown): CurvewiseError {
  return new CurvewiseError("STORAGE_INVALID", `${location} is no Curvewise database: ${problem}`, {
    hint: "Name another file with --storage (or CURVEWISE_STORAGE). This one was not changed.",
    cause,
  });
}

/** `STORAGE_READ_ONLY`. */
export function storageReadOnly(location: string, cause?: unknown): CurvewiseError {
  return new CurvewiseError("STORAGE_READ_ONLY", `${location} cannot be written`, {
    hint: "Change the rights of the file and its folder, or name another file with --storage.",
    cause,
  });
}
