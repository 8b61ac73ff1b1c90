import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FilePresent, writeWhole } from "./whole-file.js";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "curvewise-whole-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const saved = (path: string) => writeFile(path, "new");

describe("a file that is written whole", () => {
  it("is there under its name alone", async () => {
    const file = join(folder, "trials.csv");
    await writeWhole(file, saved);
    expect(readdirSync(folder)).toEqual(["trials.csv"]);
    expect(readFileSync(file, "utf8")).toBe("new");
  });

  it("fails for the reason of the writing where a file is in the place of a folder", async () => {
    const file = join(folder, "file");
    writeFileSync(file, "");
    await expect(writeWhole(join(file, "trials.csv"), saved)).rejects.toThrow(
      "ENOTDIR: not a directory, open",
    );
  });

  it("stays as it was when writing fails half way", async () => {
    const file = join(folder, "trials.csv");
    writeFileSync(file, "old");
    const half = writeWhole(file, async (path) => {
      await writeFile(path, "ne");
      throw new Error("no space left");
    });
    await expect(half).rejects.toThrow("no space left");
    expect(readdirSync(folder)).toEqual(["trials.csv"]);
    expect(readFileSync(file, "utf8")).toBe("old");
  });

  it("keeps its mode, and stays behind a link", async () => {
    const file = join(folder, "trials.csv");
    writeFileSync(file, "old");
    chmodSync(file, 0o600);
    symlinkSync("trials.csv", join(folder, "link"));
    await writeWhole(join(folder, "link"), saved);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, "utf8")).toBe("new");
    expect(readdirSync(folder).sort()).toEqual(["link", "trials.csv"]);
  });

  it("takes no other's place if it may not, even if that comes while it is written", async () => {
    const file = join(folder, "study.sqlite3");
    const late = writeWhole(
      file,
      async (path) => {
        await saved(path);
        writeFileSync(file, "another's");
      },
      false,
    );
    await expect(late).rejects.toBeInstanceOf(FilePresent);
    await expect(writeWhole(file, saved, false)).rejects.toBeInstanceOf(FilePresent);
    expect(readFileSync(file, "utf8")).toBe("another's");
    await writeWhole(join(folder, "new"), saved, false);
    expect(readFileSync(join(folder, "new"), "utf8")).toBe("new");
    expect(readdirSync(folder).sort()).toEqual(["new", "study.sqlite3"]);
  });

  it("may be a device, which is left in its place", async () => {
    await writeWhole("/dev/null", saved);
    expect(statSync("/dev/null").isCharacterDevice()).toBe(true);
  });
});
