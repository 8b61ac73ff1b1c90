import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { copyLiveFile } from "./copy-file.js";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "curvewise-copy-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it.each([
  [0, 0o600],
  [5, 0o664],
  [3_000_000, 0o777],
])("copies %d bytes, and who may use them", async (bytes, mode) => {
  const [source, target] = [join(folder, "source"), join(folder, "target")];
  writeFileSync(source, Buffer.alloc(bytes, "curve"));
  chmodSync(source, mode);
  await copyLiveFile(source, target);
  expect(readFileSync(target).equals(readFileSync(source))).toBe(true);
  expect(statSync(target).mode).toBe(statSync(source).mode);
});

it("replaces a longer file", async () => {
  const [source, target] = [join(folder, "source"), join(folder, "target")];
  writeFileSync(source, "short");
  writeFileSync(target, "much longer");
  await copyLiveFile(source, target);
  expect(readFileSync(target, "utf8")).toBe("short");
});

// Linux gives a page as the size of any file of /sys: as if the file had become shorter since its size was read.
it.runIf(process.platform === "linux")("ends with a file that is shorter than its size said", async () => {
  const source = "/sys/devices/system/cpu/online";
  const text = readFileSync(source, "utf8");
  expect(statSync(source).size).toBeGreaterThan(text.length);
  const target = join(folder, "target");
  await copyLiveFile(source, target);
  expect(readFileSync(target, "utf8")).toBe(text);
});

it("says which file is missing", async () => {
  const source = join(folder, "missing");
  await expect(copyLiveFile(source, join(folder, "target"))).rejects.toThrow(source);
});
