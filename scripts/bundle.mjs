/**
 * Makes what the package has for `dist`, in another folder: `node scripts/bundle.mjs FOLDER`. Needs `tsc -b` first.
 *
 * Node takes about a millisecond for every module, and a study needs hundreds of them, most from packages. So
 * entries share a few chunks, in which each module is once: an error's class is the same for all of them. Only what the
 * entries reach, and types whose source exists, get in, whatever else an earlier build has left in `dist`.
 */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { rolldown } from "rolldown";
import "./build-page.mjs";
import { licencesOf } from "./licences.mjs";

const root = resolve(import.meta.dirname, "..");
const dist = join(root, "dist");
const [target] = process.argv.slice(2);
if (target === undefined) throw new Error("usage: node scripts/bundle.mjs FOLDER");

const { exports: exported } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
/** It has a bundle of its own, which must be one file. */
const BROWSER = "browser/curvewise.js";
const named = Object.values(exported).flatMap((each) =>
  typeof each === "string" ? [] : [relative("dist", each.default)],
);
/** The command line, and what worker threads begin with. */
const entries = [
  ...named.filter((each) => each !== BROWSER),
  "cli/main.js",
  "launchers/thread-entry.js",
  "dashboard/replay-entry.js",
];

/** What stays outside: loads programs for one system each, or parts that may be missing. */
const OUTSIDE = /^(libsql|pg|pg-connection-string|pgpass|ws|vitest|fast-check)(\/|$)/;

/** Wherever a module comes to be, it finds what is beside its own file: all files of a bundle are one folder deep. */
const located = {
  name: "located",
  transform(code, id) {
    if (!id.startsWith(dist) || !code.includes("import.meta.url")) return undefined;
    const own = JSON.stringify(`../${relative(dist, id)}`);
    return code.replaceAll("import.meta.url", `new URL(${own}, import.meta.url).href`);
  },
};

const bundle = await rolldown({
  input: Object.fromEntries(entries.map((each) => [each.slice(0, -".js".length), join(dist, each)])),
  platform: "node",
  external: OUTSIDE,
  plugins: [located],
  onLog: (level, log) => {
    if (level === "warn") throw new Error(log.message);
  },
});
rmSync(target, { recursive: true, force: true });
const { output } = await bundle.write({
  dir: target,
  format: "esm",
  entryFileNames: "[name].js",
  chunkFileNames: "chunks/[name]-[hash].js",
});
await bundle.close();
const misplaced = output.filter(({ fileName }) => fileName.split("/").length !== 2);
if (misplaced.length > 0)
  throw new Error(`not one folder deep: ${misplaced.map(({ fileName }) => fileName).join(", ")}`);

function copy(file) {
  mkdirSync(dirname(join(target, file)), { recursive: true });
  cpSync(join(dist, file), join(target, file), { recursive: true });
}
// The report and the dashboard read these as they are.
copy("report/page");
for (const file of ["index.html", "page.css", "page.js"]) copy(`page/${file}`);
if (existsSync(join(dist, BROWSER))) copy(BROWSER);
for (const file of readdirSync(dist, { recursive: true })) {
  // Nobody imports the page.
  if (file.startsWith("page")) continue;
  if (file.endsWith(".d.ts") && existsSync(join(root, "src", file.replace(/\.d\.ts$/, ".ts")))) copy(file);
}
const modules = output.flatMap((each) => (each.type === "chunk" ? Object.keys(each.modules) : []));
writeFileSync(join(target, "licences.txt"), `${licencesOf(modules)}\n`);
