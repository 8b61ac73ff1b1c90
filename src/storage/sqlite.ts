import { resolve } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import type Database from "libsql";
import type { Storage } from "../core/storage.js";
import { eventRows } from "./event-rows.js";
import { SqliteCommit } from "./sqlite-commit.js";
import { type Connection, connectToRead, connectToWrite } from "./sqlite-connection.js";
import { isBusy, isFull, storageError, storageReadOnly } from "./sqlite-errors.js";
import { leaseTable } from "./sqlite-leases.js";
import { eventTable } from "./sqlite-log.js";
import { numberPragma } from "./sqlite-migrations.js";
import { watchPlace } from "./sqlite-place.js";
import { queries } from "./sqlite-queries.js";
import { requestTable } from "./sqlite-requests.js";
import { prepare } from "./sqlite-statement.js";
import { studyTable } from "./sqlite-studies.js";
import { imageAhead, storageClosed, studyNotFound } from "./storage-errors.js";

/** Pages returned to the file system at a time, so that others get their turn. */
const PAGES_AT_ONCE = 2_000;

/** Options of {@link openSqlite}. */
export interface SqliteOptions {
  /** Opens it read-only: nothing is created or changed, and every change is refused with `STORAGE_READ_ONLY`. */
  readonly readOnly?: boolean;
  /** The maximum size of the database in bytes; anything that would exceed it fails with `STORAGE_FULL`. */
  readonly maxBytes?: number;
}

/**
 * Keeps studies in one SQLite file (write-ahead log, every commit synced to disk). Several processes on one machine may
 * use it at once; each study has one coordinator. Readers never block writers.
 *
 * SQLite keeps `<path>-wal` and `<path>-shm` beside the file; to copy a database that is in use, copy all three.
 *
 * @example const storage = await openSqlite("curvewise.db");
 * @throws CurvewiseError `STORAGE_INVALID` if it is not a Curvewise database, or a damaged one; `STORAGE_NEWER` if a
 *   newer version wrote it; `STORAGE_READ_ONLY` when it should be writable but is not; `STORAGE_NOT_FOUND` for a
 *   missing folder or, read-only, a missing file; `STORAGE_NETWORK` on a network file system; `STORAGE_FULL`,
 *   `STORAGE_BUSY`, `STORAGE_UNREADABLE`, `STORAGE_OLDER`, `STORAGE_FAILED`
 */
export async function openSqlite(path: string, options: SqliteOptions = {}): Promise<Storage> {
  const location = resolve(path);
  const { readOnly = false, maxBytes } = options;
  let connection: Connection | undefined;
  try {
    connection = readOnly ? await connectToRead(location) : await connectToWrite(location, maxBytes);
    return sqliteStorage(location, connection, readOnly);
  } catch (error) {
    connection?.close();
    throw storageError(error, location);
  }
}

function sqliteStorage(location: string, { database, close }: Connection, readOnly: boolean): Storage {
  const leases = leaseTable(database);
  const events = eventTable(database);
  const studies = studyTable(database, location);
  const images = imageTable(database);
  const requests = requestTable(database);
  const place = watchPlace(database, location);
  const commits = new SqliteCommit({
    database,
    isPresent: place.check,
    addEvents: (lease, rows, answered) => {
      const { id, events: logged } = leases.held(lease);
      events.add(id, logged, rows);
      if (answered > 0) requests.remove(id, answered);
    },
  });
  let closing: Promise<void> | undefined;

  function checkOpen(): void {
    if (closing !== undefined) throw storageClosed(location);
  }

  async function write<Result>(commit: () => Promise<Result>): Promise<Result> {
    checkOpen();
    if (readOnly) throw storageReadOnly(location);
    try {
      const result = await commit();
      place.written();
      return result;
    } catch (error) {
      throw storageError(error, location);
    }
  }

  const change = <Result>(study: string, make: () => Result): Promise<Result> =>
    write(() => commits.change(study, make));

  function look<Result>(action: () => Result): Result {
    checkOpen();
    try {
      return action();
    } catch (error) {
      throw storageError(error, location);
    }
  }

  /** Removes what belongs to deleted studies, and the space that it took. */
  async function sweep(): Promise<void> {
    while (await change("", studies.sweep));
    try {
      await giveBackSpace(database, place.isSame, () => closing !== undefined);
    } catch (error) {
      throw storageError(error, location);
    }
  }

  /** Does so for a deletion that was killed. Whatever cannot be removed now is left for the next opening. */
  async function sweepLeftovers(): Promise<void> {
    if (!readOnly && look(studies.hasLeftovers)) await sweep();
  }

  async function shutDown(): Promise<void> {
    await commits.drained();
    try {
      // The file has lost its name, so nobody would ever read a log folded into it. SQLite leaves it alone when closing, too.
      if (!readOnly && !place.isToldOf()) {
        place.check();
        foldLog(database);
      }
    } finally {
      close();
    }
  }
  sweepLeftovers().catch(() => {});

  return {
    name: "sqlite",
    wantsImages: true,
    location,
    createStudy: (definition, now) => {
      const rows = eventRows([{ type: "study-created", definition, time: now }]);
      return change(definition.name, () => {
        events.add(studies.add(definition.name, now), 0, rows);
      });
    },
    listStudies: async (now) => look(() => studies.list(now)),
    deleteStudy: async (study, request) => {
      await change(study, () => {
        const { id } = studies.get(study);
        leases.refuseWhileOwned(study, request);
        studies.forget(id);
      });
      await sweep();
    },
    acquire: (study, request) =>
      change(study, () => {
        const { id } = studies.get(study);
        leases.refuseWhileOwned(study, request);
        return leases.take(study, id, request);
      }),
    renew: (lease, now, duration) => change(lease.study, () => leases.prolong(lease, now + duration)),
    release: (lease) => change(lease.study, () => leases.giveBack(lease)),
    append: (lease, added, answered = 0) => {
      const rows = eventRows(added);
      return write(() => commits.append(lease, rows, answered));
    },
    addRequest: (study, request, now) =>
      change(study, () => requests.add(studies.get(study).id, request, now)),
    listRequests: async (study) => look(() => requests.list(studies.get(study).id)),
    readEvents: async function* (study, range = {}) {
      const { id, events: last } = look(() => studies.get(study));
      const exists = () => {
        if (look(() => studies.get(study)).id !== id) throw studyNotFound(study, location, []);
      };
      try {
        yield* events.read(id, last, range, exists);
      } catch (error) {
        throw storageError(error, location);
      }
    },
    readImage: async (study) => look(() => images.get(study)),
    writeImage: (lease, image) =>
      change(lease.study, () => {
        const { id, events: logged } = leases.held(lease);
        if (image.events > logged) throw imageAhead(lease.study, image.events, logged);
        images.replace(id, image.events, image.body);
      }),
    close: () => {
      closing ??= shutDown();
      return closing;
    },
  };
}

function imageTable(database: Database.Database) {
  const find = prepare(database, queries.findImage(""));
  const replace = prepare(database, queries.replaceImage(0, 0, ""));
  return {
    get: (study: string) => find.first([study]),
    replace: (id: number, covered: number, body: string): void => {
      replace.run([id, covered, body]);
    },
  };
}

/**
 * Shrinks the file by the pages that a deletion left empty, a few at a time. If others are in the way or the disk is
 * full, the empty pages are kept for the next events.
 */
async function giveBackSpace(
  database: Database.Database,
  isPresent: () => boolean,
  isClosing: () => boolean,
): Promise<void> {
  try {
    while (!isClosing() && isPresent() && numberPragma(database, "freelist_count") > 0) {
      database.exec(`PRAGMA incremental_vacuum(${PAGES_AT_ONCE})`);
      await nextTurn();
    }
  } catch (error) {
    if (!isBusy(error) && !isFull(error)) throw error;
  }
  if (!isClosing() && isPresent()) foldLog(database);
}

/**
 * Moves the log into the database and empties it. What cannot be moved now remains for the next process that opens it.
 */
function foldLog(database: Database.Database): void {
  try {
    database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  } catch (error) {
    if (!isBusy(error) && !isFull(error)) throw error;
  }
}
