import { spawn } from "node:child_process";
import { once } from "node:events";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import pg from "pg";
import { z } from "zod";

const SCRIPT = resolve(import.meta.dirname, "../../scripts/postgres-server.mjs");

const announcement = z.object({ url: z.string(), port: z.number(), folder: z.string(), data: z.string() });

/** A test's own PostgreSQL server. */
export interface PostgresServer {
  /** The connection string of its superuser, to the database `postgres`, over TCP. */
  readonly url: string;
  readonly port: number;
  /** Where its Unix socket is. */
  readonly folder: string;
  readonly data: string;
  /** Ends the server and all connections at once, as in a crash. */
  stop(): Promise<void>;
  start(): Promise<void>;
  restart(): Promise<void>;
  /** Ends it and removes its data. */
  close(): Promise<void>;
}

/**
 * Starts a server on a free port.
 *
 * @param settings as in `postgresql.conf`
 * @throws if the server's programs are not installed, saying what to do about it
 */
export async function startPostgres(...settings: readonly string[]): Promise<PostgresServer> {
  const child = spawn(process.execPath, [SCRIPT, ...settings], { stdio: ["pipe", "pipe", "pipe"] });
  let problem = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    problem += text;
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const first = await lines.next();
  if (first.done === true) throw new Error(problem.trim());
  const server = announcement.parse(JSON.parse(first.value));
  const ask = async (command: string): Promise<void> => {
    child.stdin.write(`${command}\n`);
    const answer = await lines.next();
    if (answer.done === true || answer.value !== "done") throw new Error(`${command} failed: ${problem}`);
  };
  return {
    ...server,
    stop: () => ask("stop"),
    start: () => ask("start"),
    restart: () => ask("restart"),
    close: async () => {
      const closed = once(child, "close");
      child.stdin.end();
      await closed;
    },
  };
}

/** Runs statements as the server's superuser; returns the rows of the last one. */
export async function runSql(url: string, ...statements: readonly string[]): Promise<unknown[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    let rows: unknown[] = [];
    for (const statement of statements) ({ rows } = await client.query(statement));
    return rows;
  } finally {
    await client.end();
  }
}

/** A connection string with other parameters, database, user or password. */
export function changedUrl(
  url: string,
  change: {
    readonly database?: string;
    readonly user?: string;
    readonly password?: string;
    readonly port?: number;
    readonly parameters?: Readonly<Record<string, string>>;
  },
): string {
  const changed = new URL(url);
  if (change.database !== undefined) changed.pathname = join("/", change.database);
  if (change.user !== undefined) changed.username = change.user;
  if (change.password !== undefined) changed.password = change.password;
  if (change.port !== undefined) changed.port = String(change.port);
  for (const [name, value] of Object.entries(change.parameters ?? {})) changed.searchParams.set(name, value);
  return changed.href;
}
