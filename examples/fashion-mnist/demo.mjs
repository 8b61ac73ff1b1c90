// Tunes real networks on real images by random search, by ASHA, and by Learning Curve Matching with its sampler, each
// with the same number of training steps, and shows where this seed lies among recorded ones.
//   npm run demo
//   npm run demo -- --seed 12
import { execFile } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, relative, resolve } from "node:path";
import { parseArgs, promisify, styleText } from "node:util";
import { comparisonLines, placeLines, readRecord, SEARCHES } from "./comparison.mjs";
import { STEPS, startSearch } from "./start-search.mjs";

const root = resolve(import.meta.dirname, "../..");
const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    steps: { type: "string", default: String(STEPS) },
    results: { type: "string", default: join(root, "demo-results") },
    record: { type: "string", default: join(root, "bench/results/demo.json") },
  },
});
const [seed, steps] = [values.seed, values.steps].map(Number);
if (!Number.isSafeInteger(seed) || seed < 0 || !Number.isSafeInteger(steps) || steps < 1) {
  console.error("--seed must be a whole number of at least 0, and --steps one of at least 1");
  process.exit(2);
}
const results = resolve(values.results);
const database = join(results, "curvewise.db");
const report = join(results, "report.html");
const shown = (path) => relative(process.cwd(), path) || ".";
const bold = (text) => styleText("bold", text);

rmSync(results, { recursive: true, force: true });
mkdirSync(results, { recursive: true });
const begun = Date.now();
console.log(`Tunes networks on 12,000 images of clothes; accuracy is that on 2,000 others.
Three searches of one space, each with ${steps} training steps: learning rate (1e-5 to
1) and its schedule, optimizer, momentum, depth, width, activation, L2.`);

const reached = new Map(SEARCHES.map(({ name }) => [name, 0]));
let isShown = false;
function showProgress() {
  if (!process.stderr.isTTY) return;
  const parts = SEARCHES.map(
    ({ name, title }) => `${title} ${Math.floor((100 * reached.get(name)) / steps)} %`,
  );
  process.stderr.write(`\r\u001b[K${parts.join(" · ")}`);
  isShown = true;
}

async function search(name) {
  const folder = join(results, name);
  const found = await startSearch({ name, seed, steps, storage: database, folder }, (so) => {
    reached.set(name, so);
    showProgress();
  });
  return [name, found];
}

/** As many at a time as there are cores; the flagship, which works longest, is among the first. */
async function searchAll() {
  const waiting = SEARCHES.map(({ name }) => name).reverse();
  const found = [];
  const work = async () => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      found.push(await search(name));
    }
  };
  await Promise.all(Array.from({ length: Math.min(waiting.length, availableParallelism()) }, work));
  return Object.fromEntries(found);
}

async function writeReport() {
  const names = SEARCHES.map(({ name }) => `demo-${name}`);
  const words = ["report", ...names, "--output", report, "--storage", database];
  await promisify(execFile)(process.execPath, [join(root, "bin/curvewise.js"), ...words]);
}

const found = await searchAll();
if (isShown) process.stderr.write("\r\u001b[K");
await writeReport();

const all = SEARCHES.map(({ name }) => found[name]);
function valueText(value) {
  if (value === undefined) return "-";
  if (typeof value !== "number") return value;
  return value < 1e-3 ? value.toExponential(1) : String(Number(value.toPrecision(3)));
}
const param = (name) => [`  ${name}`, ...all.map(({ best }) => valueText(best.params[name]))];
const rows = [
  ["", ...SEARCHES.map(({ title }) => title)],
  ["training steps", ...all.map((each) => String(each.steps))],
  ["networks begun", ...all.map((each) => String(each.trials))],
  ["  trained to the end", ...all.map((each) => String(each.complete))],
  ["best accuracy", ...all.map(({ best }) => best.value.toFixed(4))],
  ...["lr", "schedule", "optimizer", "momentum", "depth", "width", "activation", "l2"].map(param),
];
console.log("");
for (const row of rows) {
  const [what, ...cells] = row;
  const line = `${what.padEnd(24)}${cells.map((cell) => cell.padStart(17)).join("")}`;
  console.log(what === "" || what === "best accuracy" ? bold(line) : line);
}

const record = readRecord(resolve(values.record));
const outcome = {
  seed,
  ...Object.fromEntries(SEARCHES.map(({ name }) => [name, { accuracy: found[name].best.value }])),
};
console.log("");
if (record === undefined || record.seeds.length === 0)
  console.log("No seeds are recorded yet: npm run bench:demo");
else if (record.steps !== steps) {
  console.log(
    `One seed is an anecdote, and the recorded ones have ${record.steps} steps each, not ${steps}.`,
  );
} else {
  console.log([...comparisonLines(record), ...placeLines(record, outcome)].join("\n"));
}
const { number } = found.flagship.best;
console.log(`
Curves, params and decisions: ${bold(shown(report))}
Why a network went on:
  npx curvewise explain demo-flagship ${number} --storage ${shown(database)}
It took ${Math.round((Date.now() - begun) / 1000)} seconds.`);
