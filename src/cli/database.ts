import { join, relative, resolve } from "node:path";
import { CurvewiseError } from "../core/errors.js";
import { nameHint } from "../core/nearest.js";
import type { Storage, StudySummary } from "../core/storage.js";
import type { Study } from "../core/study.js";
import { type Forgets, readStudy } from "../engine/read-study.js";

/**
 * The folder of a study's trials: snapshots, outputs, params. Unless the user names another one, it is beside
 * the database file, or in the working directory if the database is not a file.
 *
 * @throws CurvewiseError `STUDY_NAME_INVALID` if the name cannot be a folder's
 */
export function studyFolder(
  { name, location }: Pick<Storage, "name" | "location">,
  study: string,
  files: string | undefined,
): string {
  if (!/^[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(study)) {
    throw new CurvewiseError("STUDY_NAME_INVALID", `"${study}" cannot be the name of a study's folder`, {
      hint: "Use letters, digits, `.`, `_` and `-`, and do not begin with `.` or `-`.",
    });
  }
  return join(filesFolder({ name, location }, files), study);
}

/** {@link studyFolder} of a study that may have none, since its name cannot be a folder's; undefined then. */
export function studyFolderIfAny(
  place: Pick<Storage, "name" | "location">,
  study: string,
  files: string | undefined,
): string | undefined {
  try {
    return studyFolder(place, study, files);
  } catch {
    return undefined;
  }
}

/** The folder with the folders of all studies. */
export function filesFolder(
  { name, location }: Pick<Storage, "name" | "location">,
  files: string | undefined,
): string {
  if (files !== undefined) return resolve(files);
  if (name === "postgres") return resolve(`${databaseName(location)}-files`);
  return `${resolve(location).replace(/\.db$/, "")}-files`;
}

/** {@link studyFolder} without opening the database, which may not exist yet. */
export async function plannedFolder(
  location: string,
  study: string,
  files: string | undefined,
): Promise<string> {
  const { isPostgresUrl, withoutPassword } = await import("../storage/postgres-url.js");
  const place = isPostgresUrl(location)
    ? { name: "postgres", location: withoutPassword(location) }
    : { name: "sqlite", location: location.replace(/^(sqlite|file):(\/\/)?/i, "") };
  return studyFolder(place, study, files);
}

/** A folder name made from the names of the database and, if the URL gives one, the schema. */
function databaseName(location: string): string {
  const { pathname, searchParams } = new URL(location);
  const parts = [decodeURIComponent(pathname.slice(1)), searchParams.get("schema") ?? ""];
  return parts
    .filter((part) => part !== "")
    .join("-")
    .replaceAll(/[^A-Za-z0-9._-]/g, "_");
}

/** A storage's location as one would write it on a command line. */
export function shownPlace({ name, location }: Storage): string {
  const place = name === "postgres" ? location : relative(process.cwd(), location);
  return /^[\w@%+=:,./-]+$/.test(place) ? place : `'${place.replaceAll("'", "'\\''")}'`;
}

/**
 * Opens the database.
 *
 * @param use `write`: a missing database is created; `read`: it must exist, and nothing is changed
 * @throws CurvewiseError `STORAGE_NOT_FOUND` and whatever else the storage throws; `STORAGE_IN_MEMORY`
 */
export async function openDatabase(location: string, use: "read" | "write"): Promise<Storage> {
  if (location === "memory:") {
    throw new CurvewiseError("STORAGE_IN_MEMORY", "the command line needs a database that outlives it", {
      hint: "Give --storage (or CURVEWISE_STORAGE) the path of a file, or postgres://user@host/name.",
    });
  }
  // Loaded only when needed: it takes longer than everything else.
  const { openStorage } = await import("../storage/index.js");
  return openStorage(location, { readOnly: use === "read" });
}

/**
 * Opens a database to ask something of a study, runs, and closes it. It must exist: one that was moved away while a page
 * was open is not begun anew.
 *
 * @throws CurvewiseError what {@link openDatabase} throws
 */
export async function withExisting<Result>(
  location: string,
  run: (storage: Storage) => Promise<Result>,
): Promise<Result> {
  await (await openDatabase(location, "read")).close();
  return withDatabase(location, "write", run);
}

/**
 * Opens the database, runs, and closes it whatever happens.
 *
 * @param use see {@link openDatabase}
 * @throws CurvewiseError what {@link openDatabase} throws
 */
export async function withDatabase<Result>(
  location: string,
  use: "read" | "write",
  run: (storage: Storage) => Promise<Result>,
): Promise<Result> {
  const storage = await openDatabase(location, use);
  try {
    return await run(storage);
  } finally {
    await storage.close();
  }
}

/**
 * The named study, or the only one.
 *
 * @throws CurvewiseError `STUDY_NOT_FOUND`; `STUDY_NEEDED` if none was named and there are several
 */
export async function pickStudy(
  storage: Pick<Storage, "listStudies" | "location">,
  name: string | undefined,
): Promise<StudySummary> {
  const studies = await storage.listStudies(Date.now());
  const names = studies.map((study) => study.name);
  if (name === undefined) {
    const [only] = studies;
    if (only !== undefined && studies.length === 1) return only;
    throw new CurvewiseError(
      studies.length === 0 ? "STUDY_NOT_FOUND" : "STUDY_NEEDED",
      studies.length === 0
        ? `there is no study in ${storage.location}`
        : `${storage.location} holds ${studies.length} studies`,
      {
        hint:
          studies.length === 0
            ? "`curvewise run study.yaml` begins one."
            : `Name one of: ${names.slice(0, 20).join(", ")}.`,
      },
    );
  }
  const found = studies.find((study) => study.name === name);
  if (found !== undefined) return found;
  throw new CurvewiseError("STUDY_NOT_FOUND", `there is no study "${name}" in ${storage.location}`, {
    hint: nameHint(name, names),
  });
}

/** A study and what the database says about it. */
export interface OpenedStudy {
  readonly storage: Storage;
  readonly study: Study;
  readonly summary: StudySummary;
}

/** Reads the named study, or the only one, and runs with it. */
export async function withStudy<Result>(
  location: string,
  name: string | undefined,
  run: (opened: OpenedStudy) => Promise<Result> | Result,
  forgets?: Forgets,
): Promise<Result> {
  return withDatabase(location, "read", async (storage) => {
    const summary = await pickStudy(storage, name);
    return run({ storage, summary, study: await readStudy(storage, summary.name, forgets) });
  });
}

/**
 * Reads a trial's number as the user typed it.
 *
 * @throws CurvewiseError `TRIAL_NOT_FOUND`
 */
export function trialNumber(text: string, study: Study): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && study.trials[number] !== undefined) return number;
  const { length } = study.trials;
  throw new CurvewiseError("TRIAL_NOT_FOUND", `study "${study.definition.name}" has no trial ${text}`, {
    hint: length === 0 ? "It has no trials yet." : `Its trials are 0 to ${length - 1}.`,
  });
}
