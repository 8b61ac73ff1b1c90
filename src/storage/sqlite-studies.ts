import type Database from "libsql";
import type { StudySummary } from "../core/storage.js";
import { queries } from "./sqlite-queries.js";
import { prepare } from "./sqlite-statement.js";
import { studyExists, studyNotFound } from "./storage-errors.js";
import { summaryFrom } from "./study-leases.js";

/** Events removed per change, so that others get their turn while a long study is deleted. */
const EVENTS_AT_ONCE = 20_000;

/** The studies of a database. Every method that changes something runs inside the caller's transaction. */
export interface StudyTable {
  /** The new study's number. @throws CurvewiseError `STUDY_EXISTS` */
  readonly add: (name: string, now: number) => number;
  /** @throws CurvewiseError `STUDY_NOT_FOUND` */
  readonly get: (name: string) => { readonly id: number; readonly events: number };
  readonly list: (now: number) => StudySummary[];
  /** Hides a study and removes its lease and image; {@link StudyTable.sweep} removes the rest. */
  readonly forget: (id: number) => void;
  /** Whether anything belongs to forgotten studies. */
  readonly hasLeftovers: () => boolean;
  /** Removes part of what belongs to forgotten studies; returns whether there may be more. */
  readonly sweep: () => boolean;
}

/** Prepares the statements for studies. */
export function studyTable(database: Database.Database, location: string): StudyTable {
  const insert = prepare(database, queries.addStudy("", 0));
  const find = prepare(database, queries.findStudy(""));
  const names = prepare(database, queries.studyNames());
  const hide = prepare(database, queries.hideStudy(0));
  const dropLease = prepare(database, queries.removeLeaseOf(0));
  const dropImage = prepare(database, queries.removeImage(0));
  const forgotten = prepare(database, queries.hiddenStudy());
  const lastToDrop = prepare(database, queries.eventAfter(0, EVENTS_AT_ONCE));
  const dropEvents = prepare(database, queries.removeEvents(0, 0));
  const remove = prepare(database, queries.removeStudy(0));
  const listed = prepare(database, queries.listStudies());

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
    hasLeftovers: () => forgotten.first([1]) !== undefined,
    sweep: () => {
      const id = forgotten.first([1])?.id;
      if (id === undefined) return false;
      const last = lastToDrop.first([id, 1, EVENTS_AT_ONCE])?.sequence;
      if (last === undefined) remove.run([id]);
      else dropEvents.run([id, last]);
      return true;
    },
    list: (now) => listed.rows([]).map((row) => summaryFrom(row, now)),
  };
}
