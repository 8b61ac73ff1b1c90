import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "../..");
const cache = join(root, ".cache", "tested");
const DAY = 24 * 3600 * 1000;

/** What tells one build from another: every file's time. */
function stateOf(folder: string): string {
  const hash = createHash("sha256");
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((each) =>
    each.endsWith(".js"),
  );
  for (const file of files.toSorted()) hash.update(`${file} ${statSync(join(folder, file)).mtimeMs}\n`);
  return hash.digest("hex").slice(0, 16);
}

/** Removes the builds that nobody can be using any more. */
function removeOld(): void {
  for (const name of existsSync(cache) ? readdirSync(cache) : []) {
    const build = join(cache, name);
    if (Date.now() - statSync(build).mtimeMs > DAY) rmSync(build, { recursive: true, force: true });
  }
}

/**
 * Before any test: bundles the package as it is when it is installed, unless the last build has been already, so that
 * programs that tests start are what users start, and start as quickly. `command-line.ts` finds it.
 */
export default function setup(): void {
  const folder = join(cache, stateOf(join(root, "dist")));
  if (!existsSync(folder)) {
    removeOld();
    const unfinished = `${folder}-${process.pid}`;
    execFileSync(process.execPath, [join(root, "scripts/bundled-package.mjs"), unfinished]);
    // Another run may have made the same meanwhile.
    if (existsSync(folder)) rmSync(unfinished, { recursive: true });
    else renameSync(unfinished, folder);
  }
  process.env["TESTED_CURVEWISE"] = join(folder, "bin", "curvewise.js");
}
