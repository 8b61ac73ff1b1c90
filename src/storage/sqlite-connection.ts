import { copyFileSync, existsSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import Database from "libsql";
import { makeTemporaryFolder } from "../system/temporary-folder.js";
import { isBusy, isReadOnly } from "./sqlite-errors.js";
import { checkWritable, inspectFile } from "./sqlite-file.js";
import { FIRST_READABLE, migrate, numberPragma, refuseNewer, schemaVersion } from "./sqlite-migrations.js";
import { storageOlder } from "./storage-errors.js";

/** Milliseconds for which SQLite itself waits, blocking the event loop. Longer waits release it in between. */
const BUSY_TIMEOUT = 100;
/** How long opening waits for other processes, in milliseconds. */
const PATIENCE = 10_000;
const RETRY_DELAY = 20;
/** The log beside the database is truncated to this many bytes once its content is in the database. */
const LOG_LIMIT = 16_777_216;

/** An open database. */
export interface Connection {
  readonly database: Database.Database;
  /** Closes it and removes anything created only to read it. */
  readonly close: () => void;
}

/**
 * Opens a database for writing, creating or upgrading it if necessary.
 *
 * @param path absolute
 * @param maxBytes the file's maximum size
 * @throws as `openSqlite` does, and raw errors from SQLite
 */
export async function connectToWrite(path: string, maxBytes: number | undefined): Promise<Connection> {
  const file = inspectFile(path, false);
  checkWritable(path, file);
  if (!file.isNew) refuseNewerFile(path);
  const database = connect(path, "rwc");
  try {
    // This must come before the first table, and the migration before the write-ahead log, so that the file itself has
    // our tables and a header that names us.
    await patiently(() => database.exec("PRAGMA auto_vacuum = INCREMENTAL"));
    await patiently(() => migrate(database, path));
    await patiently(() => {
      database.exec(`PRAGMA journal_mode = WAL; PRAGMA journal_size_limit = ${LOG_LIMIT}`);
    });
    database.exec("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON");
    if (maxBytes !== undefined) limitSize(database, maxBytes);
    return { database, close: () => database.close() };
  } catch (error) {
    database.close();
    throw error;
  }
}

/**
 * Opens a database read-only, even if nothing can be written.
 *
 * @param path absolute
 * @throws as `openSqlite` does, and raw errors from SQLite
 */
export async function connectToRead(path: string): Promise<Connection> {
  const { network } = inspectFile(path, true);
  const connection = network === undefined ? await connectBeside(path) : undefined;
  return checkForm(connection ?? connectApart(path), path);
}

/** Reads alongside writers; undefined if the files for that cannot be created. */
async function connectBeside(path: string): Promise<Connection | undefined> {
  let database: Database.Database | undefined;
  try {
    const opened = connect(path, "ro");
    database = opened;
    await patiently(() => schemaVersion(opened));
    return { database: opened, close: () => opened.close() };
  } catch (error) {
    database?.close();
    if (isReadOnly(error)) return undefined;
    throw error;
  }
}

/** Reads without taking locks: from the file itself, or from a copy if a log beside it has newer events. */
function connectApart(path: string): Connection {
  const log = `${path}-wal`;
  if (!existsSync(log) || statSync(log).size === 0) {
    const database = connect(path, "ro&immutable=1");
    return { database, close: () => database.close() };
  }
  const folder = makeTemporaryFolder("curvewise-");
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    const copy = join(folder, "copy.db");
    copyFileSync(path, copy);
    copyFileSync(log, `${copy}-wal`);
    const database = connect(copy, "rw");
    return {
      database,
      close: () => {
        database.close();
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}

function checkForm(connection: Connection, path: string): Connection {
  try {
    const version = schemaVersion(connection.database);
    refuseNewer(version, path);
    if (version >= FIRST_READABLE) return connection;
    throw storageOlder(path);
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** Reads the version without write access, so that a newer database stays as it is. */
function refuseNewerFile(path: string): void {
  let database: Database.Database | undefined;
  try {
    database = connect(path, "ro");
    refuseNewer(schemaVersion(database), path);
  } catch (error) {
    // A database whose last writer was killed may need repair before it can be read; the migration checks again.
    if (!isReadOnly(error) && !isBusy(error)) throw error;
  } finally {
    database?.close();
  }
}

function connect(path: string, mode: string): Database.Database {
  const database = new Database(`${pathToFileURL(path).href}?mode=${mode}`, { timeout: BUSY_TIMEOUT });
  database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT}`);
  return database;
}

function limitSize(database: Database.Database, maxBytes: number): void {
  const pages = Math.max(1, Math.floor(maxBytes / numberPragma(database, "page_size")));
  database.exec(`PRAGMA max_page_count = ${pages}`);
}

/** Retries while another connection is in the way. */
async function patiently<Result>(action: () => Result): Promise<Result> {
  const deadline = Date.now() + PATIENCE;
  for (;;) {
    try {
      return action();
    } catch (error) {
      if (!isBusy(error) || Date.now() > deadline) throw error;
      await pause(RETRY_DELAY);
    }
  }
}
