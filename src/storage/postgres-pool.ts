import { Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { sql } from "kysely";
import pg from "pg";
import { messageOf } from "../core/errors.js";
import { isConnectionLost, isPassing } from "./postgres-errors.js";
import { type Run, type Statement, statement } from "./postgres-statement.js";
import { typedRows } from "./queries.js";

/** Milliseconds until an attempt to connect is abandoned. */
const CONNECT_TIMEOUT = 10_000;
/** Milliseconds that a statement may take on the server, unless the connection string or the role says otherwise. */
const STATEMENT_TIMEOUT = 30_000;
/** Milliseconds without an answer after which the connection counts as dead: longer than a statement may take. */
const ANSWER_TIMEOUT = 45_000;
/** Milliseconds after which the server ends a transaction with a silent client, so that its locks block nothing. */
const IDLE_TRANSACTION_TIMEOUT = 10_000;
/** Milliseconds between retries: at first, and at most. */
const FIRST_DELAY = 50;
const LONGEST_DELAY = 2_000;
/** PostgreSQL's type of 8-byte integers, which the driver would return as text. */
const INT8 = 20;

/** The connections to one database. */
export interface PostgresPool {
  /** Runs one query on any connection. */
  readonly run: Run;
  /** Runs queries in one transaction, which is rolled back if the action throws. */
  readonly transaction: <Result>(action: (run: Run) => Promise<Result>) => Promise<Result>;
  readonly close: () => Promise<void>;
}

/**
 * Creates a pool, which connects when it is used.
 *
 * @param connections the maximum number at a time
 */
export function postgresPool(config: pg.ClientConfig, connections: number, readOnly: boolean): PostgresPool {
  const types = new pg.TypeOverrides();
  types.setTypeParser(INT8, Number);
  const sockets = new Set<Socket>();
  const pool = new pg.Pool({
    // If the driver aborts a login itself, such as without a password, it leaves the socket open.
    stream: () => {
      const socket = new Socket();
      sockets.add(socket.once("close", () => sockets.delete(socket)));
      return socket;
    },
    connectionTimeoutMillis: CONNECT_TIMEOUT,
    query_timeout: ANSWER_TIMEOUT,
    keepAlive: true,
    ...config,
    max: connections,
    types,
    verify: (client, done) => void setUp(client, readOnly, done),
  });
  // A connection that ends between two queries of a transaction emits this event; the next query fails.
  pool.on("connect", (client) => client.on("error", () => {}));
  // The same for idle connections: the pool has already dropped it.
  pool.on("error", () => {});

  async function withClient<Result>(action: (client: pg.ClientBase) => Promise<Result>): Promise<Result> {
    const client = await pool.connect();
    let lost = false;
    try {
      return await action(client);
    } catch (error) {
      lost = isConnectionLost(error);
      throw error;
    } finally {
      client.release(lost);
    }
  }

  return {
    run: (query) => withClient((client) => runOn(client, query)),
    transaction: (action) => withClient((client) => inTransaction(client, action)),
    close: async () => {
      await pool.end();
      for (const socket of sockets) socket.destroy();
    },
  };
}

async function runOn<Row>(client: pg.ClientBase, query: Statement<Row>): Promise<Row[]> {
  const { sql: text, parameters } = query.compile();
  const { name } = query;
  const values = [...parameters];
  const { rows } = await client.query<object>(name === undefined ? { text, values } : { name, text, values });
  return typedRows(query, rows);
}

async function inTransaction<Result>(
  client: pg.ClientBase,
  action: (run: Run) => Promise<Result>,
): Promise<Result> {
  await client.query("BEGIN");
  try {
    const result = await action((query) => runOn(client, query));
    await client.query("COMMIT");
    return result;
  } catch (error) {
    // If this fails too, the server rolls back what is still open.
    if (!isConnectionLost(error)) await client.query("ROLLBACK");
    throw error;
  }
}

/** Sets what the tables' safety relies on, and limits that nothing else has set. */
async function setUp(client: pg.ClientBase, readOnly: boolean, done: (error?: Error) => void): Promise<void> {
  const unlessSet = (name: string, milliseconds: number) => sql`
    set_config(${name}, case current_setting(${name}) when '0' then ${String(milliseconds)}
      else current_setting(${name}) end, false)`;
  try {
    await runOn(
      client,
      statement(sql`select
        set_config('default_transaction_isolation', 'read committed', false),
        set_config('default_transaction_read_only',
          case when ${readOnly} then 'on' else current_setting('default_transaction_read_only') end, false),
        set_config('synchronous_commit',
          case current_setting('synchronous_commit') when 'off' then 'on'
            else current_setting('synchronous_commit') end, false),
        ${unlessSet("statement_timeout", STATEMENT_TIMEOUT)},
        ${unlessSet("idle_in_transaction_session_timeout", IDLE_TRANSACTION_TIMEOUT)}
      `),
    );
  } catch (error) {
    done(error instanceof Error ? error : new Error(messageOf(error)));
    return;
  }
  done();
}

/**
 * Retries an action, with growing pauses, while it fails for temporary reasons.
 *
 * @param patience how long to retry, in milliseconds from the first failure
 * @param passes whether retrying may help
 * @param action is told whether an earlier attempt failed, since that attempt may have taken effect unnoticed
 */
export async function patiently<Result>(
  patience: number,
  action: (again: boolean) => Promise<Result>,
  passes: (error: unknown) => boolean = isPassing,
): Promise<Result> {
  let deadline: number | undefined;
  let delay = FIRST_DELAY;
  for (let again = false; ; again = true) {
    try {
      return await action(again);
    } catch (error) {
      deadline ??= performance.now() + patience;
      if (!passes(error) || performance.now() + delay > deadline) throw error;
      // Spread out, in case many are waiting for one server.
      await pause(delay * (0.5 + Math.random() / 2));
      delay = Math.min(delay * 2, LONGEST_DELAY);
    }
  }
}
