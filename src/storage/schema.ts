import type { Generated } from "kysely";

/** The tables, as the migrations of every dialect leave them. Moments are milliseconds since 1970. */
export interface Tables {
  readonly studies: {
    /** Never used twice, so that a study made anew under an old name is another one. */
    readonly id: Generated<number>;
    /** Null: the study was deleted, and its events are being removed. */
    readonly name: string | null;
    readonly created_at: number;
    /** How many events its log has. */
    readonly events: number;
  };
  /** Who has which study; a study without a row is free. */
  readonly leases: {
    /** Grows with every lease of the database, also after studies were deleted. */
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
    /** As `eventText` writes it. */
    readonly body: string;
  };
  readonly images: {
    readonly study_id: number;
    readonly events: number;
    readonly body: string;
  };
}
