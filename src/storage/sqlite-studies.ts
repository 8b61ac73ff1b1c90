import type Database from "libsql";
import type { Holder, StudySummary } from "../core/storage.js";
import { queries } from "./sqlite-schema.js";
import { prepare } from "./sqlite-statement.js";
import { studyExists, studyNotFound } from "./storage-errors.js";

/** Events removed in one change, so that others get their turn during the deletion of a long study. */
const EVENTS_AT_ONCE = 20_000;

/** The studies of a database. Every method that changes something runs inside the caller's transaction. */
export interface StudyTable {
  /** The new study's number. @throws CurvewiseError `STUDY_EXISTS` */
  readonly add: (name: string, now: number) => number;
  /** @throws CurvewiseError `STUDY_NOT_FOUND` */
  readonly get: (name: string) => { readonly id: number; readonly events: number };
  readonly list: (now: number) => StudySummary[];
  /** Takes a study out of sight, with its lease and image; {@link StudyTable.sweep} removes the rest. */
  readonly forget: (id: number) => void;
  /** Removes some of what belongs to forgotten studies; tells whether there may be more. */
  readonly sweep: () => boolean;
}

/** Prepares the statements for studies. */
export function studyTable(database: Database.Database, location: string): StudyTable {
  const insert = prepare(
    database,
    queries.insertInto("studies").values({ name: "", created_at: 0, events: 0 }).returning("id"),
  );
  const find = prepare(
    database,
    queries.selectFrom("studies").select(["id", "events"]).where("name", "=", ""),
  );
  const names = prepare(
    database,
    queries.selectFrom("studies").select("name").where("name", "is not", null).orderBy("id"),
  );
  const hide = prepare(database, queries.updateTable("studies").set({ name: null }).where("id", "=", 0));
  const dropLease = prepare(database, queries.deleteFrom("leases").where("study_id", "=", 0));
  const dropImage = prepare(database, queries.deleteFrom("images").where("study_id", "=", 0));
  const forgotten = prepare(
    database,
    queries.selectFrom("studies").select("id").where("name", "is", null).limit(1),
  );
  const lastToDrop = prepare(
    database,
    queries
      .selectFrom("events")
      .select("sequence")
      .where("study_id", "=", 0)
      .orderBy("sequence")
      .limit(1)
      .offset(EVENTS_AT_ONCE),
  );
  const dropEvents = prepare(
    database,
    queries.deleteFrom("events").where("study_id", "=", 0).where("sequence", "<=", 0),
  );
  const remove = prepare(database, queries.deleteFrom("studies").where("id", "=", 0));
  const listed = prepare(
    database,
    queries
      .selectFrom("studies")
      .leftJoin("leases", "leases.study_id", "studies.id")
      .select(["name", "created_at", "events", "host", "pid", "started", "until"])
      .where("name", "is not", null)
      .orderBy("studies.id"),
  );

  return {
    add: (name, now) => {
      if (find.first([name]) !== undefined) throw studyExists(name, location);
      const row = insert.first([name, now, 0]);
      if (row === undefined) throw new Error("SQLite gave the new study no number");
      return row.id;
    },
    get: (name) => {
      const row = find.first([name]);
      if (row === undefined) {
        throw studyNotFound(
          name,
          location,
          names.rows([]).map((study) => study.name ?? ""),
        );
      }
      return row;
    },
    forget: (id) => {
      hide.run([null, id]);
      dropLease.run([id]);
      dropImage.run([id]);
    },
    sweep: () => {
      const id = forgotten.first([1])?.id;
      if (id === undefined) return false;
      const last = lastToDrop.first([id, 1, EVENTS_AT_ONCE])?.sequence;
      if (last === undefined) remove.run([id]);
      else dropEvents.run([id, last]);
      return true;
    },
    list: (now) =>
      listed.rows([]).map(({ name, created_at, events, host, pid, started, until }) => ({
        name: name ?? "",
        createdAt: created_at,
        events,
        holder: until !== null && until > now ? holderOf(host, pid, started) : undefined,
      })),
  };
}

function holderOf(host: string | null, pid: number | null, started: string | null): Holder | undefined {
  return host === null || pid === null || started === null ? undefined : { host, pid, started };
}
