import type Database from "libsql";
import type { Lease, LeaseRequest } from "../core/storage.js";
import { queries } from "./sqlite-schema.js";
import { prepare } from "./sqlite-statement.js";
import { type Hold, leaseLost, studyOwned } from "./storage-errors.js";

/** A study as those who change it need it. */
export interface HeldStudy {
  readonly id: number;
  /** How many events its log has. */
  readonly events: number;
}

/** Who has which study. Every method runs inside the caller's transaction. */
export interface LeaseTable {
  /** @throws CurvewiseError `STUDY_OWNED` while someone has it */
  readonly refuseWhileOwned: (study: string, request: Pick<LeaseRequest, "now" | "isGone">) => void;
  readonly take: (study: string, id: number, request: LeaseRequest) => Lease;
  /** The study of a lease that is still good. @throws CurvewiseError `LEASE_LOST` */
  readonly held: (lease: Lease) => HeldStudy;
  readonly prolong: (lease: Lease, until: number) => void;
  readonly giveBack: (lease: Lease) => void;
}

/** Prepares the statements for leases. */
export function leaseTable(database: Database.Database): LeaseTable {
  const hold = prepare(
    database,
    queries
      .selectFrom("leases")
      .innerJoin("studies", "studies.id", "leases.study_id")
      .select(["fence", "host", "pid", "started", "since", "until"])
      .where("studies.name", "=", ""),
  );
  const held = prepare(
    database,
    queries
      .selectFrom("leases")
      .innerJoin("studies", "studies.id", "leases.study_id")
      .select(["studies.id", "studies.events"])
      .where("leases.fence", "=", 0)
      .where("studies.name", "=", ""),
  );
  const insert = prepare(
    database,
    queries
      .insertInto("leases")
      .values({ study_id: 0, host: "", pid: 0, started: "", since: 0, until: 0 })
      .returning("fence"),
  );
  const remove = prepare(database, queries.deleteFrom("leases").where("study_id", "=", 0));
  const prolong = prepare(database, queries.updateTable("leases").set({ until: 0 }).where("fence", "=", 0));
  const giveBack = prepare(database, queries.deleteFrom("leases").where("fence", "=", 0));

  function holdOf(study: string): Hold | undefined {
    const row = hold.first([study]);
    if (row === undefined) return undefined;
    const { host, pid, started, since, until } = row;
    return { holder: { host, pid, started }, since, until };
  }

  function heldBy(lease: Lease): HeldStudy {
    const row = held.first([lease.fence, lease.study]);
    if (row === undefined) throw leaseLost(lease.study, holdOf(lease.study));
    return row;
  }

  return {
    refuseWhileOwned: (study, { now, isGone }) => {
      const owner = holdOf(study);
      if (owner !== undefined && owner.until > now && !isGone(owner.holder)) throw studyOwned(study, owner);
    },
    take: (study, id, { holder, now, duration }) => {
      remove.run([id]);
      const { host, pid, started } = holder;
      const row = insert.first([id, host, pid, started, now, now + duration]);
      if (row === undefined) throw leaseLost(study, undefined);
      return { study, fence: row.fence, holder };
    },
    held: heldBy,
    prolong: (lease, until) => {
      heldBy(lease);
      prolong.run([until, lease.fence]);
    },
    giveBack: ({ fence }) => {
      giveBack.run([fence]);
    },
  };
}
