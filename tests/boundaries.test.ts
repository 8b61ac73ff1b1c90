import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

/*
 * Which folder may import which follows from each folder's tsconfig.json. These tests create a few folders with the
 * repository's own configuration and one file each: `npm run check` must refuse whatever breaks a boundary.
 */

const REPOSITORY = fileURLToPath(new URL("..", import.meta.url));
const FOLDERS = ["math", "core", "forecast", "samplers", "schedulers"];

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "curvewise-boundaries-"));
  symlinkSync(join(REPOSITORY, "node_modules"), join(root, "node_modules"));
  for (const file of ["package.json", "tsconfig.base.json", ".oxlintrc.json"])
    cpSync(join(REPOSITORY, file), join(root, file));
  for (const folder of FOLDERS) {
    write(
      `src/${folder}/own.ts`,
      "export interface Own {\n  readonly size: number;\n}\nexport const own = 1;\n",
    );
    const config = `src/${folder}/tsconfig.json`;
    cpSync(join(REPOSITORY, config), join(root, config));
  }
  const references = FOLDERS.map((folder) => ({ path: `src/${folder}` }));
  write("tsconfig.json", JSON.stringify({ files: [], references }));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(file: string, text: string): void {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), text);
}

function run(script: string, ...args: readonly string[]): { readonly status: number | null; text: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(REPOSITORY, script), ...args], {
    cwd: root,
    encoding: "utf8",
  });
  return { status, text: stdout + stderr };
}

const compile = () => run("node_modules/typescript/bin/tsc", "-b");
const checkBoundaries = () => run("scripts/check-boundaries.mjs", root);
const lint = () => run("node_modules/oxlint/bin/oxlint", "--deny-warnings", "src");

describe("boundaries between folders", () => {
  it("accept imports that keep them", () => {
    write(
      "src/schedulers/more.ts",
      'import { own } from "../core/own.js";\n\nexport const more = own + 1;\n',
    );
    for (const check of [compile, checkBoundaries, lint]) {
      const { status, text } = check();
      expect([text, status]).toEqual([text, 0]);
    }
  });

  it.each([
    ["a sibling", "schedulers", 'import { own } from "../samplers/own.js";\nexport const more = own;'],
    [
      "a sibling's type",
      "schedulers",
      'import type { Own } from "../samplers/own.js";\nexport type More = Own;',
    ],
    ["a sibling, when it runs", "schedulers", 'export const more = await import("../samplers/own.js");'],
    ["what depends on it", "core", 'export type More = import("../schedulers/own.js").Own;'],
  ])("refuse %s", (_what, folder, text) => {
    write(`src/${folder}/more.ts`, text);
    const refused = compile();
    expect(refused.status).not.toBe(0);
    expect(refused.text).toMatch(new RegExp(`src/${folder}/more\\.ts.* error TS6307`));
  });

  it.each([
    [
      "Node's modules",
      'import { readFileSync } from "node:fs";\nexport const more = readFileSync;',
      "node:fs",
    ],
    ["Node's globals", "export const more = setTimeout;", "setTimeout"],
  ])("refuse %s in a pure folder", (_what, text, name) => {
    write("src/core/more.ts", text);
    const refused = compile();
    expect(refused.status).not.toBe(0);
    expect(refused.text).toMatch(new RegExp(`src/core/more\\.ts.*'${name}'`));
  });

  it.each([
    ["the clock", "export const more = Date.now();"],
    ["chance", "export const more = Math.random();"],
    ["what was built", 'import { own } from "../../dist/samplers/own.js";\nexport const more = own;'],
    ["the package itself", 'import { samplers } from "curvewise/samplers";\nexport const more = samplers;'],
  ])("refuse %s in a pure folder", (_what, text) => {
    write("src/core/more.ts", text);
    const refused = checkBoundaries();
    expect(refused.status).toBe(1);
    expect(refused.text).toContain("src/core/more.ts");
  });

  it("refuse a folder that does not declare its imports, or that is not built", () => {
    write("src/silent/own.ts", "export const own = 1;\n");
    write("src/forgotten/tsconfig.json", JSON.stringify({ compilerOptions: { types: [] } }));
    const refused = checkBoundaries();
    expect(refused.status).toBe(1);
    expect(refused.text).toContain("src/silent has no tsconfig.json");
    expect(refused.text).toContain("src/forgotten is missing");
  });

  it("refuse a cycle of types alone", () => {
    write(
      "src/core/left.ts",
      'import type { Right } from "./right.js";\n\nexport interface Left {\n  readonly right: Right | undefined;\n}\n',
    );
    write(
      "src/core/right.ts",
      'import type { Left } from "./left.js";\n\nexport interface Right {\n  readonly left: Left | undefined;\n}\n',
    );
    const refused = lint();
    expect(refused.status).toBe(1);
    expect(refused.text).toContain("no-cycle");
  });
});
