import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isCurvewiseError } from "../core/errors.js";
import type { Lease, Storage } from "../core/storage.js";
import { ALICE, definitionOf, NOW, note, request } from "../testing/storage-contract/example-events.js";
import { notesOf, refusal } from "../testing/storage-contract/stored-log.js";
import { openSqlite } from "./sqlite.js";

const FULL = refusal("STORAGE_FULL", /studies\.db/);

/** Appends notes until there is no space, and returns those that were acknowledged. */
async function fill(storage: Storage, lease: Lease): Promise<string[]> {
  const acknowledged: string[] = [];
  for (let index = 0; index < 10_000; index++) {
    const text = `${index} ${"x".repeat(900)}`;
    try {
      await storage.append(lease, [note(text)]);
    } catch (error) {
      if (isCurvewiseError(error) && error.code === "STORAGE_FULL") return acknowledged;
      throw error;
    }
    acknowledged.push(text);
  }
  throw new Error("the disk did not fill up");
}

async function begun(storage: Storage, study: string): Promise<Lease> {
  await storage.createStudy(definitionOf(study), NOW);
  return storage.acquire(study, request(ALICE));
}

describe("a database at its maximum size", () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "curvewise-full-"));
    path = join(folder, "studies.db");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("keeps what it has, can be read, and continues when there is space", async () => {
    const small = await openSqlite(path, { maxBytes: 400_000 });
    const lease = await begun(small, "digits");
    const acknowledged = await fill(small, lease);
    expect(acknowledged.length).toBeGreaterThan(50);
    expect(await notesOf(small, "digits")).toEqual(acknowledged);
    await expect(small.append(lease, [note("y".repeat(9_000))])).rejects.toMatchObject(FULL);
    await small.close();

    const large = await openSqlite(path);
    expect(await notesOf(large, "digits")).toEqual(acknowledged);
    await large.append(lease, [note("more")]);
    expect(await notesOf(large, "digits")).toEqual([...acknowledged, "more"]);
    await large.close();
  });

  it("refuses only what does not fit, and later appends of the same study", async () => {
    const storage = await openSqlite(path, { maxBytes: 400_000 });
    const a = await begun(storage, "a");
    const b = await begun(storage, "b");
    const results = await Promise.allSettled([
      storage.append(a, [note("a1")]),
      storage.append(b, [note("b1")]),
      storage.append(a, [note("z".repeat(1_000_000))]),
      storage.append(a, [note("a2, which relies on the one before")]),
      storage.append(b, [note("b2")]),
    ]);
    expect(results).toMatchObject([
      { status: "fulfilled" },
      { status: "fulfilled" },
      { status: "rejected", reason: FULL },
      { status: "rejected", reason: FULL },
      { status: "fulfilled" },
    ]);
    expect(await notesOf(storage, "a")).toEqual(["a1"]);
    expect(await notesOf(storage, "b")).toEqual(["b1", "b2"]);
    await storage.append(a, [note("a3")]);
    expect(await notesOf(storage, "a")).toEqual(["a1", "a3"]);
    await storage.close();
  });

  it("has space again after a study is deleted", async () => {
    const storage = await openSqlite(path, { maxBytes: 400_000 });
    const digits = await begun(storage, "digits");
    const letters = await begun(storage, "letters");
    await fill(storage, digits);
    await storage.release(digits);
    await storage.deleteStudy("digits", { now: NOW, isGone: () => false });
    await storage.append(letters, [note("w".repeat(100_000))]);
    expect(await notesOf(storage, "letters")).toHaveLength(1);
    await storage.close();
  });
});

/** Whether this process may mount a small file system, as root on Linux outside most containers. */
function mayMount(): boolean {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return false;
  const folder = mkdtempSync(join(tmpdir(), "curvewise-mount-"));
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=64k", "none", folder]).status === 0;
  if (mounted) execFileSync("umount", [folder]);
  rmSync(folder, { recursive: true });
  return mounted;
}

describe.runIf(mayMount())("a full disk of one megabyte", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "curvewise-full-"));
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "none", folder]);
  });
  afterEach(() => {
    execFileSync("umount", ["--lazy", folder]);
    rmSync(folder, { recursive: true });
  });

  it("loses nothing; the database can be read, and continues when space is freed", async () => {
    const path = join(folder, "studies.db");
    const ballast = join(folder, "ballast");
    writeFileSync(ballast, Buffer.alloc(300_000));
    const storage = await openSqlite(path);
    const lease = await begun(storage, "digits");
    const acknowledged = await fill(storage, lease);
    expect(acknowledged.length).toBeGreaterThan(10);
    expect(await notesOf(storage, "digits")).toEqual(acknowledged);
    const reader = await openSqlite(path, { readOnly: true });
    expect(await notesOf(reader, "digits")).toEqual(acknowledged);
    await reader.close();

    unlinkSync(ballast);
    await storage.append(lease, [note("more")]);
    await storage.close();
    const again = await openSqlite(path);
    expect(await notesOf(again, "digits")).toEqual([...acknowledged, "more"]);
    await again.close();
  });

  it("cannot hold a new database, and says so", async () => {
    const path = join(folder, "studies.db");
    const ballast = join(folder, "ballast");
    writeFileSync(ballast, Buffer.alloc(1_020_000));
    await expect(openSqlite(path)).rejects.toMatchObject(FULL);
    unlinkSync(ballast);
    const storage = await openSqlite(path);
    await begun(storage, "digits");
    expect(await storage.listStudies(NOW)).toHaveLength(1);
    await storage.close();
  });
});
