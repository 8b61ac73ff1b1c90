import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it, onTestFinished } from "vitest";
import type { Lease, Storage } from "../../../src/core/storage.js";
import { createRandom } from "../../../src/math/random.js";
import { openPostgres, type PostgresOptions } from "../../../src/storage/postgres.js";
import {
  ALICE,
  always,
  BOB,
  definitionOf,
  NOW,
  note,
  request,
} from "../../../src/testing/storage-contract/example-events.js";
import { eventsOf, logOf, notesOf } from "../../../src/testing/storage-contract/stored-log.js";
import { type FaultyNetwork, faultyNetwork } from "../../support/faulty-network.js";
import { changedUrl, type PostgresServer, runSql, startPostgres } from "../../support/postgres-server.js";
import { temporaryDatabase } from "./test-database.js";

const CALLERS = 4;
const CALLS = 60;

/** Callers that each append pairs of numbered notes, one call after the other. */
async function appendPairs(storage: Storage, lease: Lease, calls = CALLS, from = 0): Promise<void> {
  await Promise.all(
    Array.from({ length: CALLERS }, async (_, caller) => {
      for (let call = from; call < from + calls; call++) {
        await storage.append(lease, [note(`${caller} ${call} first`), note(`${caller} ${call} second`)]);
      }
    }),
  );
}

/** Each call's two notes are there once, beside each other, and in the order of the caller's calls. */
async function expectPairs(storage: Storage, calls = CALLS): Promise<void> {
  const notes = await notesOf(storage, "digits");
  expect(notes).toHaveLength(CALLERS * calls * 2);
  const firsts = notes.filter((_, index) => index % 2 === 0);
  expect(notes.filter((_, index) => index % 2 === 1)).toEqual(
    firsts.map((text) => text.replace("first", "second")),
  );
  for (let caller = 0; caller < CALLERS; caller++) {
    expect(firsts.filter((text) => text.startsWith(`${caller} `))).toEqual(
      Array.from({ length: calls }, (_, call) => `${caller} ${call} first`),
    );
  }
  const sequences = (await logOf(storage, "digits")).map(({ sequence }) => sequence);
  expect(sequences).toEqual(sequences.map((_, index) => index + 1));
  const [study] = await storage.listStudies(NOW);
  expect(study?.events).toBe(sequences.length);
}

async function opened(url: string, options?: PostgresOptions): Promise<Storage> {
  const storage = await openPostgres(url, options);
  onTestFinished(() => storage.close());
  return storage;
}

async function begun(storage: Storage): Promise<Lease> {
  await storage.createStudy(definitionOf("digits"), NOW);
  return storage.acquire("digits", request(ALICE));
}

describe("a server that goes away in the middle", () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.close());
  beforeEach(() => runSql(server.url, "drop schema if exists curvewise cascade"));

  it("costs no event and doubles none, however often it restarts", async () => {
    const storage = await opened(server.url);
    const lease = await begun(storage);
    const done = { restarts: 0 };
    const restarting = (async () => {
      for (; done.restarts < 4; done.restarts++) {
        await pause(150);
        await server.restart();
      }
    })();
    // They go on for as long as there are restarts: how long those take is the machine's affair.
    let rounds = 0;
    const seen: string[] = [];
    while (done.restarts < 4) {
      await storage.append(lease, [note(`${rounds}`)]);
      seen.push(`${rounds}`);
      rounds += 1;
    }
    await restarting;
    expect(await notesOf(storage, "digits")).toEqual(seen);
    await appendPairs(storage, lease, 5);
  });

  it("does not disturb what reads, and what lists", async () => {
    const storage = await opened(server.url);
    const lease = await begun(storage);
    await storage.append(
      lease,
      Array.from({ length: 3_000 }, (_, index) => note(`${index}`)),
    );
    const numbers: number[] = [];
    for await (const { sequence } of storage.readEvents("digits")) {
      numbers.push(sequence);
      if (sequence === 150) await server.restart();
    }
    expect(numbers).toEqual(Array.from({ length: 3_001 }, (_, index) => index + 1));
    const stopped = server.stop();
    const listing = storage.listStudies(NOW);
    await stopped;
    const [studies] = await Promise.all([listing, server.start()]);
    expect(studies).toHaveLength(1);
  });

  it("is waited for, then given up with a clear error; what was acknowledged is kept", async () => {
    const storage = await opened(server.url, { patience: 1_500 });
    const lease = await begun(storage);
    await storage.append(lease, [note("kept")]);
    await server.stop();
    const results = await Promise.allSettled([
      storage.append(lease, [note("1")]),
      storage.append(lease, [note("2")]),
      storage.renew(lease, NOW, 1000),
      storage.listStudies(NOW),
    ]);
    await server.start();
    for (const result of results) {
      expect(result).toMatchObject({
        status: "rejected",
        reason: {
          code: "STORAGE_FAILED",
          kind: "failure",
          message: expect.stringMatching(
            /^the connection to postgres:\/\/curvewise@127\.0\.0\.1:\d+\/postgres was lost .* within 2 s/,
          ),
          hint: expect.stringMatching(/Run the study again/),
        },
      });
    }
    expect(await notesOf(storage, "digits")).toEqual(["kept"]);
    // The lease outlived the server, and so did the count of the log.
    await storage.append(lease, [note("later")]);
    expect(await notesOf(storage, "digits")).toEqual(["kept", "later"]);
  });

  it("is refused at once when it is not there at the beginning", async () => {
    await server.stop();
    const opening = openPostgres(server.url);
    await expect(opening).rejects.toMatchObject({ code: "STORAGE_UNREACHABLE", kind: "failure" });
    await server.start();
  });
});

describe("connections that the server ends", () => {
  it("cost no event and double none", async () => {
    const url = await temporaryDatabase();
    const storage = await opened(url);
    const lease = await begun(storage);
    let ended = 0;
    let calls = 0;
    while (ended < 10) {
      const appending = appendPairs(storage, lease, 10, calls);
      calls += 10;
      await pause(10);
      const rows = await runSql(
        inject("postgresUrl"),
        `select pg_terminate_backend(pid) from pg_stat_activity
          where datname = '${new URL(url).pathname.slice(1)}' and application_name = 'curvewise'`,
      );
      ended += rows.length;
      await appending;
    }
    await expectPairs(storage, calls);
    expect(await eventsOf(storage, "digits")).toHaveLength(1 + CALLERS * calls * 2);
  });
});

describe("a network that breaks connections", () => {
  const random = createRandom(Date.now(), 0, 0);
  let network: FaultyNetwork;
  let url: string;
  let through: string;

  async function disturbed(): Promise<Storage> {
    url = await temporaryDatabase();
    network = await faultyNetwork(Number(new URL(url).port), () => random.uniform());
    onTestFinished(() => network.close());
    through = changedUrl(url, { port: network.port });
    return opened(through);
  }

  it.each(["answers get lost", "questions get cut off"] as const)(
    "when %s, costs no event and doubles none",
    async (weather) => {
      const storage = await disturbed();
      const lease = await begun(storage);
      network.weather = weather;
      let calls = 0;
      for (; network.broken() < 8; calls += 10) await appendPairs(storage, lease, 10, calls);
      network.weather = "fine";
      await expectPairs(storage, calls);
      expect(await eventsOf(storage, "digits")).toHaveLength(1 + CALLERS * calls * 2);
    },
  );

  it("when answers get lost, does all else once too", async () => {
    const storage = await disturbed();
    network.weather = "answers get lost";
    const names = Array.from({ length: 60 }, (_, index) => `study ${index}`);
    for (const name of names) {
      await storage.createStudy(definitionOf(name), NOW);
      const lease = await storage.acquire(name, request(ALICE));
      await storage.append(lease, [note(name)]);
      await storage.renew(lease, NOW, 60_000);
      await storage.writeImage(lease, { events: 2, body: name });
      await storage.release(lease);
      const next = await storage.acquire(name, request(BOB));
      expect(next.fence).toBeGreaterThan(lease.fence);
    }
    const listed = await storage.listStudies(NOW);
    expect(listed.map(({ name, events, holder }) => ({ name, events, holder }))).toEqual(
      names.map((name) => ({ name, events: 2, holder: BOB })),
    );
    for (const name of names) await storage.deleteStudy(name, { now: NOW, isGone: always });
    expect(await storage.listStudies(NOW)).toEqual([]);
    expect(network.broken()).toBeGreaterThan(2);
  });

  it("still tells when a study exists, and when another one holds it", async () => {
    const storage = await disturbed();
    await begun(storage);
    network.weather = "answers get lost";
    for (let time = 0; time < 40; time++) {
      await expect(storage.createStudy(definitionOf("digits"), NOW + 1)).rejects.toMatchObject({
        code: "STUDY_EXISTS",
      });
      await expect(storage.acquire("digits", request(BOB))).rejects.toMatchObject({ code: "STUDY_OWNED" });
      await expect(storage.acquire("digits", request(ALICE))).rejects.toMatchObject({ code: "STUDY_OWNED" });
    }
    expect(await eventsOf(storage, "digits")).toHaveLength(1);
  });

  it("while the server is at work: what it does late counts, and is not done again", async () => {
    const storage = await disturbed();
    const lease = await begun(storage);
    const blocker = new pg.Client(url);
    await blocker.connect();
    onTestFinished(() => blocker.end());
    await blocker.query("begin");
    await blocker.query("select * from curvewise.studies for update");
    const appending = storage.append(lease, [note("once")]);
    const waiting = async (count: number) => {
      for (;;) {
        const rows = await runSql(
          url,
          "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
        );
        if (rows.length >= count) return;
        await pause(20);
      }
    };
    await waiting(1);
    network.breakAll();
    // The first try still waits for the lock at the server, and the second one behind it.
    await waiting(2);
    await blocker.query("commit");
    await appending;
    expect(await notesOf(storage, "digits")).toEqual(["once"]);
    await storage.append(lease, [note("twice")]);
    expect(await notesOf(storage, "digits")).toEqual(["once", "twice"]);
  });

  it("and tells nobody is noticed by the lack of answers", async () => {
    await disturbed();
    const storage = await opened(changedUrl(through, { parameters: { query_timeout: "700" } }));
    const lease = await begun(storage);
    network.weather = "silent";
    const appending = storage.append(lease, [note("through the silence")]);
    await pause(1_000);
    network.weather = "fine";
    await appending;
    expect(await notesOf(storage, "digits")).toEqual(["through the silence"]);
  });
});
