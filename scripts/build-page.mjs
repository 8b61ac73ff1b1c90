/**
 * Bundles what draws in the dashboard's page into one file without imports: dist/page/draw.js, with draw.css beside it.
 * Run `tsc -b` first.
 */
import { copyFileSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { rolldown } from "rolldown";

const root = resolve(import.meta.dirname, "..");
const folder = join(root, "dist", "page");
const target = join(folder, "draw.js");

const bundle = await rolldown({
  input: join(folder, "draw", "index.js"),
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
writeFileSync(target, chunk.code);
copyFileSync(join(root, "src", "page", "draw", "draw.css"), join(folder, "draw.css"));
const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
process.stdout.write(
  `${relative(root, target)}: ${kilobytes(chunk.code.length)}, ${kilobytes(gzipSync(chunk.code, { level: 9 }).length)} compressed\n`,
);
