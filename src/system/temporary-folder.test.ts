import { existsSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, it, onTestFinished, vi } from "vitest";
import { makeTemporaryFolder, missingTemporaryFolder, temporaryPlace } from "./temporary-folder.js";

/** A folder that is removed when the test is over. */
function made(prefix: string, fits?: (path: string) => boolean): string {
  const folder = makeTemporaryFolder(prefix, fits);
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** Has this process look for temporary files elsewhere until the test is over. */
function setPlace(place: string): void {
  vi.stubEnv("TMPDIR", place);
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
}

it("creates a folder where TMPDIR says, for this user only", () => {
  const place = made("place-");
  setPlace(place);
  const folder = made("curvewise-");
  expect(dirname(folder)).toBe(place);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
});

it("creates it in the usual place if TMPDIR is missing, is a file, or makes the path too long", () => {
  const usual = made("usual-");
  writeFileSync(join(usual, "file"), "");
  for (const place of [join(usual, "missing"), join(usual, "file")]) {
    setPlace(place);
    const folder = made("curvewise-");
    expect(folder.startsWith(usual)).toBe(false);
    expect(existsSync(folder)).toBe(true);
  }
  setPlace(usual);
  expect(made("curvewise-", (path) => !path.startsWith(usual)).startsWith(usual)).toBe(false);
});

it("names every place when there is none", () => {
  setPlace("/none/such");
  expect(() => makeTemporaryFolder("no/such/")).toThrow(/\/none\/such\/no\/such\/.*\/tmp\/no\/such\//);
});

it("tells what TMPDIR names if that is not a folder", () => {
  expect(missingTemporaryFolder({})).toBeUndefined();
  expect(missingTemporaryFolder({ TMPDIR: tmpdir() })).toBeUndefined();
  expect(missingTemporaryFolder({ TMPDIR: "/none/such" })).toBe("/none/such");
});

it("has files go where TMPDIR says only if that is a folder", () => {
  const place = made("place-");
  setPlace(place);
  expect(temporaryPlace()).toBe(place);
  setPlace(join(place, "missing"));
  expect(temporaryPlace()).toBe("/tmp");
});
