import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { inspectSnapshot, verifiedSnapshot } from "./snapshot-file.js";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "curvewise-snapshot-"));
  mkdirSync(join(folder, "trial-0"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const inTrial = (name: string): string => join(folder, "trial-0", name);
const looked = (name: string) => inspectSnapshot(folder, join(folder, "trial-0"), name);

describe("a snapshot", () => {
  it("is a regular file, known by its digest", async () => {
    writeFileSync(inTrial("model"), "abc");
    expect(await looked("model")).toEqual({
      path: "trial-0/model",
      // FIPS 180-2, appendix B.1.
      digest: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
      bytes: 3,
    });
  });

  it.each(["pipe", "folder", "socket", "link to a pipe", "device"])(
    "is not a %s, which is refused at once",
    async (kind) => {
      const server = createServer();
      if (kind === "folder") mkdirSync(inTrial("model"));
      if (kind === "socket") await new Promise<void>((done) => server.listen(inTrial("model"), done));
      if (kind === "pipe") execFileSync("mkfifo", [inTrial("model")]);
      if (kind === "link to a pipe") {
        execFileSync("mkfifo", [inTrial("pipe")]);
        symlinkSync("pipe", inTrial("model"));
      }
      if (kind === "device") symlinkSync("/dev/zero", inTrial("model"));
      await expect(looked("model")).rejects.toMatchObject({ code: "SNAPSHOT_INVALID" });
      const recorded = { step: 1, path: "trial-0/model", digest: "0" };
      expect(await verifiedSnapshot(folder, recorded)).toBeUndefined();
      server.close();
    },
  );
});
