/**
 * Bundles `curvewise/browser` into one file without imports, for pages without a bundler:
 * dist/browser/curvewise.js. Run `tsc -b` first.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { rolldown } from "rolldown";

const root = resolve(import.meta.dirname, "..");
const target = join(root, "dist", "browser", "curvewise.js");

const bundle = await rolldown({
  input: join(root, "dist", "browser", "index.js"),
  platform: "browser",
  onLog: (level, log) => {
    if (level === "warn") throw new Error(log.message);
  },
});
const { output } = await bundle.generate({ format: "esm", minify: true, codeSplitting: false });
await bundle.close();
const [chunk] = output;
if (output.length !== 1 || chunk.imports.length + chunk.dynamicImports.length > 0) {
  throw new Error(
    `the bundle is not one file without imports: ${output.map(({ fileName }) => fileName).join(", ")}`,
  );
}

/** The folder of the package that a bundled module comes from; undefined for Curvewise's own modules. */
function packageFolder(module) {
  const [, folder] = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(module.replaceAll("\\", "/")) ?? [];
  return folder;
}

/** The licence of a package, which must accompany its code. */
function licenceOf(folder) {
  const { name, version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).find((each) => /^licen[cs]e(\.\w+)?$/i.test(each));
  if (file === undefined) throw new Error(`${name} has no licence file`);
  return `${name} ${version}\n\n${readFileSync(join(folder, file), "utf8").trim()}`;
}

const { name, version, license } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const folders = new Set(Object.keys(chunk.modules).map(packageFolder));
folders.delete(undefined);
const notices = [
  `${name} ${version}, licence ${license}. It contains:`,
  ...[...folders].sort().map(licenceOf),
].join("\n\n---\n\n");
const code = `/*!\n${notices.replaceAll("*/", "* /")}\n*/\n${chunk.code}`;
writeFileSync(target, code);
process.stdout.write(`${relative(root, target)}: ${Math.round(code.length / 1000)} kB\n`);
