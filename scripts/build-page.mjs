/**
 * Bundles the dashboard's page into the files that it is served as, and that a report has in itself:
 * dist/page/page.js, dist/page/page.css and dist/page/index.html. Run `tsc -b` first. What draws is there by itself too,
 * for its tests: dist/page/draw.js and dist/page/draw.css. dist/page/plots.js is for pages that only have plots.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { rolldown } from "rolldown";
import { licencesOf } from "./licences.mjs";

const root = resolve(import.meta.dirname, "..");
const source = join(root, "src", "page");
const folder = join(root, "dist", "page");

/** A module with all that it imports, as one file. */
async function bundled(module, format) {
  const bundle = await rolldown({
    input: join(folder, module),
    platform: "browser",
    onLog: (level, log) => {
      if (level === "warn") throw new Error(log.message);
    },
  });
  const { output } = await bundle.generate({ format, minify: true, codeSplitting: false });
  await bundle.close();
  const [chunk] = output;
  if (output.length !== 1 || chunk.imports.length + chunk.dynamicImports.length > 0) {
    throw new Error(
      `${module} does not become one file without imports: ${output.map(({ fileName }) => fileName).join(", ")}`,
    );
  }
  return chunk;
}

/** Files that are as they were keep their times, by which the tests tell whether there is a new build. */
function write(name, text) {
  const file = join(folder, name);
  if (!existsSync(file) || readFileSync(file, "utf8") !== text) writeFileSync(file, text);
  const kB = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
  const squeezed = gzipSync(text, { level: 9 }).length;
  process.stdout.write(
    `${relative(root, file)}: ${kB(Buffer.byteLength(text))}, ${kB(squeezed)} compressed\n`,
  );
}

/** A script that needs nothing else, with the licences of what is in it. */
async function script(module) {
  const { code, modules } = await bundled(module, "iife");
  const notices = licencesOf(Object.keys(modules)).replaceAll("*/", "* /");
  return `/*!\n${notices}\n*/\n${code}`;
}

const [style, drawStyle, document] = ["page.css", "draw/draw.css", "index.html"].map((file) =>
  readFileSync(join(source, file), "utf8"),
);
write("page.js", await script("main.js"));
write("plots.js", await script("draw-plots.js"));
write("page.css", `${style}\n${drawStyle}`);
write("index.html", document);
write("draw.js", (await bundled("draw/index.js", "esm")).code);
write("draw.css", drawStyle);
