// Packs the package and has publint and attw look at it, as it is in the tarball.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folder = mkdtempSync(join(tmpdir(), "curvewise-package-"));
const run = (program, ...words) => execFileSync(program, words, { stdio: "inherit" });
try {
  run("npm", "pack", "--silent", "--pack-destination", folder);
  const [name = ""] = readdirSync(folder);
  const tarball = join(folder, name);
  run("npx", "--no-install", "publint", "run", "--strict", tarball);
  run("npx", "--no-install", "attw", tarball, "--profile", "esm-only", "--no-definitely-typed");
} finally {
  rmSync(folder, { recursive: true, force: true });
}
