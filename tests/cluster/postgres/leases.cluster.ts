import pg from "pg";
import { describe, expect, it, onTestFinished } from "vitest";
import { isCurvewiseError } from "../../../src/core/errors.js";
import type { Holder, Storage } from "../../../src/core/storage.js";
import { createRandom } from "../../../src/math/random.js";
import { openPostgres } from "../../../src/storage/postgres.js";
import {
  ALICE,
  always,
  BOB,
  definitionOf,
  HOUR,
  NOW,
  note,
  request,
} from "../../../src/testing/storage-contract/example-events.js";
import { notesOf, refusal } from "../../../src/testing/storage-contract/stored-log.js";
import { runSql } from "../../support/postgres-server.js";
import { temporaryDatabase } from "./test-database.js";

async function opened(url: string): Promise<Storage> {
  const storage = await openPostgres(url);
  onTestFinished(() => storage.close());
  return storage;
}

/** Waits until so many sessions of a database wait for a lock. */
async function untilWaiting(url: string, count: number): Promise<void> {
  for (;;) {
    const rows = await runSql(
      url,
      "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
    );
    if (rows.length >= count) return;
  }
}

describe("a holder that was succeeded", () => {
  it("appends nothing, also when its append was asked for before and arrives later", async () => {
    const url = await temporaryDatabase();
    const [alice, bob] = [await opened(url), await opened(url)];
    await alice.createStudy(definitionOf("digits"), NOW);
    const old = await alice.acquire("digits", request(ALICE));
    await alice.append(old, [note("good")]);

    const blocker = new pg.Client(url);
    await blocker.connect();
    onTestFinished(() => blocker.end());
    await blocker.query("begin");
    await blocker.query("select * from curvewise.studies for update");
    // Bob waits at the server for the study's row, and Alice's append behind him.
    const acquiring = bob.acquire("digits", { ...request(BOB), isGone: always });
    await untilWaiting(url, 1);
    const appending = alice.append(old, [note("late")]);
    // Marks the refusal as awaited below.
    appending.catch(() => {});
    await untilWaiting(url, 2);
    await blocker.query("commit");
    const lease = await acquiring;
    await expect(appending).rejects.toMatchObject(refusal("LEASE_LOST", /bob\.example/));
    await bob.append(lease, [note("next")]);
    expect(await notesOf(bob, "digits")).toEqual(["good", "next"]);
  });

  it("is waited for when its append came first: the next one sees it in the log", async () => {
    const url = await temporaryDatabase();
    const [alice, bob] = [await opened(url), await opened(url)];
    await alice.createStudy(definitionOf("digits"), NOW);
    const old = await alice.acquire("digits", request(ALICE));
    const blocker = new pg.Client(url);
    await blocker.connect();
    onTestFinished(() => blocker.end());
    await blocker.query("begin");
    await blocker.query("select * from curvewise.studies for update");
    const appending = alice.append(old, [note("in time")]);
    await untilWaiting(url, 1);
    const acquiring = bob.acquire("digits", { ...request(BOB), isGone: always });
    await untilWaiting(url, 2);
    await blocker.query("commit");
    await appending;
    const lease = await acquiring;
    expect(await notesOf(bob, "digits")).toEqual(["in time"]);
    await bob.append(lease, [note("next")]);
    await expect(alice.append(old, [note("late")])).rejects.toMatchObject(refusal("LEASE_LOST", /bob/));
    expect(await notesOf(bob, "digits")).toEqual(["in time", "next"]);
  });

  it("never writes between the events of its successors, whoever takes the study when", async () => {
    const url = await temporaryDatabase();
    const random = createRandom(Date.now(), 0, 0);
    const storages = await Promise.all(Array.from({ length: 4 }, () => opened(url)));
    await storages[0]?.createStudy(definitionOf("digits"), NOW);
    const acknowledged: string[] = [];
    const fenceOf = (text: string): number => Number(text.split(" ")[0]);
    const fencesOf = (texts: readonly string[]): Set<number> => new Set(texts.map(fenceOf));
    await Promise.all(
      storages.map(async (storage, index) => {
        const holder: Holder = { host: `host-${index}`, pid: index, started: "then" };
        // On a busy machine few get to write before the next one takes the study.
        for (let turn = 0; turn < 25 || fencesOf(acknowledged).size <= 10; turn++) {
          // Everyone takes the study from whoever has it, as if all leases had lapsed.
          const lease = await storage.acquire("digits", { holder, now: NOW, duration: HOUR, isGone: always });
          const calls = Array.from({ length: 1 + Math.floor(random.uniform() * 4) }, async (_, call) => {
            const text = `${lease.fence} ${call}`;
            try {
              await storage.append(lease, [note(text)]);
              acknowledged.push(text);
            } catch (error) {
              if (!isCurvewiseError(error) || error.code !== "LEASE_LOST") throw error;
            }
          });
          await Promise.all(calls);
        }
      }),
    );
    const notes = await notesOf(storages[0] ?? (await opened(url)), "digits");
    expect(notes.toSorted()).toEqual(acknowledged.toSorted());
    const fences = notes.map(fenceOf);
    expect(fences).toEqual(fences.toSorted((a, b) => a - b));
  });
});

describe("the clocks of hosts", () => {
  it.each([-HOUR, HOUR])(
    "do not matter: one that is off by %d ms neither takes too soon nor keeps too long",
    async (off) => {
      const url = await temporaryDatabase();
      const storage = await opened(url);
      const now = Date.now() + off;
      await storage.createStudy(definitionOf("digits"), now);
      const holder = { ...ALICE };
      await storage.acquire("digits", { holder, now, duration: 2_000, isGone: () => false });
      // To Bob's clock, which is right, Alice's lease lapsed an hour ago, or lapses in an hour.
      const asked = { ...request(BOB), now: Date.now(), duration: 2_000 };
      await expect(storage.acquire("digits", asked)).rejects.toMatchObject({ code: "STUDY_OWNED" });
      expect((await storage.listStudies(now))[0]?.holder).toEqual(ALICE);
      await runSql(url, "select pg_sleep(2)");
      await expect(storage.acquire("digits", asked)).resolves.toMatchObject({ holder: BOB });
    },
  );
});
