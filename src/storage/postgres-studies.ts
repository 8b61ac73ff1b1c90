import { sql } from "kysely";
import { eventText } from "../core/event-text.js";
import type { PendingRequest, StudyRequest } from "../core/request.js";
import type { Holder, Lease, LeaseRequest, StudyImage, StudySummary } from "../core/storage.js";
import type { StudyDefinition } from "../core/study-definition.js";
import type { PostgresPlace } from "./postgres-location.js";
import type { PostgresPool } from "./postgres-pool.js";
import { type Run, statement } from "./postgres-statement.js";
import type { Queries } from "./queries.js";
import { pendingFrom } from "./request-rows.js";
import { imageAhead, leaseLost, studyExists, studyNotFound } from "./storage-errors.js";
import { type HoldRow, holdFrom, refuseWhileOwned, summaryFrom } from "./study-leases.js";

/** Events removed per transaction, so that deleting a long study stays within a statement's time limit. */
const EVENTS_AT_ONCE = 20_000;

/** What {@link studyTable} needs. */
export interface StudyTableOptions {
  readonly place: PostgresPlace;
  readonly pool: PostgresPool;
  readonly queries: Queries;
  /** Retries while the server cannot be reached; tells the action whether there was an earlier attempt. */
  readonly retried: <Result>(action: (again: boolean) => Promise<Result>) => Promise<Result>;
}

/** A study as found in the tables. */
export interface FoundStudy {
  readonly id: number;
  readonly events: number;
}

/** The studies of a database, their leases and images. Every method is retried while the server is unreachable. */
export interface StudyTable {
  /** @throws CurvewiseError `STUDY_EXISTS` */
  readonly create: (definition: StudyDefinition, now: number) => Promise<void>;
  /** @throws CurvewiseError `STUDY_NOT_FOUND` */
  readonly get: (study: string) => Promise<FoundStudy>;
  readonly list: () => Promise<StudySummary[]>;
  /** Hides a study; {@link StudyTable.sweep} removes its contents. @throws as the port says */
  readonly forget: (study: string, isGone: (holder: Holder) => boolean) => Promise<void>;
  /** Removes part of what belongs to forgotten studies; returns whether there may be more. */
  readonly sweep: () => Promise<boolean>;
  /** The lease, and the length of the log. @throws as the port says */
  readonly acquire: (study: string, request: LeaseRequest) => Promise<{ lease: Lease; logged: number }>;
  /** @throws CurvewiseError `LEASE_LOST` */
  readonly renew: (lease: Lease, duration: number) => Promise<void>;
  readonly release: (lease: Lease) => Promise<void>;
  /** Never retried: it might be made twice. @throws CurvewiseError `STUDY_NOT_FOUND` */
  readonly addRequest: (study: string, request: StudyRequest, now: number) => Promise<number>;
  /** The inbox of a study, by the study's number. */
  readonly requestsOf: (id: number) => Promise<PendingRequest[]>;
  readonly readImage: (study: string) => Promise<StudyImage | undefined>;
  /** @throws CurvewiseError `LEASE_LOST`, `IMAGE_AHEAD` */
  readonly writeImage: (lease: Lease, image: StudyImage) => Promise<void>;
}

/**
 * Creates the methods for studies. All times of leases are the server's: hosts' clocks may differ by any amount, and a
 * lease expires at the same time for everyone.
 */
export function studyTable({ place, pool, queries, retried }: StudyTableOptions): StudyTable {
  const { label, schema } = place;

  async function notFound(run: Run, study: string): Promise<Error> {
    const names = await run(queries.studyNames());
    return studyNotFound(
      study,
      label,
      names.map(({ name }) => name ?? ""),
    );
  }

  async function lost(run: Run, { study }: Lease): Promise<Error> {
    const [hold] = await run(queries.holdOf(study));
    return leaseLost(study, holdFrom(hold));
  }

  /** Locks a study's row against appending, taking and deleting. */
  async function lock(run: Run, study: string): Promise<FoundStudy | undefined> {
    const [found] = await run(queries.findStudy(study).forNoKeyUpdate());
    return found;
  }

  async function isCreated(study: string, body: string): Promise<boolean> {
    const [found] = await pool.run(queries.findStudy(study));
    if (found === undefined) return false;
    const [first] = await pool.run(queries.eventPage(found.id, 0, 1, 1));
    return first?.body === body;
  }

  return {
    create: (definition, now) => {
      const { name } = definition;
      const body = eventText({ type: "study-created", definition, time: now });
      return retried(async (again) => {
        const [made] = await pool.run(
          statement(sql<{ count: number }>`
            with study as (
              insert into ${sql.id(schema, "studies")} (name, created_at, events) values (${name}, ${now}, 1)
              on conflict (name) do nothing returning id
            ), added as (
              insert into ${sql.id(schema, "events")} (study_id, sequence, body) select id, 1, ${body} from study
              returning 1
            )
            select count(*) from added
          `),
        );
        // An earlier attempt may have done it, with its answer lost.
        if (made?.count !== 1 && !(again && (await isCreated(name, body)))) throw studyExists(name, label);
      });
    },

    get: (study) =>
      retried(async () => {
        const [found] = await pool.run(queries.findStudy(study));
        if (found === undefined) throw await notFound(pool.run, study);
        return found;
      }),

    list: () =>
      retried(async () => {
        const now = await serverTime(pool.run);
        return (await pool.run(queries.listStudies())).map((row) => summaryFrom(row, now));
      }),

    forget: (study, isGone) => {
      let wasThere = false;
      return retried(() =>
        pool.transaction(async (run) => {
          const found = await lock(run, study);
          if (found === undefined) {
            if (wasThere) return;
            throw await notFound(run, study);
          }
          const [hold] = await run(queries.holdOf(study));
          refuseWhileOwned(study, holdFrom(hold), { now: await serverTime(run), isGone });
          await run(queries.removeLeaseOf(found.id));
          await run(queries.removeImage(found.id));
          await run(queries.hideStudy(found.id));
          wasThere = true;
        }),
      );
    },

    sweep: () =>
      retried(() =>
        pool.transaction(async (run) => {
          const [hidden] = await run(queries.hiddenStudy().forUpdate().skipLocked());
          if (hidden === undefined) return false;
          const [last] = await run(queries.eventAfter(hidden.id, EVENTS_AT_ONCE));
          await run(queries.removeEvents(hidden.id, last?.sequence ?? Number.MAX_SAFE_INTEGER));
          if (last === undefined) await run(queries.removeStudy(hidden.id));
          return true;
        }),
      ),

    acquire: (study, { holder, duration, isGone, onlyFree = false }) => {
      /** The lease before this one, once it is known. */
      let before: { readonly fence: number | undefined } | undefined;
      return retried(() =>
        pool.transaction(async (run) => {
          const found = await lock(run, study);
          if (found === undefined) throw await notFound(run, study);
          const [row] = await run(queries.holdOf(study));
          const now = await serverTime(run);
          // A newer lease of this same process can only come from an earlier attempt whose answer was lost.
          const isOwn = before !== undefined && row?.fence !== before.fence && isHeldBy(row, holder);
          before ??= { fence: row?.fence };
          if (!isOwn) refuseWhileOwned(study, holdFrom(row), { now, isGone, onlyFree });
          await run(queries.removeLeaseOf(found.id));
          const [added] = await run(queries.addLease(found.id, holder, now, now + duration));
          if (added === undefined) throw leaseLost(study, undefined);
          return { lease: { study, fence: added.fence, holder }, logged: found.events };
        }),
      );
    },

    renew: (lease, duration) =>
      retried(async () => {
        const until = (await serverTime(pool.run)) + duration;
        const [prolonged] = await pool.run(queries.prolongLease(lease.fence, until).returning("fence"));
        if (prolonged === undefined) throw await lost(pool.run, lease);
      }),

    release: ({ fence }) =>
      retried(async () => {
        await pool.run(queries.removeLease(fence));
      }),

    addRequest: (study, request, now) =>
      pool.transaction(async (run) => {
        // Otherwise one with a smaller number could be committed after one with a greater was taken.
        const found = await lock(run, study);
        if (found === undefined) throw await notFound(run, study);
        const [added] = await run(queries.addRequest(found.id, now, JSON.stringify(request)));
        if (added === undefined) throw new Error("the server gave the request no number");
        return added.number;
      }),

    requestsOf: (id) => retried(async () => (await pool.run(queries.requestsOf(id))).map(pendingFrom)),

    readImage: (study) =>
      retried(async () => {
        const [image] = await pool.run(queries.findImage(study));
        return image;
      }),

    writeImage: (lease, { events, body }) =>
      retried(async () => {
        const { study, fence } = lease;
        const [written] = await pool.run(
          statement(sql<{ study_id: number }>`
            with held as materialized (
              select study_id from ${sql.id(schema, "leases")} where fence = ${fence} for key share
            )
            insert into ${sql.id(schema, "images")} (study_id, events, body)
            select s.id, ${events}, ${body} from held join ${sql.id(schema, "studies")} as s on s.id = held.study_id
            where s.name = ${study} and s.events >= ${events}
            on conflict (study_id) do update set events = excluded.events, body = excluded.body
            returning study_id
          `),
        );
        if (written !== undefined) return;
        const [held] = await pool.run(queries.heldStudy(fence, study));
        throw held === undefined ? await lost(pool.run, lease) : imageAhead(study, events, held.events);
      }),
  };
}

/** The current time by the server's clock, in milliseconds since 1970. */
async function serverTime(run: Run): Promise<number> {
  const [row] = await run(
    statement(sql<{ now: number }>`select (extract(epoch from clock_timestamp()) * 1000)::float8 as now`),
  );
  if (row === undefined) throw new Error("the server did not tell the time");
  return row.now;
}

function isHeldBy(row: HoldRow | undefined, { host, pid, started }: Holder): boolean {
  return row?.host === host && row.pid === pid && row.started === started;
}
