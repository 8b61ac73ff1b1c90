import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { describe, expect, inject, it, onTestFinished } from "vitest";
import { createStudy, float } from "../../../src/api/index.js";
import { openPostgres } from "../../../src/storage/postgres.js";
import {
  ALICE,
  always,
  definitionOf,
  NOW,
  never,
  note,
  request,
} from "../../../src/testing/storage-contract/example-events.js";
import { notesOf } from "../../../src/testing/storage-contract/stored-log.js";
import { curvewise, startCurvewise, temporaryFolder } from "../../support/command-line.js";
import { exportedTrials, writeFormulaStudy } from "../../support/formula-study.js";
import { changedUrl, runSql, startPostgres } from "../../support/postgres-server.js";
import { temporaryDatabase } from "./test-database.js";

describe("a study that runs", () => {
  it("finishes as if nothing had happened when the server restarts under it, again and again", async () => {
    const server = await startPostgres();
    onTestFinished(() => server.close());
    const folder = temporaryFolder();
    writeFormulaStudy(folder, { trials: 30, steps: 10, workers: 4, stepTime: 60 });
    const { child, result } = startCurvewise(folder, "run", "study.yaml", "--storage", server.url);
    onTestFinished(() => {
      child.kill("SIGKILL");
    });
    const storage = await openPostgres(server.url);
    onTestFinished(() => storage.close());
    const events = async () => (await storage.listStudies(NOW))[0]?.events ?? 0;
    for (let restarts = 0; restarts < 3; restarts++) {
      const before = await events();
      // It is at work again.
      while ((await events()) < before + 40) await pause(20);
      await server.restart();
    }
    const { code, stderr } = await result;
    expect(code, stderr).toBe(0);

    const elsewhere = temporaryFolder();
    writeFormulaStudy(elsewhere, { trials: 30, steps: 10, workers: 4, stepTime: 1 });
    expect((await curvewise(elsewhere, "run", "study.yaml")).code).toBe(0);
    const trials = await exportedTrials(folder, "--storage", server.url);
    expect(trials).toEqual(await exportedTrials(elsewhere));
    expect(trials).toHaveLength(30);
    // None had to be tried again: the coordinator waited for the server, and the trainings for the coordinator.
    const attempts = await runSql(
      server.url,
      `select 1 from curvewise.events where body like '{"type":"attempt-started"%'`,
    );
    expect(attempts).toHaveLength(30);
  });

  it("is told, exported and deleted by the same commands, which never show the password", async () => {
    const url = await temporaryDatabase();
    const folder = temporaryFolder();
    const place = ["--storage", url];
    writeFormulaStudy(folder, { trials: 3 });
    const run = await curvewise(folder, "run", "study.yaml", ...place);
    expect(run.code, run.stderr).toBe(0);
    const database = new URL(url).pathname.slice(1);
    expect(run.stderr).toContain(`Kept in postgres://curvewise@127.0.0.1:${new URL(url).port}/${database}.`);
    expect(existsSync(join(folder, `${database}-files`, "formula", "trial-0"))).toBe(true);
    const status = await curvewise(folder, "status", "--json", ...place);
    expect(JSON.parse(status.stdout)).toMatchObject({
      database: expect.stringMatching(/^postgres:\/\/curvewise@127/),
      studies: [{ name: "formula", state: "finished", trials: { total: 3 } }],
    });
    const deletion = await curvewise(folder, "delete", "formula", "--yes", ...place);
    expect(deletion.code, deletion.stderr).toBe(0);
    expect(existsSync(join(folder, `${database}-files`, "formula"))).toBe(false);
    for (const { stdout, stderr } of [run, status, deletion]) expect(stdout + stderr).not.toContain("secret");
    expect(await runSql(url, "select * from curvewise.events limit 1")).toEqual([]);
  });

  it("fails with one clear error, and no stack, when the login is refused", async () => {
    const folder = temporaryFolder();
    writeFormulaStudy(folder);
    const url = changedUrl(inject("postgresUrl"), { password: "wrong-one" });
    const { code, stderr, stdout } = await curvewise(folder, "run", "study.yaml", "--storage", url);
    expect(code).toBe(2);
    expect(stderr.trim().split("\n")).toEqual([
      expect.stringMatching(
        /^error STORAGE_LOGIN: postgres:.* refused the connection: password authentication failed/,
      ),
      expect.stringMatching(/^hint: /),
    ]);
    expect(stdout + stderr).not.toContain("wrong-one");
  });
});

describe("many studies at once", () => {
  it("share the connections of one storage", async () => {
    const url = await temporaryDatabase();
    const storage = await openPostgres(url, { connections: 3 });
    onTestFinished(() => storage.close());
    let most = 0;
    const folder = temporaryFolder();
    const watching = new AbortController();
    const watch = (async () => {
      while (!watching.signal.aborted) {
        const rows = await runSql(
          url,
          "select 1 from pg_stat_activity where datname = current_database() and application_name = 'curvewise'",
        );
        most = Math.max(most, rows.length);
      }
    })();
    const results = await Promise.all(
      Array.from({ length: 12 }, async (_, index) => {
        const study = createStudy({
          name: `study-${index}`,
          goal: { minimize: "loss" },
          space: { x: float(0, 1) },
          storage,
          seed: index,
          folder: join(folder, `study-${index}`),
        });
        const best = await study.run(
          async (trial) => {
            for (let step = 1; step <= 3; step++) {
              await pause(2);
              await trial.report(step, { loss: trial.params.x + 1 / step });
            }
          },
          { trials: 10, workers: 2 },
        );
        const { trials } = await study.read();
        return {
          best,
          lowest: Math.min(...trials.map(({ params }) => Number(params["x"]))),
          count: trials.length,
        };
      }),
    );
    watching.abort();
    await watch;
    expect(most).toBeLessThanOrEqual(3);
    expect(most).toBeGreaterThan(1);
    for (const { best, lowest, count } of results) {
      expect(count).toBe(10);
      expect(best.params.x).toBe(lowest);
    }
    expect(await storage.listStudies(NOW)).toHaveLength(12);
  });

  it("find one set of tables, however many processes make it at once", async () => {
    const url = await temporaryDatabase();
    const storages = await Promise.all(Array.from({ length: 8 }, () => openPostgres(url)));
    onTestFinished(async () => {
      await Promise.all(storages.map((storage) => storage.close()));
    });
    await Promise.all(
      storages.map((storage, index) => storage.createStudy(definitionOf(`study ${index}`), NOW)),
    );
    for (const storage of storages) expect(await storage.listStudies(NOW)).toHaveLength(8);
  });

  it("may be kept apart by schemas in one database", async () => {
    const url = await temporaryDatabase();
    const [ours, theirs] = await Promise.all(
      ["ours", 'th"eirs'].map((schema) => openPostgres(changedUrl(url, { parameters: { schema } }))),
    );
    onTestFinished(async () => {
      await ours?.close();
      await theirs?.close();
    });
    await ours?.createStudy(definitionOf("digits"), NOW);
    expect(await theirs?.listStudies(NOW)).toEqual([]);
    await theirs?.createStudy(definitionOf("digits"), NOW);
    expect(await ours?.listStudies(NOW)).toHaveLength(1);
  });
});

describe("readers", () => {
  it("hold up no writer, however long they read", async () => {
    const url = await temporaryDatabase();
    const storage = await openPostgres(url);
    onTestFinished(() => storage.close());
    await storage.createStudy(definitionOf("digits"), NOW);
    const lease = await storage.acquire("digits", request(ALICE));
    await storage.append(lease, [note("1")]);
    const reader = new pg.Client(url);
    await reader.connect();
    onTestFinished(() => reader.end());
    await reader.query("begin isolation level repeatable read");
    const count = "select count(*)::int from curvewise.events";
    expect((await reader.query(count)).rows).toEqual([{ count: 2 }]);
    await storage.append(lease, [note("2")]);
    await storage.writeImage(lease, { events: 3, body: "image" });
    expect(await notesOf(storage, "digits")).toEqual(["1", "2"]);
    await storage.release(lease);
    await storage.deleteStudy("digits", { now: NOW, isGone: never });
    expect((await reader.query(count)).rows).toEqual([{ count: 2 }]);
    await reader.query("commit");
    expect((await reader.query(count)).rows).toEqual([{ count: 0 }]);
  });

  it("find a trial's events by an index, in a log of any length", async () => {
    const url = await temporaryDatabase();
    const storage = await openPostgres(url);
    onTestFinished(() => storage.close());
    await storage.createStudy(definitionOf("digits"), NOW);
    const lease = await storage.acquire("digits", { ...request(ALICE), isGone: always });
    for (let part = 0; part < 10; part++) {
      await storage.append(
        lease,
        Array.from({ length: 5_000 }, (_, index) => ({
          ...note("n"),
          trial: (part * 5_000 + index) % 1_000,
        })),
      );
    }
    const plan = await runSql(
      url,
      "analyze curvewise.events",
      `explain (format json) select sequence, body from curvewise.events
        where study_id = 1 and sequence > 0 and sequence <= 50001 and trial = 7 order by sequence limit 200`,
    );
    expect(JSON.stringify(plan)).toContain("events_of_trial");
  });
});
