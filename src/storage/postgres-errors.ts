import { CurvewiseError, isCurvewiseError, messageOf } from "../core/errors.js";
import type { PostgresPlace } from "./postgres-location.js";

/** The oldest server version that supports the queries. */
export const LEAST_SERVER = 13;

/** The driver's messages, without a code, for connections that were lost or could not be made. */
const CONNECTION_MESSAGE =
  /^(Connection terminated|timeout e|Query read timeout|Client (was closed|has encountered)|Received unexpected)/;
/** The operating system's codes for the same. */
const CONNECTION_CODES = new Set([
  "EAI_AGAIN",
  "ECONNABORTED",
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTDOWN",
  "EHOSTUNREACH",
  "ENETDOWN",
  "ENETRESET",
  "ENETUNREACH",
  "ENOENT",
  "ENOTCONN",
  "ENOTFOUND",
  "EPIPE",
  "ETIMEDOUT",
]);
/** The server ends connections or does not accept them yet: shutdown, crash, startup, idle for too long. */
const SERVER_ENDING = /^(08...|25P03|57P0[1235])$/;
/** Something else is in the way: deadlock, serialization, locks, a statement's time limit, too many connections. */
const BUSY = /^(40P01|40001|55P03|57014|53300)$/;
/** The server is now only a standby: after a failover, the next connection reaches the right one. */
const READ_ONLY_SERVER = "25006";

/** PostgreSQL's code for an error (appendix A of its manual); undefined if the server did not send it. */
function sqlState(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("severity" in error)) return undefined;
  return "code" in error && typeof error.code === "string" ? error.code : undefined;
}

function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** Whether the connection is unusable, or was never made. */
export function isConnectionLost(error: unknown): boolean {
  const state = sqlState(error);
  if (state !== undefined) return SERVER_ENDING.test(state) || state === READ_ONLY_SERVER;
  if (isCurvewiseError(error) || !(error instanceof Error)) return false;
  const code = systemCode(error);
  return code === undefined ? CONNECTION_MESSAGE.test(error.message) : CONNECTION_CODES.has(code);
}

/** Whether the server is running but does not accept connections at the moment. */
export function isNotReady(error: unknown): boolean {
  const state = sqlState(error);
  return state !== undefined && (state === "57P03" || state === "53300");
}

/** Whether retrying a little later may help. */
export function isPassing(error: unknown): boolean {
  return isConnectionLost(error) || BUSY.test(sqlState(error) ?? "");
}

/** Turns an error from the driver or the server into a readable one. Curvewise's own errors pass unchanged. */
export function storageError(error: unknown, place: PostgresPlace, readOnly: boolean): Error {
  if (isCurvewiseError(error)) return error;
  const state = sqlState(error);
  const wording =
    state === undefined ? driverError(error, place) : serverError(state, error, place, readOnly);
  return wording ?? failed(place, error);
}

/** The same for errors before there was a connection. */
export function openingError(error: unknown, place: PostgresPlace, readOnly: boolean): Error {
  if (isConnectionLost(error) && sqlState(error) !== READ_ONLY_SERVER) return unreachable(place, error);
  return storageError(error, place, readOnly);
}

function driverError(error: unknown, { label, user }: PostgresPlace): CurvewiseError | undefined {
  const message = messageOf(error);
  if (/password must be a/.test(message)) {
    return loginRefused(`${label} requires a password, but none was given`, error, user);
  }
  const code = systemCode(error) ?? "";
  if (/SSL|TLS/.test(message) || /CERT|ERR_TLS|ERR_SSL|UNABLE_TO|SELF_SIGNED/.test(code)) {
    return noSafeConnection(label, error);
  }
  return undefined;
}

function serverError(
  state: string,
  error: unknown,
  place: PostgresPlace,
  readOnly: boolean,
): CurvewiseError | undefined {
  const { label, user, database, schema } = place;
  const message = messageOf(error);
  if (state === "28P01" || state === "28000") {
    // The wordings of servers up to PostgreSQL 13 and since.
    if (/SSL off|no encryption/.test(message)) return noSafeConnection(label, error);
    return loginRefused(`${label} refused the connection: ${message}`, error, user);
  }
  if (state === "3D000") {
    return new CurvewiseError("STORAGE_NOT_FOUND", `${label}: there is no database "${database}"`, {
      hint: `Create it with \`createdb ${database}\`, or correct the name in the connection string.`,
      cause: error,
    });
  }
  if (state === "42501") return readOnly ? unreadable(place, error) : notAllowed(place, error);
  if (state === READ_ONLY_SERVER) return followsAnother(place, error);
  if (state === "53100") {
    return new CurvewiseError("STORAGE_FULL", `the server of ${label} has no space left`, {
      hint: "Free some space there and run the study again. Everything recorded so far is safe.",
      kind: "failure",
      cause: error,
    });
  }
  if (BUSY.test(state)) {
    return new CurvewiseError("STORAGE_BUSY", `${label} is too busy: ${message}`, {
      hint:
        state === "53300"
          ? "Close other connections, or ask to have the server's max_connections raised."
          : "Something else has locked the tables (see pg_locks); try again when it is done.",
      kind: "failure",
      cause: error,
    });
  }
  if (/^(42P01|42703|3F000)$/.test(state)) {
    return new CurvewiseError(
      "STORAGE_INVALID",
      `${label}: the tables in schema "${schema}" were modified: ${message}`,
      {
        hint: "Restore the schema from a backup.",
        kind: "failure",
        cause: error,
      },
    );
  }
  return undefined;
}

function noSafeConnection(label: string, cause: unknown): CurvewiseError {
  return new CurvewiseError(
    "STORAGE_TLS",
    `${label}: no secure connection could be made: ${messageOf(cause)}`,
    {
      hint: "Specify the authority with ?sslmode=verify-full&sslrootcert=/path/ca.pem, and use the host name in the server's certificate; sslmode=require encrypts without verifying, sslmode=disable does not encrypt.",
      cause,
    },
  );
}

function loginRefused(message: string, cause: unknown, user: string): CurvewiseError {
  return new CurvewiseError("STORAGE_LOGIN", message, {
    hint: `Check user "${user}" and its password: in the connection string, in PGPASSWORD, or in ~/.pgpass (readable only by you).`,
    cause,
  });
}

/** `STORAGE_READ_ONLY`: the user may not write. */
function notAllowed({ label, user, database, schema }: PostgresPlace, cause: unknown): CurvewiseError {
  return new CurvewiseError("STORAGE_READ_ONLY", `${label} cannot be written: ${messageOf(cause)}`, {
    hint: `Ask the owner of database "${database}" to run: CREATE SCHEMA IF NOT EXISTS "${schema}" AUTHORIZATION "${user}".`,
    cause,
  });
}

function unreadable({ label, user, schema }: PostgresPlace, cause: unknown): CurvewiseError {
  return new CurvewiseError("STORAGE_UNREADABLE", `${label} cannot be read: ${messageOf(cause)}`, {
    hint: `Ask the owner to run: GRANT USAGE ON SCHEMA "${schema}" TO "${user}"; GRANT SELECT ON ALL TABLES IN SCHEMA "${schema}" TO "${user}".`,
    cause,
  });
}

/** `STORAGE_READ_ONLY`: the storage was opened read-only. */
export function openedToRead({ label }: PostgresPlace): CurvewiseError {
  return new CurvewiseError("STORAGE_READ_ONLY", `${label} was opened read-only`, {
    hint: "Open it without readOnly to make changes.",
  });
}

/** `STORAGE_READ_ONLY`: the server is a standby. */
export function followsAnother({ label }: PostgresPlace, cause?: unknown): CurvewiseError {
  return new CurvewiseError(
    "STORAGE_READ_ONLY",
    `${label} cannot be written: the server is a standby that only follows another one`,
    {
      hint: "Connect to the primary server; this one can only be read.",
      cause,
    },
  );
}

/** `STORAGE_UNREACHABLE`. */
function unreachable({ label }: PostgresPlace, cause: unknown): CurvewiseError {
  return new CurvewiseError("STORAGE_UNREACHABLE", `cannot connect to ${label}: ${reasonOf(cause)}`, {
    hint: "Is the server running, are host and port correct, and can this machine reach it (pg_hba.conf, firewall)?",
    kind: "failure",
    cause,
  });
}

/** `STORAGE_FAILED`: the connection was lost and did not come back in time. */
export function connectionLost({ label }: PostgresPlace, patience: number, cause: unknown): CurvewiseError {
  const seconds = Math.round(patience / 1000);
  return new CurvewiseError(
    "STORAGE_FAILED",
    `the connection to ${label} was lost and did not come back within ${seconds} s: ${reasonOf(cause)}`,
    {
      hint: "What was recorded so far is safe. Run the study again when the server is back; it continues where it stopped.",
      kind: "failure",
      cause,
    },
  );
}

/** `STORAGE_UNSUPPORTED`: the server is too old. */
export function tooOld({ label }: PostgresPlace, version: string): CurvewiseError {
  return new CurvewiseError("STORAGE_UNSUPPORTED", `${label} is PostgreSQL ${version}`, {
    hint: `Curvewise needs PostgreSQL ${LEAST_SERVER} or newer. Use a newer server, or SQLite.`,
  });
}

/** `STORAGE_INVALID`. */
export function storageInvalid({ label }: PostgresPlace, problem: string, hint: string): CurvewiseError {
  return new CurvewiseError("STORAGE_INVALID", `${label}: ${problem}`, { hint });
}

function failed({ label }: PostgresPlace, cause: unknown): CurvewiseError {
  return new CurvewiseError("STORAGE_FAILED", `${label} could not be used: ${reasonOf(cause)}`, {
    hint: "The server's log may say more. What was recorded so far is safe.",
    kind: "failure",
    cause,
  });
}

/** A host name with several addresses fails once for each, in an error without a message of its own. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === "") {
    return error.errors.map(messageOf).join(", ");
  }
  return messageOf(error);
}
