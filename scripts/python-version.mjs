/** Gives the Python packages the version of package.json: part of `npm run release:version`. */
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "..");
const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const places = [
  ["src/curvewise/__init__.py", /^(__version__ = ")[^"]*(")/m],
  ["engine/src/curvewise_engine/__init__.py", /^(__version__ = ")[^"]*(")/m],
  ["pyproject.toml", /(curvewise-engine==)[^"]*(")/],
];
for (const [file, pattern] of places) {
  const path = join(root, "clients", "python", file);
  const text = readFileSync(path, "utf8");
  if (!pattern.test(text)) throw new Error(`${path} has no version`);
  writeFileSync(path, text.replace(pattern, `$1${version}$2`));
}
