import type { Generated } from "kysely";

/** The tables, as the migrations of every dialect create them. Times are in milliseconds since 1970. */
export interface Tables {
  readonly studies: {
    /** Never reused, so that a study recreated under an old name is a different one. */
    readonly id: Generated<number>;
    /** Null if the study was deleted and its events are being removed. */
    readonly name: string | null;
    readonly created_at: number;
    /** How many events its log has. */
    readonly events: number;
  };
  /** Who holds which study; a study without a row is free. */
  readonly leases: {
    /** Grows with every lease in the database, even after studies were deleted. */
    readonly fence: Generated<number>;
    readonly study_id: number;
    readonly host: string;
    readonly pid: number;
    readonly started: string;
    readonly since: number;
    readonly until: number;
  };
  readonly events: {
    readonly study_id: number;
    readonly sequence: number;
    readonly trial: number | null;
    /** In the format of `eventText`. */
    readonly body: string;
  };
  /** What was asked of studies and is not carried out yet. */
  readonly requests: {
    /** Grows with every request in the database. */
    readonly number: Generated<number>;
    readonly study_id: number;
    readonly made_at: number;
    /** As JSON. */
    readonly body: string;
  };
  readonly images: {
    readonly study_id: number;
    readonly events: number;
    readonly body: string;
  };
}
