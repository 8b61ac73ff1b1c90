import { CurvewiseError, isCurvewiseError, messageOf } from "../core/errors.js";

/** SQLite's primary result codes (sqlite.org/rescode.html). */
const PERM = 3;
const BUSY = 5;
const LOCKED = 6;
const READONLY = 8;
const CORRUPT = 11;
const FULL = 13;
const CANTOPEN = 14;
const PROTOCOL = 15;
const NOTADB = 26;
/** The shared memory beside the database could not grow. */
const IOERR_SHMSIZE = 4874;

/** SQLite's primary result code for an error; undefined for anything else. */
function resultOf(error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined;
  // libsql names only some of the extended codes, so the numbers are used.
  if ("rawCode" in error && typeof error.rawCode === "number") {
    return error.rawCode === IOERR_SHMSIZE ? FULL : error.rawCode & 0xff;
  }
  // It reports a failed open as a plain error that ends with the number.
  return /: 14"?\)$/.test(error.message) ? CANTOPEN : undefined;
}

/** Whether another connection was in the way, so that retrying may help. */
export function isBusy(error: unknown): boolean {
  const result = resultOf(error);
  return result === BUSY || result === LOCKED || result === PROTOCOL;
}

/** Whether there was no room for a change. */
export function isFull(error: unknown): boolean {
  return resultOf(error) === FULL;
}

/** Whether a file or its folder cannot be written. */
export function isReadOnly(error: unknown): boolean {
  const result = resultOf(error);
  return result === READONLY || result === CANTOPEN || result === PERM;
}

/** Turns an error from SQLite into a readable one. Curvewise's own errors pass unchanged. */
export function storageError(error: unknown, location: string): Error {
  if (isCurvewiseError(error)) return error;
  const result = resultOf(error);
  if (isFull(error)) return storageFull(location, error);
  if (isBusy(error)) return storageBusy(location, error);
  if (result === NOTADB) return storageInvalid(location, "it is not an SQLite file", error);
  if (result === CORRUPT) {
    return new CurvewiseError("STORAGE_INVALID", `${location} is damaged`, {
      hint: "Restore it from a backup, or save what can be read with SQLite's command .recover.",
      kind: "failure",
      cause: error,
    });
  }
  if (result === READONLY || result === PERM) return storageReadOnly(location, error);
  return new CurvewiseError("STORAGE_FAILED", `${location} could not be used: ${messageOf(error)}`, {
    hint: "Check the disk and the permissions of the file and its folder. What was recorded so far is safe.",
    kind: "failure",
    cause: error,
  });
}

/** `STORAGE_FULL`. */
export function storageFull(location: string, cause: unknown): CurvewiseError {
  return new CurvewiseError("STORAGE_FULL", `no space left for ${location}`, {
    hint: "Free some space and run the study again. Everything recorded so far is safe.",
    kind: "failure",
    cause,
  });
}

/** `STORAGE_BUSY`: another process has locked the file. */
export function storageBusy(location: string, cause: unknown): CurvewiseError {
  return new CurvewiseError("STORAGE_BUSY", `another process has locked ${location}`, {
    hint: "Close programs that have the file open (database browsers, backups), then try again.",
    kind: "failure",
    cause,
  });
}

/** `STORAGE_INVALID`. */
export function storageInvalid(location: string, problem: string, cause?: unknown): CurvewiseError {
  return new CurvewiseError("STORAGE_INVALID", `${location} is not a Curvewise database: ${problem}`, {
    hint: "Give another file with --storage (or CURVEWISE_STORAGE). This one was not changed.",
    cause,
  });
}

/** `STORAGE_READ_ONLY`. */
export function storageReadOnly(location: string, cause?: unknown): CurvewiseError {
  return new CurvewiseError("STORAGE_READ_ONLY", `${location} cannot be written`, {
    hint: "Change the permissions of the file and its folder, or give another file with --storage.",
    cause,
  });
}
