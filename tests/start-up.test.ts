import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { temporaryFolder, UNBUNDLED } from "./support/command-line.js";

const PRINT_MODULES = pathToFileURL(resolve(import.meta.dirname, "programs/print-modules.mjs")).href;
const LIBRARY = pathToFileURL(resolve(import.meta.dirname, "../dist/api/index.js")).href;

/** What a program loads: packages by name, Curvewise's own modules by their folder in `dist`. */
async function loadedBy(...args: readonly string[]) {
  const { stderr } = await promisify(execFile)(process.execPath, ["--import", PRINT_MODULES, ...args], {
    cwd: temporaryFolder(),
  });
  const urls = stderr.split("\n").filter((line) => line.startsWith("file:"));
  const found = (pattern: RegExp): string[] => [
    ...new Set(urls.flatMap((url) => pattern.exec(url)?.[1] ?? [])),
  ];
  return {
    packages: found(/.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//).toSorted(),
    folders: found(/\/dist\/([^/]+(?:\/actions)?)\//).toSorted(),
  };
}

describe("what is loaded by", () => {
  it.each(["--help", "run --help", "--version"])("curvewise %s", async (words) => {
    const { packages, folders } = await loadedBy(UNBUNDLED, ...words.split(" "));
    expect(packages).toEqual(["commander"]);
    expect(folders).toEqual(["cli", "core"]);
  });

  it("a command: nothing that only other commands need", async () => {
    const { packages, folders } = await loadedBy(UNBUNDLED, "samplers");
    expect(folders).not.toContain("storage");
    expect(packages).toContain("zod");
    for (const other of [
      "kysely",
      "libsql",
      "pg",
      "hono",
      "@hono/zod-openapi",
      "ws",
      "cli-progress",
      "@modelcontextprotocol/server",
    ])
      expect(packages).not.toContain(other);
  });

  it("the library: nothing that a study needs only while running", async () => {
    const { packages, folders } = await loadedBy("--input-type=module", "--eval", `import "${LIBRARY}"`);
    expect(packages).toEqual(["fastest-levenshtein", "jstat", "zod"]);
    expect(folders).not.toContain("engine");
    expect(folders).not.toContain("launchers");
  });
});
