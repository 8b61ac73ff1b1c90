import { execFileSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "libsql";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ALICE, definitionOf, NOW, note, request } from "../testing/storage-contract/example-events.js";
import { notesOf, refusal } from "../testing/storage-contract/stored-log.js";
import { openSqlite } from "./sqlite.js";

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "curvewise-refusals-"));
  path = join(folder, "studies.db");
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A database with one study and one note, closed again. */
async function filled(): Promise<void> {
  const storage = await openSqlite(path);
  await storage.createStudy(definitionOf("digits"), NOW);
  const lease = await storage.acquire("digits", request(ALICE));
  await storage.append(lease, [note("kept")]);
  await storage.release(lease);
  await storage.close();
}

describe("openSqlite refuses, without touching it,", () => {
  it.each([
    ["a text", "study: digits\n".repeat(50)],
    ["a short text", "x"],
    ["a broken header", `SQLite format 2\0${"\0".repeat(4080)}`],
  ])("%s", async (_, content) => {
    writeFileSync(path, content);
    for (const readOnly of [true, false]) {
      await expect(openSqlite(path, { readOnly })).rejects.toMatchObject(
        refusal("STORAGE_INVALID", /studies\.db/),
      );
    }
    expect(readFileSync(path, "latin1")).toBe(content);
    expect(readdirSync(folder)).toEqual(["studies.db"]);
  });

  it("an SQLite database of another program", async () => {
    const other = new Database(path);
    other.exec("CREATE TABLE events (mine TEXT); PRAGMA user_version = 1");
    other.close();
    const before = readFileSync(path);
    for (const readOnly of [true, false]) {
      const refused = refusal("STORAGE_INVALID", /another program/);
      await expect(openSqlite(path, { readOnly })).rejects.toMatchObject(refused);
    }
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(readdirSync(folder)).toEqual(["studies.db"]);
  });

  it("a database of a newer Curvewise", async () => {
    await filled();
    const newer = new Database(path);
    newer.exec("PRAGMA user_version = 99; PRAGMA wal_checkpoint(TRUNCATE)");
    newer.close();
    const before = readFileSync(path);
    for (const readOnly of [true, false]) {
      await expect(openSqlite(path, { readOnly })).rejects.toMatchObject({
        ...refusal("STORAGE_NEWER", /version 99/),
        hint: expect.stringMatching(/Update Curvewise/),
      });
    }
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it("a folder", async () => {
    mkdirSync(path);
    await expect(openSqlite(path)).rejects.toMatchObject(refusal("STORAGE_INVALID", /folder/));
  });
});

describe("openSqlite starts a new database", () => {
  it("in an empty file", async () => {
    writeFileSync(path, "");
    await expect(openSqlite(path, { readOnly: true })).rejects.toMatchObject(
      refusal("STORAGE_INVALID", /empty/),
    );
    await filled();
  });

  it("in an empty database, such as a process leaves if it is killed at the beginning", async () => {
    const empty = new Database(path);
    empty.exec("PRAGMA auto_vacuum = INCREMENTAL");
    empty.close();
    expect(readFileSync(path).length).toBeGreaterThan(0);
    await expect(openSqlite(path, { readOnly: true })).rejects.toMatchObject(
      refusal("STORAGE_INVALID", /empty/),
    );
    await filled();
  });

  it("never below something that is not a folder", async () => {
    const file = join(folder, "file");
    writeFileSync(file, "");
    await expect(openSqlite(join(file, "studies.db"))).rejects.toMatchObject(
      refusal("STORAGE_NOT_FOUND", /file/),
    );
  });
});

describe("openSqlite names what is missing:", () => {
  it("the folder", async () => {
    const lost = join(folder, "no", "studies.db");
    for (const readOnly of [true, false]) {
      const refused = refusal("STORAGE_NOT_FOUND", /\/no /);
      await expect(openSqlite(lost, { readOnly })).rejects.toMatchObject(refused);
    }
  });

  it("the file, when opened read-only", async () => {
    await expect(openSqlite(path, { readOnly: true })).rejects.toMatchObject({
      ...refusal("STORAGE_NOT_FOUND", /studies\.db/),
      hint: expect.stringMatching(/--storage/),
    });
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe("a database opened read-only", () => {
  it("can be read completely and refuses all changes", async () => {
    await filled();
    const storage = await openSqlite(path, { readOnly: true });
    expect(await notesOf(storage, "digits")).toEqual(["kept"]);
    const refused = refusal("STORAGE_READ_ONLY", /studies\.db/);
    await expect(storage.createStudy(definitionOf("x"), NOW)).rejects.toMatchObject(refused);
    await expect(storage.acquire("digits", request(ALICE))).rejects.toMatchObject(refused);
    await storage.close();
  });

  it("shows what a writer adds meanwhile", async () => {
    await filled();
    const writer = await openSqlite(path);
    const reader = await openSqlite(path, { readOnly: true });
    const lease = await writer.acquire("digits", request(ALICE));
    await writer.append(lease, [note("new")]);
    expect(await notesOf(reader, "digits")).toEqual(["kept", "new"]);
    await reader.close();
    await writer.close();
  });
});

describe("a database from before there were inboxes", () => {
  /** Version 1, whose only difference is that it lacks the table of requests. */
  async function older(): Promise<void> {
    await filled();
    const database = new Database(path);
    database.exec("DROP TABLE requests; PRAGMA user_version = 1; PRAGMA wal_checkpoint(TRUNCATE)");
    database.close();
  }

  it("can be read as it is, with empty inboxes, and is not changed by that", async () => {
    await older();
    const before = readFileSync(path);
    const storage = await openSqlite(path, { readOnly: true });
    expect(await notesOf(storage, "digits")).toEqual(["kept"]);
    expect(await storage.listRequests("digits")).toEqual([]);
    await storage.close();
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it("gets them when it is opened to write, and loses nothing", async () => {
    await older();
    const storage = await openSqlite(path);
    const asked = { by: "ana", action: { kind: "pause" } } as const;
    const number = await storage.addRequest("digits", asked, NOW);
    expect(await storage.listRequests("digits")).toEqual([{ number, time: NOW, request: asked }]);
    expect(await notesOf(storage, "digits")).toEqual(["kept"]);
    await storage.close();
  });
});

describe("a damaged database", () => {
  it("is reported as damaged", async () => {
    const storage = await openSqlite(path);
    await storage.createStudy(definitionOf("digits"), NOW);
    const lease = await storage.acquire("digits", request(ALICE));
    await storage.append(
      lease,
      Array.from({ length: 2_000 }, (_, index) => note(`${index}`)),
    );
    await storage.close();
    const bytes = readFileSync(path);
    const damaged = join(folder, "damaged.db");
    writeFileSync(damaged, bytes.fill(0x5a, 8_192));
    const opened = (async () => {
      const reading = await openSqlite(damaged, { readOnly: true });
      try {
        await notesOf(reading, "digits");
      } finally {
        await reading.close();
      }
    })();
    await expect(opened).rejects.toMatchObject(refusal("STORAGE_INVALID", /damaged/));
  });
});

/** Replaces a file as programs do that synchronise folders: a copy is written beside it, then renamed over it. */
function replace(file: string): void {
  copyFileSync(file, `${file}.new`);
  renameSync(`${file}.new`, file);
}

/** The copies that were kept of a database that was deleted or replaced. */
const keptCopies = (): string[] =>
  readdirSync(folder)
    .filter((name) => name.startsWith("studies.db.kept-"))
    .map((name) => join(folder, name));

/** The notes of `digits` in a database. */
async function notesIn(file: string): Promise<string[]> {
  const storage = await openSqlite(file);
  try {
    return await notesOf(storage, "digits");
  } finally {
    await storage.close();
  }
}

describe.each([
  { what: "deleted", disturb: () => unlinkSync(path) },
  { what: "moved away", disturb: () => renameSync(path, join(folder, "elsewhere")) },
  { what: "replaced by a copy", disturb: () => replace(path) },
])("a database whose file is $what while in use", ({ what, disturb }) => {
  const refused = {
    ...refusal("STORAGE_FAILED", /deleted or replaced/),
    hint: expect.stringContaining("studies.db.kept-"),
  };

  it("refuses more events, and keeps a copy with all that it had acknowledged", async () => {
    await filled();
    const storage = await openSqlite(path);
    const lease = await storage.acquire("digits", request(ALICE));
    await storage.append(lease, [note("acknowledged")]);
    disturb();
    await expect(storage.append(lease, [note("lost")])).rejects.toMatchObject(refused);
    await expect(storage.release(lease)).rejects.toMatchObject(refused);
    await storage.close();
    const copies = keptCopies();
    expect(copies).toHaveLength(1);
    expect(await notesIn(copies[0] ?? "")).toEqual(["kept", "acknowledged"]);
  });

  it("says so at the end at the latest, and leaves the log to a copy of the file", async () => {
    await filled();
    const storage = await openSqlite(path);
    const lease = await storage.acquire("digits", request(ALICE));
    await storage.append(lease, [note("acknowledged")]);
    await storage.release(lease);
    const log = readFileSync(`${path}-wal`);
    expect(log.length).toBeGreaterThan(0);
    disturb();
    await expect(storage.close()).rejects.toMatchObject(refused);
    expect(readFileSync(`${path}-wal`).equals(log)).toBe(true);
    const whole = [...keptCopies(), ...(what === "replaced by a copy" ? [path] : [])];
    for (const file of whole) expect(await notesIn(file), file).toEqual(["kept", "acknowledged"]);
    expect(whole.length).toBeGreaterThan(0);
  });

  it("keeps no copy for a process that wrote nothing", async () => {
    await filled();
    const storage = await openSqlite(path);
    disturb();
    await expect(storage.close()).rejects.toMatchObject(refusal("STORAGE_FAILED", /deleted or replaced/));
    expect(keptCopies()).toEqual([]);
  });
});

it("what a deletion that was killed left in the tables is removed by the next process that opens them", async () => {
  await filled();
  const killed = new Database(path);
  // As far as a deletion gets before it removes the events.
  killed.exec("UPDATE studies SET name = NULL; DELETE FROM leases");
  killed.close();
  const storage = await openSqlite(path);
  await storage.createStudy(definitionOf("digits"), NOW);
  const left = new Database(path);
  const count = (table: string) => left.prepare(`SELECT count(*) AS n FROM ${table}`).get([]);
  await expect
    .poll(() => [count("studies"), count("events")], { timeout: 30_000 })
    .toMatchObject([{ n: 1 }, { n: 1 }]);
  left.close();
  await storage.close();
});

describe("where nothing can be written", () => {
  /**
   * Runs a script without write access to the folder: root, who may write anything, becomes the user nobody first. The
   * modules are loaded before that, since nobody may be unable to read them.
   */
  function readOnlyScript(script: string): unknown {
    const storage = JSON.stringify(new URL("../../dist/storage/index.js", import.meta.url).href);
    const program = `
      const { openSqlite } = await import(${storage});
      await openSqlite("/nonexistent/x").catch(() => undefined);
      if (process.getuid() === 0) { process.setgroups([]); process.setgid(65534); process.setuid(65534); }
      const path = ${JSON.stringify(path)};
      const codeOf = (promise) => promise.then(() => "none", (error) => error.code + " " + error.message);
      async function notes() {
        const storage = await openSqlite(path, { readOnly: true });
        const messages = [];
        for await (const { event } of storage.readEvents("digits")) if (event.type === "note") messages.push(event.message);
        await storage.close();
        return messages;
      }
      ${script}
    `;
    chmodSync(folder, 0o755);
    for (const file of readdirSync(folder)) chmodSync(join(folder, file), 0o444);
    chmodSync(folder, 0o555);
    try {
      const output = execFileSync(process.execPath, ["--input-type=module", "-e", program], {
        encoding: "utf8",
      });
      return JSON.parse(output);
    } finally {
      chmodSync(folder, 0o755);
    }
  }

  it("a database can be read but not written", async () => {
    await filled();
    for (const file of readdirSync(folder)) if (file !== "studies.db") unlinkSync(join(folder, file));
    const result = readOnlyScript(
      "console.log(JSON.stringify([await notes(), await codeOf(openSqlite(path)), await codeOf(openSqlite(path + '2'))]));",
    );
    expect(result).toEqual([
      ["kept"],
      expect.stringMatching(/^STORAGE_READ_ONLY .*curvewise-refusals/),
      expect.stringMatching(/^STORAGE_READ_ONLY .*curvewise-refusals/),
    ]);
    expect(readdirSync(folder)).toEqual(["studies.db"]);
  });

  it("what a killed writer left in the log beside the database can be read too", async () => {
    await filled();
    const writer = await openSqlite(path);
    const lease = await writer.acquire("digits", request(ALICE));
    await writer.append(lease, [note("in the log only")]);
    const elsewhere = mkdtempSync(join(tmpdir(), "curvewise-refusals-"));
    for (const suffix of ["", "-wal"]) copyFileSync(path + suffix, join(elsewhere, `studies.db${suffix}`));
    await writer.close();
    rmSync(folder, { recursive: true });
    folder = elsewhere;
    path = join(folder, "studies.db");
    const result = readOnlyScript("console.log(JSON.stringify(await notes()));");
    expect(result).toEqual(["kept", "in the log only"]);
    expect(readdirSync(folder).toSorted()).toEqual(["studies.db", "studies.db-wal"]);
  });
});
