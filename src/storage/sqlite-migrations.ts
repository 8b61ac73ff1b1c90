import type Database from "libsql";
import { storageNewer } from "./storage-errors.js";

/** Identifies our files in SQLite's file header: "CVWS". */
export const APPLICATION_ID = 0x43565753;

/**
 * Steps from an empty file to the current format; the n-th (from 1) leads to version n, which the file's `user_version`
 * records. A published step is never edited: a change to the format is another step.
 */
const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE studies (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT UNIQUE,
    created_at REAL NOT NULL,
    events INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE leases (
    fence INTEGER PRIMARY KEY AUTOINCREMENT,
    study_id INTEGER NOT NULL UNIQUE REFERENCES studies ON DELETE CASCADE,
    host TEXT NOT NULL,
    pid INTEGER NOT NULL,
    started TEXT NOT NULL,
    since REAL NOT NULL,
    until REAL NOT NULL
  ) STRICT;
  CREATE TABLE events (
    study_id INTEGER NOT NULL REFERENCES studies ON DELETE CASCADE,
    sequence INTEGER NOT NULL,
    trial INTEGER,
    body TEXT NOT NULL,
    PRIMARY KEY (study_id, sequence)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX events_of_trial ON events (study_id, trial, sequence) WHERE trial IS NOT NULL;
  CREATE TABLE images (
    study_id INTEGER PRIMARY KEY REFERENCES studies ON DELETE CASCADE,
    events INTEGER NOT NULL,
    body TEXT NOT NULL
  ) STRICT;
  `,
  `
  CREATE TABLE requests (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    study_id INTEGER NOT NULL REFERENCES studies ON DELETE CASCADE,
    made_at REAL NOT NULL,
    body TEXT NOT NULL
  ) STRICT;
  CREATE INDEX requests_of_study ON requests (study_id, number);
  `,
];

/** The version that this Curvewise writes. */
export const SCHEMA_VERSION = MIGRATIONS.length;
/** The first version that can be read as it is: it only lacks the inbox. */
export const FIRST_READABLE = 1;
/** The first version with an inbox. */
export const FIRST_WITH_INBOX = 2;

/** The version of an open database; 0 if it is still empty. */
export function schemaVersion(database: Database.Database): number {
  return numberPragma(database, "user_version");
}

/** The value of a numeric pragma. */
export function numberPragma(database: Database.Database, name: string): number {
  const row = database.prepare(`PRAGMA ${name}`).raw().get([]);
  const value: unknown = Array.isArray(row) ? row[0] : undefined;
  return typeof value === "number" ? value : 0;
}

/**
 * Refuses a database that a newer Curvewise wrote.
 *
 * @throws CurvewiseError `STORAGE_NEWER`
 */
export function refuseNewer(version: number, location: string): void {
  if (version > SCHEMA_VERSION) throw storageNewer(location, version, SCHEMA_VERSION);
}

/**
 * Upgrades a database to the current version, all or nothing. Two processes may do this at once: the second one finds
 * nothing left to do.
 *
 * @throws CurvewiseError `STORAGE_NEWER`
 */
export function migrate(database: Database.Database, location: string): void {
  if (schemaVersion(database) === SCHEMA_VERSION) return;
  database.exec("BEGIN IMMEDIATE");
  try {
    const version = schemaVersion(database);
    refuseNewer(version, location);
    for (const step of MIGRATIONS.slice(version)) database.exec(step);
    database.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${SCHEMA_VERSION}`);
    database.exec("COMMIT");
  } catch (error) {
    if (database.inTransaction) database.exec("ROLLBACK");
    throw error;
  }
}
