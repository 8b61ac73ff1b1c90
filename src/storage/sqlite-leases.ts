import type Database from "libsql";
import type { Holder, Lease, LeaseRequest } from "../core/storage.js";
import { queries } from "./sqlite-queries.js";
import { prepare } from "./sqlite-statement.js";
import { type Hold, leaseLost } from "./storage-errors.js";
import { holdFrom, refuseWhileOwned } from "./study-leases.js";

const NOBODY: Holder = { host: "", pid: 0, started: "" };

/** A study as needed for changes. */
export interface HeldStudy {
  readonly id: number;
  /** How many events its log has. */
  readonly events: number;
}

/** Who holds which study. Every method runs inside the caller's transaction. */
export interface LeaseTable {
  /** @throws CurvewiseError `STUDY_OWNED` while it is held */
  readonly refuseWhileOwned: (
    study: string,
    request: Pick<LeaseRequest, "now" | "isGone" | "onlyFree">,
  ) => void;
  readonly take: (study: string, id: number, request: LeaseRequest) => Lease;
  /** The study of a lease that is still valid. @throws CurvewiseError `LEASE_LOST` */
  readonly held: (lease: Lease) => HeldStudy;
  readonly prolong: (lease: Lease, until: number) => void;
  readonly giveBack: (lease: Lease) => void;
}

/** Prepares the statements for leases. */
export function leaseTable(database: Database.Database): LeaseTable {
  const hold = prepare(database, queries.holdOf(""));
  const held = prepare(database, queries.heldStudy(0, ""));
  const insert = prepare(database, queries.addLease(0, NOBODY, 0, 0));
  const remove = prepare(database, queries.removeLeaseOf(0));
  const prolong = prepare(database, queries.prolongLease(0, 0));
  const giveBack = prepare(database, queries.removeLease(0));

  function holdOf(study: string): Hold | undefined {
    return holdFrom(hold.first([study]));
  }

  function heldBy(lease: Lease): HeldStudy {
    const row = held.first([lease.fence, lease.study]);
    if (row === undefined) throw leaseLost(lease.study, holdOf(lease.study));
    return row;
  }

  return {
    refuseWhileOwned: (study, request) => refuseWhileOwned(study, holdOf(study), request),
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
