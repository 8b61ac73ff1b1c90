import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { folderArgument } from "./folder-argument.js";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "curvewise-folder-"));
  writeFileSync(join(folder, "file"), "");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("an option's folder", () => {
  it.each(["", "new", "new/within/it"])("may be there already, or be made later: %j", (name) => {
    expect(folderArgument(join(folder, name))).toBe(join(folder, name));
  });

  it("stays as it was written", () => {
    expect(folderArgument("some/where")).toBe("some/where");
  });

  it.each(["file", "file/within", "file/within/it"])(
    "is refused where a file is in its place: %s",
    (name) => {
      expect(() => folderArgument(join(folder, name))).toThrow(
        `It must be a folder, but ${join(folder, "file")} is a file.`,
      );
    },
  );
});
