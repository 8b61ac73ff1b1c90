import { accessSync, constants, statfsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { CurvewiseError } from "../core/errors.js";
import { networkFileSystem } from "./network-file-system.js";
import { storageInvalid, storageReadOnly } from "./sqlite-errors.js";
import { isEmptyDatabase } from "./sqlite-header.js";

/** The size of SQLite's smallest page in bytes; it treats anything smaller as an empty file. */
const SMALLEST = 512;

/** What is at a path, before it is opened. */
export interface FileState {
  /** Whether there is no file, or an empty one that can become a database. */
  readonly isNew: boolean;
  /** The name of the network file system that it is on. */
  readonly network: string | undefined;
}

/**
 * Inspects a file before it is opened, so that files that are not ours stay as they are.
 *
 * @param path absolute
 * @throws CurvewiseError `STORAGE_NOT_FOUND`, `STORAGE_UNREADABLE`, `STORAGE_INVALID`; errors from SQLite if it is not
 *   a database
 */
export function inspectFile(path: string, readOnly: boolean): FileState {
  const folder = dirname(path);
  if (!isFolder(folder)) {
    throw new CurvewiseError("STORAGE_NOT_FOUND", `the folder ${folder} for the database does not exist`, {
      hint: "Create the folder first, or give another place with --storage (or CURVEWISE_STORAGE).",
    });
  }
  const file = statSync(path, { throwIfNoEntry: false });
  const network = networkOf(folder);
  if (file === undefined) {
    if (!readOnly) return { isNew: true, network };
    throw new CurvewiseError("STORAGE_NOT_FOUND", `there is no database at ${path}`, {
      hint: "Give your study's file with --storage (or CURVEWISE_STORAGE); `curvewise run` creates one.",
    });
  }
  if (!file.isFile()) throw storageInvalid(path, file.isDirectory() ? "it is a folder" : "it is not a file");
  checkReadable(path);
  if (file.size > 0 && file.size < SMALLEST) throw storageInvalid(path, "it is not an SQLite file");
  const isNew = file.size === 0 || isEmptyDatabase(path);
  if (isNew && readOnly) throw storageInvalid(path, "it is empty");
  return { isNew, network };
}

/**
 * Ensures that a database can be written here.
 *
 * @throws CurvewiseError `STORAGE_READ_ONLY`, `STORAGE_NETWORK`
 */
export function checkWritable(path: string, { isNew, network }: FileState): void {
  if (network !== undefined) {
    throw new CurvewiseError("STORAGE_NETWORK", `${path} is on a network file system (${network})`, {
      hint: "SQLite cannot lock files safely there. Give a file on a local disk with --storage (or CURVEWISE_STORAGE).",
    });
  }
  checkAccess(dirname(path), constants.W_OK | constants.X_OK);
  if (!isNew || statSync(path, { throwIfNoEntry: false }) !== undefined) checkAccess(path, constants.W_OK);
}

/** Returns a check of whether a path still leads to the same file; deleting or replacing it loses data. */
export function samePlace(path: string): () => boolean {
  const first = statSync(path);
  return () => {
    const now = statSync(path, { throwIfNoEntry: false });
    return now !== undefined && now.ino === first.ino && now.dev === first.dev;
  };
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function networkOf(folder: string): string | undefined {
  return networkFileSystem(process.platform, folder, statfsSync(folder).type);
}

function checkReadable(path: string): void {
  try {
    accessSync(path, constants.R_OK);
  } catch (error) {
    throw new CurvewiseError("STORAGE_UNREADABLE", `${path} cannot be read`, {
      hint: "Change the permissions of the file, or give another one with --storage.",
      cause: error,
    });
  }
}

function checkAccess(path: string, mode: number): void {
  try {
    accessSync(path, mode);
  } catch (error) {
    throw storageReadOnly(path, error);
  }
}
