// Changes the code in small ways, one at a time, and tells which changes no test notices.
//   npm run mutants -- src/schedules                     every mutant of a folder; of a file: src/core/goal.ts
//   npm run mutants -- src/core src/engine --sample 100  so many of each folder, drawn by --seed (1)
//   npm run mutants -- PATH... --json FILE               writes {paths: [{path, score, ...}], survivors: [...]} as well
// Score: killed and timed out, of all mutants but those in code that runs only while its module is loaded.
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join, sep } from "node:path";
import { parseArgs } from "node:util";
import { Stryker } from "@stryker-mutator/core";
import { Instrumenter } from "@stryker-mutator/instrumenter";

const EXCLUDED = [
  // Messages are not held to their words.
  "StringLiteral",
  // The compiler wants `?.` wherever an index could be out of bounds, also where it never is.
  "OptionalChaining",
];

/** Whose tests are run on the mutants of a folder of src; of others, its own. Each must be quick and in one process. */
const TESTS = {
  math: ["src/math", "src/samplers", "src/schedulers/pb2"],
  core: ["src/core", "src/engine", "src/analysis", "src/config", "tests/one-course.test.ts"],
  forecast: ["src/forecast", "src/schedulers/lcm", "src/schedulers/*.test.ts", "src/samplers/curve"],
  samplers: ["src/samplers"],
  schedulers: ["src/schedulers", "src/forecast", "src/api/populations.test.ts"],
  engine: ["src/engine", "src/api", "tests/one-course.test.ts"],
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    sample: { type: "string" },
    seed: { type: "string", default: "1" },
    json: { type: "string" },
    concurrency: { type: "string", default: String(Math.max(1, availableParallelism() - 1)) },
  },
});
if (positionals.length === 0) {
  console.error("error: name folders or files of src, such as: npm run mutants -- src/schedules");
  process.exit(2);
}

function sourcesOf(path) {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true })
    .filter((file) => file.endsWith(".ts") && !/(\.test|\.d|\bindex)\.ts$/.test(file))
    .map((file) => join(path, file))
    .sort();
}

function testsOf(path) {
  const [, folder = ""] = path.split(sep);
  return (TESTS[folder] ?? [`src/${folder}`]).map((each) =>
    each.endsWith(".ts") ? each : `${each}/**/*.test.ts`,
  );
}

/** Numbers in [0, 1) that follow from a seed (mulberry32). */
function randomNumbers(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const SILENT = Object.fromEntries(
  ["trace", "debug", "info", "warn", "error", "fatal"].flatMap((level) => [
    [level, () => {}],
    [`is${level[0].toUpperCase()}${level.slice(1)}Enabled`, () => false],
  ]),
);

/** The places of all mutants that could be, as ranges that Stryker takes: `file:line:column-line:column`. */
async function rangesOf(files) {
  const given = files.map((name) => ({ name, content: readFileSync(name, "utf8"), mutate: true }));
  const { mutants } = await new Instrumenter(SILENT).instrument(given, {
    plugins: null,
    excludedMutations: EXCLUDED,
    ignorers: [],
  });
  // A range has the mutants of all that is inside it, so one of many lines would bring in more than was drawn.
  const places = mutants
    .filter(({ status, location: { start, end } }) => status !== "Ignored" && start.line === end.line)
    .map(({ fileName, location: { start, end } }) => {
      return `${fileName}:${start.line + 1}:${start.column}-${end.line + 1}:${end.column}`;
    });
  return [...new Set(places)];
}

async function mutateOf(path) {
  const files = sourcesOf(path);
  if (values.sample === undefined) return files;
  const ranges = await rangesOf(files);
  const random = randomNumbers(Number(values.seed));
  return ranges
    .map((range) => ({ range, key: random() }))
    .sort((a, b) => a.key - b.key)
    .slice(0, Number(values.sample))
    .map(({ range }) => range);
}

async function mutate(path, mutated) {
  const work = mkdtempSync(join(tmpdir(), "curvewise-mutants-"));
  const config = `vitest.mutants-${process.pid}.config.ts`;
  writeFileSync(
    config,
    `import { defineConfig } from "vitest/config";
export default defineConfig({ test: { include: ${JSON.stringify(testsOf(path))}, testTimeout: 120_000 } });
`,
  );
  try {
    return await new Stryker({
      testRunner: "vitest",
      plugins: ["@stryker-mutator/vitest-runner"],
      vitest: { configFile: config, related: true },
      coverageAnalysis: "perTest",
      ignoreStatic: true,
      mutate: mutated,
      mutator: { plugins: null, excludedMutations: EXCLUDED },
      // It would rewrite the configuration with TypeScript's API, which TypeScript 7 does not have.
      tsconfigFile: "none.json",
      disableTypeChecks: false,
      ignorePatterns: ["dist", "bench", "data", "docs", "experiments", "examples"],
      tempDirName: work,
      reporters: process.stdout.isTTY ? ["progress"] : [],
      concurrency: Number(values.concurrency),
      dryRunTimeoutMinutes: 30,
      timeoutMS: 20_000,
      allowEmpty: true,
    }).runMutationTest();
  } finally {
    rmSync(config, { force: true });
    rmSync(work, { recursive: true, force: true });
  }
}

const paths = [];
const survivors = [];
for (const path of positionals.map((each) => each.replace(/\/$/, ""))) {
  const results = await mutate(path, await mutateOf(path));
  const count = (...states) => results.filter(({ status }) => states.includes(status)).length;
  const [killed, timedOut] = [count("Killed"), count("Timeout")];
  const [survived, uncovered] = [count("Survived"), count("NoCoverage")];
  const all = killed + timedOut + survived + uncovered;
  const score = Number(((100 * (killed + timedOut)) / all).toFixed(1));
  paths.push({ path, mutants: all, killed, timedOut, survived, uncovered, score });
  for (const { fileName, location, replacement, status } of results) {
    if (status !== "Survived" && status !== "NoCoverage") continue;
    const lines = readFileSync(fileName, "utf8").split("\n");
    const { start, end } = location;
    const original =
      start.line === end.line
        ? lines[start.line - 1].slice(start.column - 1, end.column - 1)
        : `${lines[start.line - 1].slice(start.column - 1)} ...`;
    const place = `${fileName.replace(`${process.cwd()}/`, "")}:${start.line}`;
    survivors.push({ path, place, original, replacement, covered: status === "Survived" });
  }
  for (const { place, original, replacement, covered } of survivors.filter((each) => each.path === path)) {
    console.log(`${place}${covered ? "" : " (no test)"}  ${original}  ->  ${replacement}`);
  }
}
console.table(paths);
if (values.json !== undefined) {
  writeFileSync(values.json, `${JSON.stringify({ paths, survivors }, null, 2)}\n`);
}
