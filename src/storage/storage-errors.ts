import { CurvewiseError } from "../core/errors.js";
import type { Holder } from "../core/storage.js";

const NAMES_SHOWN = 5;

/** A lease as shown in errors: who has it and for how long. */
export interface Hold {
  readonly holder: Holder;
  /** When it was taken, in milliseconds since 1970. */
  readonly since: number;
  /** When it expires unless it is renewed, in milliseconds since 1970. */
  readonly until: number;
}

/** `STUDY_NOT_FOUND`, with the names that exist. */
export function studyNotFound(study: string, location: string, known: readonly string[]): CurvewiseError {
  const shown = known.slice(0, NAMES_SHOWN).map((name) => `"${name}"`);
  const more = known.length > shown.length ? ` and ${known.length - shown.length} more` : "";
  return new CurvewiseError("STUDY_NOT_FOUND", `there is no study "${study}" in ${location}`, {
    hint:
      known.length === 0
        ? "It has no studies yet. Is this the right storage?"
        : `It has ${shown.join(", ")}${more}.`,
  });
}

/** `STUDY_EXISTS`. */
export function studyExists(study: string, location: string): CurvewiseError {
  return new CurvewiseError("STUDY_EXISTS", `${location} already has a study "${study}"`, {
    hint: "Continue that study, delete it, or choose another name.",
  });
}

/** `STUDY_OWNED`, naming who has the study and since when. */
export function studyOwned(study: string, { holder, since, until }: Hold): CurvewiseError {
  return new CurvewiseError(
    "STUDY_OWNED",
    `study "${study}" is held by process ${holder.pid} on ${holder.host} since ${instant(since)}`,
    {
      hint: `Stop that process, or wait: its lease expires at ${instant(until)} unless it is renewed.`,
    },
  );
}

/** `LEASE_LOST`, naming who has the study now. */
export function leaseLost(study: string, hold: Hold | undefined): CurvewiseError {
  const holder =
    hold === undefined
      ? ""
      : `; process ${hold.holder.pid} on ${hold.holder.host} has held it since ${instant(hold.since)}`;
  return new CurvewiseError("LEASE_LOST", `this process no longer holds study "${study}"${holder}`, {
    hint: "Nothing was written. Run the study again to continue from its log.",
    kind: "failure",
  });
}

/** `IMAGE_AHEAD`: an image claims events that the log does not have. */
export function imageAhead(study: string, covered: number, logged: number): CurvewiseError {
  return new CurvewiseError(
    "IMAGE_AHEAD",
    `an image of study "${study}" covers ${covered} events, but its log has ${logged}`,
    { hint: "Append the events before writing the image.", kind: "failure" },
  );
}

/** `STORAGE_CLOSED`. */
export function storageClosed(location: string): CurvewiseError {
  return new CurvewiseError("STORAGE_CLOSED", `${location} is already closed`, {
    hint: "Open the storage again.",
    kind: "failure",
  });
}

/** `STORAGE_NEWER`: a newer Curvewise wrote it. */
export function storageNewer(location: string, version: number, known: number): CurvewiseError {
  return new CurvewiseError(
    "STORAGE_NEWER",
    `${location} was written by a newer Curvewise (format version ${version}; this one supports ${known})`,
    { hint: "Update Curvewise: npm install curvewise@latest. Nothing was changed." },
  );
}

/** `STORAGE_OLDER`: it needs an upgrade, but was opened read-only. */
export function storageOlder(location: string): CurvewiseError {
  return new CurvewiseError("STORAGE_OLDER", `${location} was written by an older Curvewise`, {
    hint: "Upgrade it by running one of its studies, then read it again.",
  });
}

/** `STORAGE_NOT_FOUND`: there is nothing to read. */
export function storageNotFound(location: string): CurvewiseError {
  return new CurvewiseError("STORAGE_NOT_FOUND", `there is no Curvewise database at ${location}`, {
    hint: "Give your study's database with --storage (or CURVEWISE_STORAGE); `curvewise run` creates one.",
  });
}

/** A readable time, in UTC. */
function instant(time: number): string {
  return new Date(time).toISOString();
}
