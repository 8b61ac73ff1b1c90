/**
 * Makes a folder that is like the installed package, but for what it shares with the repository:
 * `node scripts/bundled-package.mjs FOLDER`, below the repository's root, whose packages it uses. Needs `tsc -b` first.
 */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "..");
const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error("usage: node scripts/bundled-package.mjs FOLDER");
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
execFileSync(process.execPath, [join(import.meta.dirname, "bundle.mjs"), join(folder, "dist")]);
// Not a link: Node takes a program to be where its file is.
cpSync(join(root, "bin"), join(folder, "bin"), { recursive: true });
for (const shared of ["clients", "package.json", "protocol", "schema", "templates"])
  symlinkSync(join(root, shared), join(folder, shared));
