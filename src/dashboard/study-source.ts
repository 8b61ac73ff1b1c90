import type { Storage } from "../core/storage.js";

/** Where the dashboard reads studies: a database, or the coordinator of one study. Nothing is ever written through it. */
export interface StudySource extends Pick<Storage, "name" | "location" | "listStudies" | "readEvents"> {
  /** Whether what was listed last is what was known before, since nobody answered. By default that cannot be. */
  readonly isAway?: () => boolean;
}
