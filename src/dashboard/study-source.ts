import type { Storage } from "../core/storage.js";

/** Where the dashboard reads studies: a database, or the coordinator of one study. Nothing is ever written through it. */
export type StudySource = Pick<Storage, "name" | "location" | "listStudies" | "readEvents">;
