import pg from "pg";
import { CurvewiseError, isCurvewiseError } from "../core/errors.js";
import type { Lease } from "../core/storage.js";
import { ChangeQueue } from "./change-queue.js";
import type { EventRow } from "./event-rows.js";
import type { PostgresPlace } from "./postgres-location.js";
import { namedStatement, type Run } from "./postgres-statement.js";
import type { Queries } from "./queries.js";
import { leaseLost } from "./storage-errors.js";
import { holdFrom } from "./study-leases.js";

/** Limits on calls that are written together: a number of events, and a number of characters. */
const EVENTS_AT_ONCE = 10_000;
const CHARACTERS_AT_ONCE = 4_000_000;
/** How often a log's length is reread before growth caused by something else counts as damage. */
const RECOUNTS = 3;

/** What {@link createAppends} needs. */
export interface AppendOptions {
  readonly place: PostgresPlace;
  readonly queries: Queries;
  /** Runs a query once. */
  readonly run: Run;
  /** Retries while the server cannot be reached; tells the action whether there was an earlier attempt. */
  readonly retried: <Result>(action: (again: boolean) => Promise<Result>) => Promise<Result>;
}

/** The only way in which events enter existing logs. */
export interface Appends {
  /** Appends in the order of calls for a study. @throws CurvewiseError `LEASE_LOST` */
  readonly append: (lease: Lease, rows: readonly EventRow[], answered: number) => Promise<void>;
  /** Resolves once everything appended to a study before this call is durable or has failed. */
  readonly settled: (study: string) => Promise<void>;
  /** Notes the log's length at the beginning of a lease, so that the first append need not query it. */
  readonly begin: (lease: Lease, logged: number) => void;
  /** Forgets a lease. */
  readonly end: (lease: Lease) => void;
}

interface Append {
  readonly lease: Lease;
  readonly rows: readonly EventRow[];
  /** The last request that the events carry out; 0: none. */
  readonly answered: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** An entry in a study's queue: an append, or a callback for when its turn comes. */
type Change = Append | (() => void);

/**
 * Creates the queues of appends, one per study, so that studies do not wait for each other: what arrives during a
 * commit is written together by the next one.
 *
 * An append is one statement, which writes only if the lease is valid and the log is exactly as long as this process
 * believes. So one that was under way when the connection broke can be retried: if it was written, the log is longer
 * now, and its events can be compared; and if the old server process executes it late, it finds the log longer, or the
 * lease gone, and writes nothing.
 */
export function createAppends(options: AppendOptions): Appends {
  const { place, queries, run, retried } = options;
  const appended = appendStatement(place.schema);
  const queues = new Map<string, ChangeQueue<Change>>();
  /** The length of the log for each lease. */
  const lengths = new Map<number, number>();

  function queueOf(study: string): ChangeQueue<Change> {
    const queue = queues.get(study) ?? new ChangeQueue<Change>((take) => commit(take()));
    queues.set(study, queue);
    return queue;
  }

  async function commit(changes: readonly Change[]): Promise<void> {
    let broken: { readonly error: unknown } | undefined;
    for (const part of parts(changes)) {
      if (typeof part === "function") {
        part();
        continue;
      }
      const [first] = part;
      if (first === undefined) continue;
      try {
        // Appends after a failed one fail too: they rely on the log containing what came before.
        if (broken !== undefined) throw broken.error;
        await write(
          first.lease,
          part.flatMap(({ rows }) => rows),
          Math.max(...part.map(({ answered }) => answered)),
        );
        for (const { resolve } of part) resolve();
      } catch (error) {
        lengths.delete(first.lease.fence);
        // A lost lease does not affect what a newer one appends.
        if (!isCurvewiseError(error)) broken ??= { error };
        for (const { reject } of part) reject(error);
      }
    }
  }

  function write(lease: Lease, rows: readonly EventRow[], answered: number): Promise<void> {
    return retried(async (again) => {
      for (let recount = 0; recount <= RECOUNTS; recount++) {
        const known = lengths.get(lease.fence);
        if (again && known !== undefined && (await isWritten(lease.study, known, rows))) {
          lengths.set(lease.fence, known + rows.length);
          return;
        }
        const length = known ?? (await heldLength(lease));
        if (rows.length === 0) {
          if (known !== undefined) await heldLength(lease);
          return;
        }
        lengths.set(lease.fence, length);
        const [answer] = await run(appended(lease, length, rows, answered));
        if (answer?.count === rows.length) {
          lengths.set(lease.fence, length + rows.length);
          return;
        }
        if (again && (await isWritten(lease.study, length, rows))) {
          lengths.set(lease.fence, length + rows.length);
          return;
        }
        lengths.set(lease.fence, await heldLength(lease));
      }
      throw grewElsewhere(place, lease.study);
    });
  }

  /** The length of the log of a lease's study. @throws CurvewiseError `LEASE_LOST` */
  async function heldLength({ study, fence }: Lease): Promise<number> {
    const [held] = await run(queries.heldStudy(fence, study));
    if (held !== undefined) return held.events;
    const [hold] = await run(queries.holdOf(study));
    throw leaseLost(study, holdFrom(hold));
  }

  /** Whether the log has exactly these events after its first `length`. */
  async function isWritten(study: string, length: number, rows: readonly EventRow[]): Promise<boolean> {
    const [found] = await run(queries.findStudy(study));
    if (found === undefined || found.events < length + rows.length) return false;
    const stored = await run(queries.eventPage(found.id, length, length + rows.length, rows.length));
    return stored.length === rows.length && stored.every(({ body }, index) => body === rows[index]?.body);
  }

  return {
    append: (lease, rows, answered) =>
      new Promise((resolve, reject) => {
        queueOf(lease.study).add({ lease, rows, answered, resolve, reject });
      }),
    settled: (study) => new Promise((resolve) => queueOf(study).add(resolve)),
    begin: ({ fence }, logged) => {
      lengths.set(fence, logged);
    },
    end: ({ study, fence }) => {
      lengths.delete(fence);
      queues.delete(study);
    },
  };
}

/** Groups consecutive appends of the same lease. */
function* parts(changes: readonly Change[]): Generator<Append[] | (() => void)> {
  let part: Append[] = [];
  let events = 0;
  let characters = 0;
  for (const change of changes) {
    const isAppend = typeof change !== "function";
    const full = events >= EVENTS_AT_ONCE || characters >= CHARACTERS_AT_ONCE;
    if (part.length > 0 && (!isAppend || full || part[0]?.lease.fence !== change.lease.fence)) {
      yield part;
      part = [];
      events = 0;
      characters = 0;
    }
    if (!isAppend) {
      yield change;
      continue;
    }
    part.push(change);
    events += change.rows.length;
    for (const { body } of change.rows) characters += body.length;
  }
  if (part.length > 0) yield part;
}

/**
 * Writes events at a given length of a log, or none at all. The study's row is locked before the lease's, as in
 * everything that gives or takes a lease: either a new holder waits for this statement's commit, or this statement sees
 * that the lease is gone. Bodies are sent as one text, since one-line JSON has no line breaks, and an array of quoted
 * texts would take the server longer to unpack. The requests that the events carry out go with the same statement.
 */
function appendStatement(schema: string) {
  const table = (name: string) => pg.escapeIdentifier(schema) + "." + name;
  const write = namedStatement<{ count: number }>(
    "append",
    `with study as materialized (
      select id from ${table("studies")} where name = $1 and events = $2 for no key update
    ), held as materialized (
      select study_id from ${table("leases")} where fence = $3 and study_id = (select id from study) for key share
    ), counted as (
      update ${table("studies")} as s set events = s.events + $4 from held where s.id = held.study_id returning s.id
    ), added as (
      insert into ${table("events")} (study_id, sequence, trial, body)
      select counted.id, $2 + new.place, nullif(new.trial, '')::bigint, new.body
      from counted, unnest(string_to_array($5, ','), string_to_array($6, E'\\n'))
        with ordinality as new (trial, body, place)
      returning 1
    ), answered as (
      delete from ${table("requests")} using counted
      where $7::bigint > 0 and requests.study_id = counted.id and number <= $7::bigint
    )
    select count(*) from added`,
  );
  return ({ study, fence }: Lease, length: number, rows: readonly EventRow[], answered: number) => {
    const trials = rows.map(({ trial }) => trial ?? "").join(",");
    const bodies = rows.map(({ body }) => body).join("\n");
    return write([study, length, fence, rows.length, trials, bodies, answered]);
  };
}

function grewElsewhere({ label }: PostgresPlace, study: string): CurvewiseError {
  return new CurvewiseError(
    "STORAGE_FAILED",
    `the log of study "${study}" in ${label} is being written by something else`,
    {
      hint: "Only a study's holder may write to its tables. Find out what else does.",
      kind: "failure",
    },
  );
}
