import type { Holder, LeaseRequest, StudySummary } from "../core/storage.js";
import { type Hold, studyOwned } from "./storage-errors.js";

/** A lease as stored in the tables. */
export interface HoldRow {
  readonly host: string;
  readonly pid: number;
  readonly started: string;
  readonly since: number;
  readonly until: number;
}

/** A study and its lease, if it has one, as stored in the tables. */
export interface SummaryRow {
  readonly name: string | null;
  readonly created_at: number;
  readonly events: number;
  readonly host: string | null;
  readonly pid: number | null;
  readonly started: string | null;
  readonly until: number | null;
}

/** A lease as shown in errors. */
export function holdFrom(row: HoldRow | undefined): Hold | undefined {
  if (row === undefined) return undefined;
  const { host, pid, started, since, until } = row;
  return { holder: { host, pid, started }, since, until };
}

/** @throws CurvewiseError `STUDY_OWNED` while the study is held */
export function refuseWhileOwned(
  study: string,
  hold: Hold | undefined,
  { now, isGone, onlyFree = false }: Pick<LeaseRequest, "now" | "isGone" | "onlyFree">,
): void {
  if (hold === undefined || isGone(hold.holder)) return;
  if (onlyFree || hold.until > now) throw studyOwned(study, hold);
}

/** A study as shown in a list. */
export function summaryFrom(row: SummaryRow, now: number): StudySummary {
  const { name, created_at, events, until } = row;
  return {
    name: name ?? "",
    createdAt: created_at,
    events,
    holder: until !== null && until > now ? holderFrom(row) : undefined,
  };
}

function holderFrom({ host, pid, started }: SummaryRow): Holder | undefined {
  return host === null || pid === null || started === null ? undefined : { host, pid, started };
}
