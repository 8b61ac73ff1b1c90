import pg from "pg";
import { parse, toClientConfig } from "pg-connection-string";
import pgPass from "pgpass";
import { CurvewiseError, messageOf } from "../core/errors.js";

/** The default schema for the tables; the connection string may name another one. */
export const DEFAULT_SCHEMA = "curvewise";

/** Where a PostgreSQL storage is, for messages and programs. */
export interface PostgresPlace {
  /** The connection string without its password. */
  readonly label: string;
  readonly user: string;
  readonly database: string;
  readonly schema: string;
}

/** A parsed connection string. */
export interface PostgresLocation extends PostgresPlace {
  readonly config: pg.ClientConfig;
}

/**
 * Reads a connection string such as `postgres://user@host:5432/database?sslmode=verify-full`. Missing parts come from
 * PostgreSQL's environment variables (`PGHOST`, `PGPASSWORD`, ...) and its password file, as in its own programs; so
 * does the meaning of `sslmode`. `schema` names the schema for the tables.
 *
 * @throws CurvewiseError `STORAGE_UNKNOWN` when it cannot be read
 */
export function postgresLocation(url: string): PostgresLocation {
  const { schema, ...options } = parsed(url);
  if (schema !== undefined && (typeof schema !== "string" || schema === ""))
    throw unreadable("schema is empty");
  const config = toClientConfig(options);
  const { host, port, user, database } = new pg.Client(config);
  const connection = { host, port, user: user ?? "", database: database ?? "" };
  const place = { user: connection.user, database: connection.database, schema: schema ?? DEFAULT_SCHEMA };
  return {
    ...place,
    label: labelOf(connection, place.schema),
    config: {
      fallback_application_name: "curvewise",
      ...config,
      password: config.password ?? process.env["PGPASSWORD"] ?? (() => passwordOf(connection)),
    },
  };
}

function parsed(url: string): ReturnType<typeof parse> {
  try {
    const options = parse(url, { useLibpqCompat: !/[?&]uselibpqcompat=/.test(url) });
    // The parser does not decode sequences such as %2F in the database's name, and returns an empty string for missing
    // parts.
    const path = /^[a-z]+:\/\/[^/?#]*\/([^?#]+)/i.exec(url)?.[1];
    if (path !== undefined) options.database = decodeURIComponent(path);
    if (options.password === "") delete options.password;
    return options;
  } catch (error) {
    throw unreadable(messageOf(error), error);
  }
}

interface Connection {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
}

function labelOf({ host, port, user, database }: Connection, schema: string): string {
  const parameters = [
    ...(host.startsWith("/") ? [`host=${host}`, `port=${port}`] : []),
    ...(schema === DEFAULT_SCHEMA ? [] : [`schema=${encodeURIComponent(schema)}`]),
  ];
  const server = host.startsWith("/") ? "" : `${host.includes(":") ? `[${host}]` : host}:${port}`;
  const query = parameters.length === 0 ? "" : `?${parameters.join("&")}`;
  return `postgres://${encodeURIComponent(user)}@${server}/${encodeURIComponent(database)}${query}`;
}

/** An empty password if the file has none: the driver then says that one is required. */
function passwordOf(connection: Connection): Promise<string> {
  return new Promise((resolve) => pgPass(connection, (password) => resolve(password ?? "")));
}

function unreadable(problem: string, cause?: unknown): CurvewiseError {
  return new CurvewiseError(
    "STORAGE_UNKNOWN",
    `the connection string of PostgreSQL cannot be read: ${problem}`,
    {
      hint: "Write it as postgres://user@host:5432/database, with %40 for @, %2F for / and %3A for : in names and passwords.",
      cause,
    },
  );
}
