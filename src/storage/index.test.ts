import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openStorage } from "./index.js";

describe("openStorage", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "curvewise-open-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it.each(["memory:", ":memory:"])("opens %s in memory", async (location) => {
    const storage = await openStorage(location);
    expect(storage.name).toBe("memory");
    await storage.close();
  });

  it("opens paths, even with odd characters, and file URLs as SQLite", async () => {
    const path = join(folder, "a b?#%20ü:1.db");
    for (const location of [path, `sqlite:${path}`, `file:${path}`, pathToFileURL(path).href]) {
      const storage = await openStorage(location);
      expect([storage.name, storage.location]).toEqual(["sqlite", path]);
      await storage.close();
    }
  });

  it.each(["mysql://me:secret@localhost/db", "redis://localhost", "https://example.com/x.db", ""])(
    "does not know %j",
    async (location) => {
      await expect(openStorage(location)).rejects.toMatchObject({
        code: "STORAGE_UNKNOWN",
        message: expect.not.stringContaining("secret"),
        hint: expect.stringMatching(/SQLite.*postgres:.*memory:/),
      });
    },
  );

  it.each(["postgres", "postgresql"])(
    "treats %s:// as PostgreSQL, and hides its password",
    async (scheme) => {
      await expect(openStorage(`${scheme}://me:secret@127.0.0.1:1/db`)).rejects.toMatchObject({
        code: "STORAGE_UNREACHABLE",
        message: expect.stringMatching(
          /^cannot connect to postgres:\/\/me@127\.0\.0\.1:1\/db: .*ECONNREFUSED/,
        ),
      });
    },
  );
});
