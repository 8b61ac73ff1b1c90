import { sql } from "kysely";
import { followsAnother, LEAST_SERVER, storageInvalid, tooOld } from "./postgres-errors.js";
import type { PostgresPlace } from "./postgres-location.js";
import type { PostgresPool } from "./postgres-pool.js";
import { type Run, statement } from "./postgres-statement.js";
import { storageNewer, storageNotFound, storageOlder } from "./storage-errors.js";

/**
 * Steps from an empty schema to the current format; the n-th (from 1) leads to version n, which the table `format`
 * records. A published step is never edited: a change to the format is another step.
 *
 * Rows of `studies` and `leases` are updated all the time, hence the fill factor. Events have no foreign key: they are
 * only inserted for a study whose row is locked, and checking each one would cost more than the insert.
 */
const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE format (version integer NOT NULL);
  INSERT INTO format VALUES (0);
  CREATE TABLE studies (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text UNIQUE,
    created_at double precision NOT NULL,
    events bigint NOT NULL
  ) WITH (fillfactor = 50);
  CREATE TABLE leases (
    fence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    study_id bigint NOT NULL UNIQUE REFERENCES studies ON DELETE CASCADE,
    host text NOT NULL,
    pid bigint NOT NULL,
    started text NOT NULL,
    since double precision NOT NULL,
    until double precision NOT NULL
  ) WITH (fillfactor = 50);
  CREATE TABLE events (
    study_id bigint NOT NULL,
    sequence bigint NOT NULL,
    trial bigint,
    body text NOT NULL,
    PRIMARY KEY (study_id, sequence)
  );
  CREATE INDEX events_of_trial ON events (study_id, trial, sequence) WHERE trial IS NOT NULL;
  CREATE TABLE images (
    study_id bigint PRIMARY KEY REFERENCES studies ON DELETE CASCADE,
    events bigint NOT NULL,
    body text NOT NULL
  );
  `,
  `
  CREATE TABLE requests (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    study_id bigint NOT NULL REFERENCES studies ON DELETE CASCADE,
    made_at double precision NOT NULL,
    body text NOT NULL
  );
  CREATE INDEX requests_of_study ON requests (study_id, number);
  `,
];

/** The version that this Curvewise writes. */
export const SCHEMA_VERSION = MIGRATIONS.length;

/** The first version that can be read as it is: it only lacks the inbox. */
const FIRST_READABLE = 1;
/** The first version with an inbox. */
const FIRST_WITH_INBOX = 2;

/** What a server says about itself and our schema. */
interface ServerState {
  readonly number: number;
  readonly version: string;
  readonly encoding: string;
  readonly follows: boolean;
  /** Whether there is a table `format`. */
  readonly ours: boolean;
  /** Whether there are tables with our names that another program created. */
  readonly others: boolean;
}

/**
 * Ensures that the server can be used, and upgrades the tables to the current format; read-only, it only checks.
 *
 * @returns whether there is a table of requests, which older formats lack
 * @throws CurvewiseError `STORAGE_UNSUPPORTED`, `STORAGE_INVALID`, `STORAGE_NEWER`, `STORAGE_READ_ONLY`; read-only,
 *   `STORAGE_NOT_FOUND` and `STORAGE_OLDER`; and raw errors from the driver
 */
export async function prepareServer(
  pool: PostgresPool,
  place: PostgresPlace,
  readOnly: boolean,
): Promise<{ readonly hasInbox: boolean }> {
  const state = await stateOf(pool.run, place);
  if (state.number < LEAST_SERVER * 10_000) throw tooOld(place, state.version);
  if (state.encoding !== "UTF8") {
    throw storageInvalid(
      place,
      `the database's encoding is ${state.encoding}`,
      "Create one that can hold any text: createdb --encoding=UTF8 --template=template0.",
    );
  }
  if (readOnly) {
    if (!state.ours) throw storageNotFound(place.label);
    const version = await versionOf(pool.run, place);
    if (version > SCHEMA_VERSION) throw storageNewer(place.label, version, SCHEMA_VERSION);
    if (version < FIRST_READABLE) throw storageOlder(place.label);
    return { hasInbox: version >= FIRST_WITH_INBOX };
  }
  if (state.follows) throw followsAnother(place);
  if (state.ours) {
    const version = await versionOf(pool.run, place);
    if (version === SCHEMA_VERSION) return { hasInbox: true };
    if (version > SCHEMA_VERSION) throw storageNewer(place.label, version, SCHEMA_VERSION);
  }
  await pool.transaction((run) => migrate(run, place));
  return { hasInbox: true };
}

/** Upgrades the tables to the current format; two processes may do this at once, and the second finds nothing to do. */
async function migrate(run: Run, place: PostgresPlace): Promise<void> {
  const { schema } = place;
  await run(statement(sql`select pg_advisory_xact_lock(hashtextextended(${`curvewise/${schema}`}, 0))`));
  const { ours, others } = await stateOf(run, place);
  if (others) {
    throw storageInvalid(
      place,
      `schema "${schema}" has tables that belong to another program`,
      "Give Curvewise its own schema: ?schema=name in the connection string.",
    );
  }
  const version = ours ? await versionOf(run, place) : 0;
  if (version > SCHEMA_VERSION) throw storageNewer(place.label, version, SCHEMA_VERSION);
  if (!ours) {
    // `if not exists` alone would require the right to create schemas even if the schema exists.
    const [found] = await run(statement(sql`select 1 from pg_namespace where nspname = ${schema}`));
    if (found === undefined) await run(statement(sql`create schema ${sql.id(schema)}`));
  }
  await run(statement(sql`set local search_path to ${sql.id(schema)}`));
  for (const step of MIGRATIONS.slice(version)) await run(statement(sql.raw(step)));
  await run(statement(sql`update format set version = ${SCHEMA_VERSION}`));
}

async function stateOf(run: Run, { schema }: PostgresPlace): Promise<ServerState> {
  // Read from the catalogue's tables: its functions may answer with what this session knew before it had the lock.
  const [state] = await run(
    statement(sql<Omit<ServerState, "ours" | "others"> & { readonly names: string[] }>`
      with named as (
        select relname::text from pg_class join pg_namespace on pg_namespace.oid = relnamespace
        where nspname = ${schema} and relname in ('format', 'studies', 'leases', 'events', 'images', 'requests')
      )
      select
        current_setting('server_version_num')::int as number,
        current_setting('server_version') as version,
        current_setting('server_encoding') as encoding,
        pg_is_in_recovery() as follows,
        array(select relname from named) as names
    `),
  );
  if (state === undefined) throw new Error("the server said nothing of itself");
  const { names, ...server } = state;
  const ours = names.includes("format");
  return { ...server, ours, others: !ours && names.length > 0 };
}

async function versionOf(run: Run, { schema }: PostgresPlace): Promise<number> {
  const [row] = await run(
    statement(sql<{ version: number }>`select version from ${sql.id(schema, "format")}`),
  );
  return row?.version ?? 0;
}
