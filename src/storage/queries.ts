import type { Compilable, Kysely } from "kysely";
import type { Holder } from "../core/storage.js";
import type { Tables } from "./schema.js";

/** The queries that are the same in every dialect. */
export type Queries = ReturnType<typeof storageQueries>;

/**
 * Creates the queries for a dialect. They are only compiled: each dialect has its own way of running them.
 *
 * @param tables used only to build and compile
 */
export function storageQueries(tables: Kysely<Tables>) {
  return {
    addStudy: (name: string, createdAt: number) =>
      tables.insertInto("studies").values({ name, created_at: createdAt, events: 0 }).returning("id"),
    findStudy: (name: string) =>
      tables.selectFrom("studies").select(["id", "events"]).where("name", "=", name),
    /** The names of all studies, in the order of creation. */
    studyNames: () => tables.selectFrom("studies").select("name").where("name", "is not", null).orderBy("id"),
    /** All studies, in the order of creation, with their leases. */
    listStudies: () =>
      tables
        .selectFrom("studies")
        .leftJoin("leases", "leases.study_id", "studies.id")
        .select(["name", "created_at", "events", "host", "pid", "started", "until"])
        .where("name", "is not", null)
        .orderBy("studies.id"),
    countEvents: (study: number, events: number) =>
      tables.updateTable("studies").set({ events }).where("id", "=", study),
    /** Hides a study. */
    hideStudy: (study: number) => tables.updateTable("studies").set({ name: null }).where("id", "=", study),
    /** One of the hidden studies. */
    hiddenStudy: () => tables.selectFrom("studies").select("id").where("name", "is", null).limit(1),
    removeStudy: (study: number) => tables.deleteFrom("studies").where("id", "=", study),

    /** Who holds a study. */
    holdOf: (study: string) =>
      tables
        .selectFrom("leases")
        .innerJoin("studies", "studies.id", "leases.study_id")
        .select(["fence", "host", "pid", "started", "since", "until"])
        .where("studies.name", "=", study),
    /** The study of a lease, while the lease is valid. */
    heldStudy: (fence: number, study: string) =>
      tables
        .selectFrom("leases")
        .innerJoin("studies", "studies.id", "leases.study_id")
        .select(["studies.id", "studies.events"])
        .where("leases.fence", "=", fence)
        .where("studies.name", "=", study),
    addLease: (study: number, { host, pid, started }: Holder, since: number, until: number) =>
      tables
        .insertInto("leases")
        .values({ study_id: study, host, pid, started, since, until })
        .returning("fence"),
    prolongLease: (fence: number, until: number) =>
      tables.updateTable("leases").set({ until }).where("fence", "=", fence),
    removeLease: (fence: number) => tables.deleteFrom("leases").where("fence", "=", fence),
    removeLeaseOf: (study: number) => tables.deleteFrom("leases").where("study_id", "=", study),

    addEvents: (rows: readonly Tables["events"][]) => tables.insertInto("events").values(rows),
    /** Events after one, up to another, in order. */
    eventPage: (study: number, after: number, last: number, limit: number) =>
      tables
        .selectFrom("events")
        .select(["sequence", "body"])
        .where("study_id", "=", study)
        .where("sequence", ">", after)
        .where("sequence", "<=", last)
        .orderBy("sequence")
        .limit(limit),
    /** The event that follows the first `count` that a study still has. */
    eventAfter: (study: number, count: number) =>
      tables
        .selectFrom("events")
        .select("sequence")
        .where("study_id", "=", study)
        .orderBy("sequence")
        .limit(1)
        .offset(count),
    removeEvents: (study: number, last: number) =>
      tables.deleteFrom("events").where("study_id", "=", study).where("sequence", "<=", last),

    addRequest: (study: number, madeAt: number, body: string) =>
      tables.insertInto("requests").values({ study_id: study, made_at: madeAt, body }).returning("number"),
    /** The inbox of a study, in order. */
    requestsOf: (study: number) =>
      tables
        .selectFrom("requests")
        .select(["number", "made_at", "body"])
        .where("study_id", "=", study)
        .orderBy("number"),
    /** Removes a request and those before it. */
    removeRequests: (study: number, last: number) =>
      tables.deleteFrom("requests").where("study_id", "=", study).where("number", "<=", last),

    findImage: (study: string) =>
      tables
        .selectFrom("images")
        .innerJoin("studies", "studies.id", "images.study_id")
        .select(["images.events", "images.body"])
        .where("studies.name", "=", study),
    replaceImage: (study: number, events: number, body: string) =>
      tables
        .insertInto("images")
        .values({ study_id: study, events, body })
        .onConflict((conflict) =>
          conflict.column("study_id").doUpdateSet((row) => ({
            events: row.ref("excluded.events"),
            body: row.ref("excluded.body"),
          })),
        ),
    removeImage: (study: number) => tables.deleteFrom("images").where("study_id", "=", study),
  };
}

/** Gives rows the type of their query: the one place where SQL's results are trusted. */
export function typedRows<Row>(query: Compilable<Row>, rows: unknown[]): Row[];
export function typedRows(_query: unknown, rows: unknown[]): unknown[] {
  return rows;
}
