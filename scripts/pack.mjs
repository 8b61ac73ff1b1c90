/**
 * Before the package is packed (`node scripts/pack.mjs begin`), has its bundle take the place of `dist`; afterwards
 * (`node scripts/pack.mjs end`) puts `dist` back. If that never comes, the next `tsc -b` builds everything anew, since
 * what it knows of earlier builds is in the `dist` that was put aside.
 */
import { execFileSync } from "node:child_process";
import { existsSync, renameSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "..");
const dist = join(root, "dist");
const aside = join(root, ".cache", "dist-aside");
const bundled = join(root, ".cache", "dist-bundled");
const remove = (folder) => rmSync(folder, { recursive: true, force: true });

const [moment] = process.argv.slice(2);
switch (moment) {
  case "begin":
    execFileSync(process.execPath, [join(import.meta.dirname, "bundle.mjs"), bundled], { stdio: "inherit" });
    remove(aside);
    renameSync(dist, aside);
    renameSync(bundled, dist);
    break;
  case "end":
    if (existsSync(aside)) {
      remove(dist);
      renameSync(aside, dist);
    }
    break;
  default:
    throw new Error("usage: node scripts/pack.mjs begin|end");
}
