/**
 * Bundles the dashboard's page into the files that it is served as, and that a report has in itself:
 * dist/page/page.js, dist/page/page.css and dist/page/index.html. Run `tsc -b` first.
 */
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { rolldown } from "rolldown";
import { licencesOf } from "./licences.mjs";

const root = resolve(import.meta.dirname, "..");
const folder = join(root, "dist", "page");

const bundle = await rolldown({
  input: join(folder, "main.js"),
  platform: "browser",
  onLog: (level, log) => {
    if (level === "warn") throw new Error(log.message);
  },
});
const { output } = await bundle.generate({ format: "iife", minify: true, codeSplitting: false });
await bundle.close();
const [chunk] = output;
if (output.length !== 1) {
  throw new Error(`the page's script is not one file: ${output.map(({ fileName }) => fileName).join(", ")}`);
}

const notices = licencesOf(Object.keys(chunk.modules)).replaceAll("*/", "* /");
writeFileSync(join(folder, "page.js"), `/*!\n${notices}\n*/\n${chunk.code}`);
const source = join(root, "src", "page");
const styles = ["page.css", "draw/draw.css"].map((file) => readFileSync(join(source, file), "utf8"));
writeFileSync(join(folder, "page.css"), styles.join("\n"));
copyFileSync(join(source, "index.html"), join(folder, "index.html"));

const kB = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
for (const name of ["page.js", "page.css"]) {
  const file = join(folder, name);
  const bytes = readFileSync(file);
  process.stdout.write(
    `${relative(root, file)}: ${kB(bytes.length)}, ${kB(gzipSync(bytes, { level: 9 }).length)} compressed\n`,
  );
}
