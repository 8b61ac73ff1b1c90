import pg from "pg";
import type { Storage } from "../../../src/core/storage.js";
import { changedUrl } from "../../support/postgres-server.js";

/** The server's clock, as one database sees it. */
export interface ServerClock {
  /** A connection string for sessions that see this clock. */
  readonly url: string;
  /** A storage whose server has come to the moment that each call names, while the caller's own clock is far off. */
  under(storage: Storage): Storage;
  close(): Promise<void>;
}

/** How far the callers' clocks are off, in milliseconds. */
const OFF = [-3_600_000, 3_600_000, 7 * 86_400_000];

/**
 * Gives a database a clock that tests can set: a function of the clock's name that sessions find before PostgreSQL's
 * own one. What is tested does not know.
 */
export async function serverClock(url: string): Promise<ServerClock> {
  const client = new pg.Pool({ connectionString: url, max: 1 });
  // The test drops the database under it.
  client.on("error", () => {});
  await client.query(`
    create schema clock;
    create table clock.present (moment timestamptz not null);
    insert into clock.present values (now());
    create function clock.clock_timestamp() returns timestamptz language sql volatile
      as 'select moment from clock.present';
  `);
  const set = async (now: number): Promise<void> => {
    await client.query("update clock.present set moment = to_timestamp($1::float8 / 1000)", [now]);
  };
  let calls = 0;
  const off = (now: number): number => {
    calls += 1;
    return now + (OFF[calls % OFF.length] ?? 0);
  };
  return {
    url: changedUrl(url, { parameters: { options: "-c search_path=clock,pg_catalog" } }),
    under: (storage) => ({
      ...storage,
      listStudies: async (now) => {
        await set(now);
        return storage.listStudies(off(now));
      },
      deleteStudy: async (study, request) => {
        await set(request.now);
        return storage.deleteStudy(study, { ...request, now: off(request.now) });
      },
      acquire: async (study, request) => {
        await set(request.now);
        return storage.acquire(study, { ...request, now: off(request.now) });
      },
      renew: async (lease, now, duration) => {
        await set(now);
        return storage.renew(lease, off(now), duration);
      },
    }),
    close: () => client.end(),
  };
}
