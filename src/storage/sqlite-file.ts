import { accessSync, closeSync, constants, openSync, readSync, statfsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { CurvewiseError } from "../core/errors.js";
import { networkFileSystem } from "./network-file-system.js";
import { storageInvalid, storageReadOnly } from "./sqlite-errors.js";
import { APPLICATION_ID } from "./sqlite-migrations.js";

const HEADER_BYTES = 100;
const MAGIC = "SQLite format 3\0";
/** Where SQLite's header has the application's number, big-endian. */
const APPLICATION_OFFSET = 68;
/** Where it counts changes of the tables, has the user's version and the application: zero before the first table. */
const EMPTY_OFFSETS = [40, 60, APPLICATION_OFFSET] as const;

/** What was found at a path, before SQLite touches it. */
export interface FileState {
  /** Whether there is no file, or an empty one that may become a database. */
  readonly isNew: boolean;
  /** The name of the network file system that it is on. */
  readonly network: string | undefined;
}

/**
 * Looks at a file without SQLite, so that what is not ours stays as it is.
 *
 * @param path absolute
 * @throws CurvewiseError `STORAGE_NOT_FOUND`, `STORAGE_INVALID`
 */
export function inspectFile(path: string, readOnly: boolean): FileState {
  const folder = dirname(path);
  if (!isFolder(folder)) {
    throw new CurvewiseError("STORAGE_NOT_FOUND", `the folder ${folder} for the database does not exist`, {
      hint: "Make the folder first, or name another place with --storage (or CURVEWISE_STORAGE).",
    });
  }
  const file = statSync(path, { throwIfNoEntry: false });
  const network = networkOf(folder);
  if (file === undefined) {
    if (!readOnly) return { isNew: true, network };
    throw new CurvewiseError("STORAGE_NOT_FOUND", `there is no database at ${path}`, {
      hint: "Name the file of your study with --storage (or CURVEWISE_STORAGE); `curvewise run` makes one.",
    });
  }
  if (!file.isFile()) throw storageInvalid(path, file.isDirectory() ? "it is a folder" : "it is no file");
  const isNew = file.size === 0 || isEmptyDatabase(path);
  if (isNew && readOnly) throw storageInvalid(path, "it is empty");
  return { isNew, network };
}

/**
 * Makes sure that a database can be written here.
 *
 * @throws CurvewiseError `STORAGE_READ_ONLY`, `STORAGE_NETWORK`
 */
export function checkWritable(path: string, { isNew, network }: FileState): void {
  if (network !== undefined) {
    throw new CurvewiseError("STORAGE_NETWORK", `${path} is on a network file system (${network})`, {
      hint: "SQLite cannot lock files safely there. Name a file on a local disk with --storage (or CURVEWISE_STORAGE).",
    });
  }
  checkAccess(dirname(path), constants.W_OK | constants.X_OK);
  if (!isNew || statSync(path, { throwIfNoEntry: false }) !== undefined) checkAccess(path, constants.W_OK);
}

/** Tells whether a path still leads to the file that it led to before; deleting or replacing it loses data. */
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

function checkAccess(path: string, mode: number): void {
  try {
    accessSync(path, mode);
  } catch (error) {
    throw storageReadOnly(path, error);
  }
}

/** Whether a file is a database without anything in it, such as a killed process leaves at its very beginning. */
function isEmptyDatabase(path: string): boolean {
  const header = readHeader(path);
  if (header.length < HEADER_BYTES || header.toString("latin1", 0, MAGIC.length) !== MAGIC) {
    throw storageInvalid(path, "it is no SQLite file");
  }
  if (header.readUInt32BE(APPLICATION_OFFSET) === APPLICATION_ID) return false;
  if (EMPTY_OFFSETS.every((offset) => header.readUInt32BE(offset) === 0)) return true;
  throw storageInvalid(path, "the SQLite file belongs to another program");
}

function readHeader(path: string): Buffer {
  let descriptor: number;
  try {
    descriptor = openSync(path, "r");
  } catch (error) {
    throw new CurvewiseError("STORAGE_UNREADABLE", `${path} cannot be read`, {
      hint: "Change the rights of the file, or name another one with --storage.",
      cause: error,
    });
  }
  try {
    const header = Buffer.alloc(HEADER_BYTES);
    return header.subarray(0, readSync(descriptor, header, 0, HEADER_BYTES, 0));
  } finally {
    closeSync(descriptor);
  }
}
