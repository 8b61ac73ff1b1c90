import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ALICE, definitionOf, NOW, request } from "../testing/storage-contract/example-events.js";
import { notesOf } from "../testing/storage-contract/stored-log.js";
import { openSqlite } from "./sqlite.js";

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "curvewise-processes-"));
  path = join(folder, "studies.db");
});
afterEach(() => rmSync(folder, { recursive: true }));

type Started = ChildProcess & { readonly lines: string[]; readonly read: Promise<unknown> };

/** A separate process that uses the built storage on the same file. */
function start(script: string): Started {
  const storage = JSON.stringify(new URL("../../dist/storage/index.js", import.meta.url).href);
  const program = `
    import { openSqlite } from ${storage};
    const path = ${JSON.stringify(path)};
    const holder = { host: "child", pid: process.pid, started: "now" };
    const lease = { holder, now: ${NOW}, duration: 1e12, isGone: () => true };
    const note = (message) => ({ type: "note", code: "TEST", message, time: ${NOW} });
    ${script}
  `;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout }).on("line", (line) => lines.push(line));
  return Object.assign(child, { lines, read: once(reader, "close") });
}

/** Waits until a process has ended and all its output has been read. */
async function ended(child: Started): Promise<void> {
  await Promise.all([once(child, "close"), child.read]);
}

describe("a writer that is killed at any moment", () => {
  it("loses no acknowledged event, duplicates none and leaves no gap", async () => {
    const setUp = await openSqlite(path);
    await setUp.createStudy(definitionOf("digits"), NOW);
    await setUp.close();
    let kept = 0;
    for (let round = 0; round < 10; round++) {
      // Four callers at a time; every call appends two events that must appear together.
      const child = start(`
        const storage = await openSqlite(path);
        const held = await storage.acquire("digits", lease);
        let next = ${kept};
        console.log("begun");
        await Promise.all(Array.from({ length: 4 }, async () => {
          for (;;) {
            const number = next;
            next += 2;
            await storage.append(held, [note(String(number)), note(String(number + 1))]);
            process.stdout.write(number + 1 + "\\n");
          }
        }));
      `);
      while (child.lines.length < 2) await pause(1);
      await pause(Math.random() * 200);
      const closed = ended(child);
      child.kill("SIGKILL");
      await closed;
      const acknowledged = Math.max(kept - 1, ...child.lines.slice(1).map(Number));

      const storage = await openSqlite(path);
      const numbers = (await notesOf(storage, "digits")).map(Number);
      await storage.close();
      expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, index) => index));
      expect(numbers.length).toBeGreaterThan(acknowledged);
      expect(numbers.length % 2).toBe(0);
      expect(child.lines.length).toBeGreaterThan(1);
      kept = numbers.length;
    }
  });
});

describe("several processes at once", () => {
  it("can create the same database and write their own studies to it", async () => {
    const children = ["a", "b", "c"].map((study) =>
      start(`
        const storage = await openSqlite(path);
        const definition = { ...${JSON.stringify(definitionOf(study))} };
        await storage.createStudy(definition, ${NOW});
        const held = await storage.acquire("${study}", lease);
        for (let index = 0; index < 100; index++) await storage.append(held, [note(String(index))]);
        await storage.close();
        console.log("done");
      `),
    );
    await Promise.all(children.map(ended));
    expect(children.map(({ lines }) => lines)).toEqual([["done"], ["done"], ["done"]]);
    const storage = await openSqlite(path);
    const numbers = Array.from({ length: 100 }, (_, index) => `${index}`);
    for (const study of ["a", "b", "c"]) expect(await notesOf(storage, study)).toEqual(numbers);
    await storage.close();
  });

  it("that ask for the same study: one gets it, the others are told who has it", async () => {
    const setUp = await openSqlite(path);
    await setUp.createStudy(definitionOf("digits"), NOW);
    const children = Array.from({ length: 3 }, () =>
      start(`
        const storage = await openSqlite(path);
        try {
          await storage.acquire("digits", { ...lease, isGone: () => false });
          console.log("mine " + process.pid);
        } catch (error) {
          console.log(error.code + " " + error.message);
        }
        await storage.close();
      `),
    );
    await Promise.all(children.map(ended));
    const answers = children.flatMap(({ lines }) => lines);
    const winner = answers.find((line) => line.startsWith("mine "))?.slice(5);
    const others = answers.filter((line) =>
      line.startsWith(`STUDY_OWNED study "digits" is held by process ${winner} `),
    );
    expect([answers.length, others.length]).toEqual([3, 2]);
    await setUp.close();
  });

  it("wait for one that locks the file, without blocking their own event loop", async () => {
    const setUp = await openSqlite(path);
    await setUp.createStudy(definitionOf("digits"), NOW);
    const held = await setUp.acquire("digits", request(ALICE));
    const libsql = JSON.stringify(import.meta.resolve("libsql"));
    const child = start(`
      const { default: Database } = await import(${libsql});
      const database = new Database(path);
      database.exec("BEGIN IMMEDIATE");
      console.log("locked");
      process.stdin.once("data", () => {
        console.log("free");
        database.exec("COMMIT");
        process.stdin.destroy();
      });
    `);
    while (child.lines.length === 0) await pause(5);
    const closed = ended(child);
    const writing = setUp.append(held, [{ type: "note", code: "TEST", message: "at last", time: NOW }]);
    for (let turn = 0; turn < 20; turn++) await pause(20);
    expect(await Promise.race([writing, pause(1, "waits")])).toBe("waits");
    child.stdin?.write("go\n");
    await Promise.all([writing, closed]);
    expect(child.lines).toEqual(["locked", "free"]);
    expect(await notesOf(setUp, "digits")).toEqual(["at last"]);
    await setUp.close();
  });
});

describe("opening a file that this process already has open", () => {
  it("leaves the other connection its locks, so that no other process can remove the log beneath it", async () => {
    const storage = await openSqlite(path);
    // A connection holds its lock from its first transaction in the log.
    await storage.createStudy(definitionOf("digits"), NOW);
    for (const readOnly of [true, false]) await (await openSqlite(path, { readOnly })).close();
    const child = start(`
      const { default: Database } = await import("libsql");
      const database = new Database(path);
      try {
        console.log(database.prepare("PRAGMA journal_mode = DELETE").raw().get([])[0]);
      } catch (error) {
        console.log(error.message);
      }
    `);
    await ended(child);
    await storage.close();
    expect(child.lines).toEqual(["database is locked"]);
  });
});
