/**
 * Bundles `curvewise/browser` into one file without imports, for pages without a bundler:
 * dist/browser/curvewise.js. Run `tsc -b` first.
 */
import { writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { rolldown } from "rolldown";
import { licencesOf } from "./licences.mjs";

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

const notices = licencesOf(Object.keys(chunk.modules));
const code = `/*!\n${notices.replaceAll("*/", "* /")}\n*/\n${chunk.code}`;
writeFileSync(target, code);
process.stdout.write(`${relative(root, target)}: ${Math.round(code.length / 1000)} kB\n`);
