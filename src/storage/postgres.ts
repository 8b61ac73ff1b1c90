import type { Storage } from "../core/storage.js";
import { ChangeQueue } from "./change-queue.js";
import { eventRows, readPages } from "./event-rows.js";
import { createAppends } from "./postgres-appends.js";
import {
  connectionLost,
  isConnectionLost,
  isNotReady,
  openedToRead,
  openingError,
  storageError,
} from "./postgres-errors.js";
import { type PostgresPlace, postgresLocation } from "./postgres-location.js";
import { prepareServer } from "./postgres-migrations.js";
import { type PostgresPool, patiently, postgresPool } from "./postgres-pool.js";
import { postgresTables } from "./postgres-statement.js";
import { studyTable } from "./postgres-studies.js";
import { storageQueries } from "./queries.js";
import { storageClosed, studyNotFound } from "./storage-errors.js";

/** Milliseconds for which an operation is retried while the server is unreachable. */
const PATIENCE = 60_000;
/** Milliseconds for which opening waits for a server that is starting up. */
const OPENING_PATIENCE = 10_000;
const CONNECTIONS = 8;

/** Options of `openPostgres`. */
export interface PostgresOptions {
  /** Opens it read-only: nothing is created or changed, and every change is refused with `STORAGE_READ_ONLY`. */
  readonly readOnly?: boolean;
  /** The maximum number of connections at a time, shared by all studies of this storage; default 8. */
  readonly connections?: number;
  /** Milliseconds for which an operation is retried if the connection is lost; default 60,000. */
  readonly patience?: number;
}

/**
 * Keeps studies in a PostgreSQL database: on any number of hosts, with any number of readers, which never block
 * writers. It creates its tables in their own schema.
 *
 * If the connection is lost or the server restarts, operations are retried for a while. An append that was under way is
 * compared with the log before it is retried, so that nothing is lost or duplicated.
 *
 * Times of leases are the server's, so that hosts' clocks need not agree; the `now` that callers pass only dates what
 * they record.
 *
 * @param url see `postgresLocation`
 * @example const storage = await openPostgres("postgres://tuner@db.example/curvewise");
 * @throws CurvewiseError `STORAGE_UNREACHABLE` without a connection; `STORAGE_LOGIN` when the user or password is
 *   refused; `STORAGE_TLS`; `STORAGE_NOT_FOUND` for a missing database or, read-only, missing tables;
 *   `STORAGE_READ_ONLY` without the right to create tables, and on a standby server; `STORAGE_UNREADABLE`;
 *   `STORAGE_UNSUPPORTED` for a server older than PostgreSQL 13; `STORAGE_INVALID` if another program has tables with
 *   these names; `STORAGE_NEWER`, `STORAGE_OLDER`, `STORAGE_BUSY`, `STORAGE_UNKNOWN`, `STORAGE_FAILED`
 */
export async function openPostgres(url: string, options: PostgresOptions = {}): Promise<Storage> {
  const { config, ...place } = postgresLocation(url);
  const { readOnly = false, connections = CONNECTIONS, patience = PATIENCE } = options;
  const pool = postgresPool(config, connections, readOnly);
  try {
    const { hasInbox } = await patiently(
      OPENING_PATIENCE,
      () => prepareServer(pool, place, readOnly),
      isNotReady,
    );
    return postgresStorage(place, pool, { readOnly, patience, hasInbox });
  } catch (error) {
    await pool.close();
    throw openingError(error, place, readOnly);
  }
}

function postgresStorage(
  place: PostgresPlace,
  pool: PostgresPool,
  options: { readonly readOnly: boolean; readonly patience: number; readonly hasInbox: boolean },
): Storage {
  const { label } = place;
  const { readOnly, patience, hasInbox } = options;
  const queries = storageQueries(postgresTables(place.schema));
  const retried = <Result>(action: (again: boolean) => Promise<Result>) => patiently(patience, action);
  const studies = studyTable({ place, pool, queries, retried });
  const appends = createAppends({ place, queries, run: pool.run, retried });
  /** Studies are created one after the other, so that they are listed in the order of the calls. */
  const creations = new ChangeQueue<() => Promise<void>>(async (take) => {
    for (const create of take()) await create();
  });
  const pending = new Set<Promise<unknown>>();
  let closing: Promise<void> | undefined;

  async function use<Result>(action: () => Promise<Result>): Promise<Result> {
    if (closing !== undefined) throw storageClosed(label);
    const result = action();
    pending.add(result);
    try {
      return await result;
    } catch (error) {
      throw isConnectionLost(error)
        ? connectionLost(place, patience, error)
        : storageError(error, place, readOnly);
    } finally {
      pending.delete(result);
    }
  }

  async function change<Result>(action: () => Promise<Result>): Promise<Result> {
    if (readOnly && closing === undefined) throw openedToRead(place);
    return use(action);
  }

  async function sweep(): Promise<void> {
    while (await change(() => studies.sweep()));
  }

  async function shutDown(): Promise<void> {
    await Promise.allSettled(pending);
    await pool.close();
  }

  // Of a deletion that was killed; whatever cannot be removed now is left for the next opening.
  if (!readOnly) sweep().catch(() => {});

  return {
    name: "postgres",
    location: label,
    wantsImages: true,
    createStudy: (definition, now) =>
      change(
        () =>
          new Promise((resolve, reject) => {
            creations.add(() => studies.create(definition, now).then(resolve, reject));
          }),
      ),
    listStudies: () => use(() => studies.list()),
    deleteStudy: async (study, { isGone }) => {
      await change(() => studies.forget(study, isGone));
      await sweep();
    },
    acquire: (study, request) =>
      change(async () => {
        const { lease, logged } = await studies.acquire(study, request);
        appends.begin(lease, logged);
        return lease;
      }),
    renew: (lease, _now, duration) => change(() => studies.renew(lease, duration)),
    release: (lease) =>
      change(async () => {
        await appends.settled(lease.study);
        await studies.release(lease);
        appends.end(lease);
      }),
    append: (lease, events, answered = 0) => {
      const rows = eventRows(events);
      return change(() => appends.append(lease, rows, answered));
    },
    addRequest: (study, request, now) =>
      change(async () => {
        await studies.get(study);
        return studies.addRequest(study, request, now);
      }),
    listRequests: async (study) => {
      const { id } = await use(() => studies.get(study));
      return hasInbox ? use(() => studies.requestsOf(id)) : [];
    },
    readEvents: async function* (study, { after: start = 0, trial } = {}) {
      const { id, events: last } = await use(() => studies.get(study));
      yield* readPages(start, {
        page: (after, limit) => {
          const page = queries.eventPage(id, after, last, limit);
          const query = trial === undefined ? page : page.where("trial", "=", trial);
          return use(() => retried(() => pool.run(query)));
        },
        exists: async () => {
          const now = await use(() => studies.get(study));
          if (now.id !== id) throw studyNotFound(study, label, []);
        },
      });
    },
    readImage: (study) => use(() => studies.readImage(study)),
    writeImage: (lease, image) =>
      change(async () => {
        await appends.settled(lease.study);
        await studies.writeImage(lease, image);
      }),
    close: () => {
      closing ??= shutDown();
      return closing;
    },
  };
}
