// Mutation testing: changes the program in small ways, one at a time, and shows which changes no test notices.
//   npm run mutants -- src/forecast                   every mutant of a folder or file
//   npm run mutants -- src/core src/samplers --sample 150 --seed 2      a random sample of each
//   npm run mutants -- src/forecast --json out.json   all mutants and what became of them
// Every test runs once as it is and once with each mutant that it reaches and that no test has killed yet, in one
// process for each test file: see mutants/runner.mjs. A mutant goes through the test files nearest to it first. Tests
// that start programs are left out unless they stand in the mutated folder, so are single slow tests (`--slowest`), and
// a mutant is given up after a while (`--budget`): a score is a lower bound.
import { fork } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { basename, dirname, join, relative, resolve } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { instrument } from "./mutants/instrument.mjs";
import { createImportGraph } from "./mutants/related-tests.mjs";
import { report } from "./mutants/report.mjs";

const root = resolve(import.meta.dirname, "..");
/** How long each test file took the last time. */
const durationsFile = join(root, "node_modules/.cache/curvewise-mutants.json");
/** Folders whose tests start programs, servers or databases. */
const SLOW = ["src/server", "src/cli", "src/launchers", "src/storage", "src/api", "tests", "trainer"];
/** Of these, the files that run in one process. */
const QUICK = new Set(["tests/recorded-logs.test.ts"]);

function wholeNumber(text) {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError("It must be a whole number above 0.");
  return value;
}

const program = new Command("npm run mutants --")
  .description("Show which small changes of the program no test notices.")
  .argument("<path...>", "folders or files of src")
  .option("--sample <n>", "try only so many mutants of each path, drawn at random", wholeNumber)
  .option("--seed <s>", "of the sample and of fast-check", wholeNumber, 1)
  .option("--jobs <n>", "processes at a time", wholeNumber, Math.max(1, availableParallelism() - 1))
  .option("--slowest <seconds>", "leave out tests that need more processor time than this", Number, 2)
  .option("--budget <seconds>", "give a mutant up after tests that need so much processor time", Number, 5)
  .option("--near", "run only the test files of these paths, which is quick")
  .option("--json <file>", "write every mutant and what became of it")
  .option("--only <file>", "try only the mutants that survived according to such a file")
  .option("--verbose", "print each test file as it ends")
  .parse();
const options = program.opts();

function filesBelow(path) {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== "node_modules")
    .map((entry) => join(entry.parentPath, entry.name));
}
const isTest = (file) => file.endsWith(".test.ts");
/** Files named `plain-...` are definitions that tests compare the product with. */
const isSource = (file) =>
  file.endsWith(".ts") && !file.endsWith(".d.ts") && !isTest(file) && !basename(file).startsWith("plain-");

/** A small generator of random numbers in [0, 1): the sample is the same for a seed, on any machine. */
function createUniform(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** So many of the items, drawn without replacement. */
function drawn(items, count, seed) {
  const uniform = createUniform(seed);
  const pool = [...items];
  for (let place = 0; place < Math.min(count, pool.length); place++) {
    const other = place + Math.floor(uniform() * (pool.length - place));
    [pool[place], pool[other]] = [pool[other], pool[place]];
  }
  return pool.slice(0, count);
}

// Every mutant of every path.
const groups = [];
const firstIds = new Map();
const sources = new Map();
let nextId = 0;
for (const path of program.args) {
  const full = resolve(path);
  if (!existsSync(full)) program.error(`There is no ${path}.`, { exitCode: 2 });
  const group = { path: relative(root, full), mutants: [], equivalents: 0 };
  for (const file of filesBelow(full)
    .filter(isSource)
    .toSorted((a, b) => (a < b ? -1 : 1))) {
    if (firstIds.has(file)) continue;
    const source = readFileSync(file, "utf8");
    const { mutants, equivalents } = instrument(file, source, nextId, () => false);
    firstIds.set(file, nextId);
    sources.set(file, source);
    nextId += mutants.length;
    group.mutants.push(...mutants);
    group.equivalents += equivalents;
  }
  group.all = group.mutants.length;
  if (options.only !== undefined) {
    // Not by line: what stands above may have changed since.
    const key = ({ file, operator, original, replacement }) =>
      JSON.stringify([resolve(root, file), operator, original, replacement]);
    const survivors = JSON.parse(readFileSync(options.only, "utf8"))
      .filter(({ state }) => state === "survived" || state === "no coverage")
      .map(key);
    const wanted = new Set(survivors);
    group.mutants = group.mutants.filter((mutant) => wanted.has(key(mutant)));
  }
  if (options.sample !== undefined) group.mutants = drawn(group.mutants, options.sample, options.seed);
  groups.push(group);
}
const mutants = groups.flatMap((group) => group.mutants);
if (mutants.length === 0) program.error("There is nothing to change in these files.", { exitCode: 2 });

/** How near a test file is to a source file that it reaches, from 0, so many imports away. */
function nearness(test, source, distance) {
  const name = basename(source, ".ts");
  if (dirname(test) === dirname(source)) {
    return [`${name}.test.ts`, `plain-${name}.test.ts`].includes(basename(test)) ? 0 : 1;
  }
  return distance === 1 ? 2 : 3;
}

// The test files that reach them, each once for every degree of nearness: those of a file itself first, which know most
// about it, and of these quick ones first.
const durations = existsSync(durationsFile) ? JSON.parse(readFileSync(durationsFile, "utf8")) : {};
const mutated = new Set(mutants.map(({ file }) => file));
const mutatedFolders = [...mutated].map((file) => relative(root, dirname(file)));
const distancesFrom = createImportGraph();
const tests = [...filesBelow(join(root, "src")), ...filesBelow(join(root, "tests"))]
  .filter(isTest)
  .filter((file) => {
    const name = relative(root, file);
    if (options.near) return groups.some(({ path }) => name.startsWith(path.replace(/[^/]+\.ts$/, "")));
    if (QUICK.has(name)) return true;
    const slow = SLOW.find((folder) => name.startsWith(`${folder}/`));
    return (
      slow === undefined || mutatedFolders.some((folder) => folder === slow || folder.startsWith(`${slow}/`))
    );
  })
  .flatMap((file) => {
    const distances = distancesFrom(file);
    const name = relative(root, file);
    const reaches = [...mutated].filter((each) => distances.has(each));
    const ms = durations[name] ?? 1000 + 1000 * Math.min(...reaches.map((each) => distances.get(each)));
    return [0, 1, 2, 3].map((rank) => {
      const near = reaches.filter((each) => nearness(file, each, distances.get(each)) === rank);
      return { file, name, reaches: near, rank, ms };
    });
  })
  .filter(({ reaches }) => reaches.length > 0)
  .toSorted((a, b) => a.rank - b.rank || a.ms - b.ms);
const testFiles = new Set(tests.map(({ file }) => file));

// Each process takes a share of the mutants through all test files.
const folder = mkdtempSync(join(tmpdir(), "mutants-"));
const children = new Set();
process.on("exit", () => {
  for (const child of children) child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});
process.on("SIGINT", () => process.exit(130));
process.on("SIGTERM", () => process.exit(143));
const note = (text) => process.stderr.write(text);

async function runShare(share, place) {
  const own = join(folder, String(place));
  mkdirSync(own);
  const wanted = new Set(share.map(({ id }) => id));
  const files = {};
  for (const file of new Set(share.map((mutant) => mutant.file))) {
    files[file] = instrument(file, sources.get(file), firstIds.get(file), (id) => wanted.has(id)).code;
  }
  const { seed, slowest, budget } = options;
  const limits = { seed, slowest, budget };
  const result = join(own, "result.json");
  const job = { root, folder: own, files, mutants: share, tests, limits, result };
  writeFileSync(join(own, "job.json"), JSON.stringify(job));
  const child = fork(join(import.meta.dirname, "mutants/worker.mjs"), [join(own, "job.json")], {
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  children.add(child);
  let errors = "";
  child.stderr.on("data", (data) => {
    errors += data;
  });
  child.stdout.on("data", (data) => {
    if (options.verbose) note(String(data));
  });
  const status = await new Promise((resolve) => child.once("exit", resolve));
  children.delete(child);
  if (!existsSync(result)) throw new Error(`A process of tests ended with ${status}.\n${errors}`);
  return JSON.parse(readFileSync(result, "utf8"));
}

const jobs = Math.min(options.jobs, mutants.length);
note(`${mutants.length} mutants, ${testFiles.size} test files, ${jobs} at a time\n`);
const shuffled = drawn(mutants, mutants.length, options.seed);
const shares = Array.from({ length: jobs }, (_, place) =>
  shuffled.filter((_, index) => index % jobs === place),
);
const results = await Promise.all(shares.map(runShare));

const states = new Map(results.flatMap((result) => result.states));
const reached = new Set(results.flatMap((result) => result.reached));
const outside = new Set(results.flatMap((result) => result.outside));
for (const result of results) Object.assign(durations, result.durations);
mkdirSync(dirname(durationsFile), { recursive: true });
writeFileSync(durationsFile, JSON.stringify(durations));

for (const group of groups) {
  for (const mutant of group.mutants) {
    const ended = states.get(mutant.id);
    mutant.file = relative(root, mutant.file);
    mutant.by = ended?.by;
    if (ended !== undefined) mutant.state = ended.state;
    else if (reached.has(mutant.id)) mutant.state = "survived";
    else if (outside.has(mutant.id)) mutant.state = "static";
    else mutant.state = mutant.isFallback ? "unreachable" : "no coverage";
  }
}
for (const complaint of new Set(results.flatMap((result) => result.complaints)))
  console.log(`! ${complaint}`);
const leftOut = new Set(results.flatMap((result) => result.leftOut));
if (leftOut.size > 0)
  console.log(`${leftOut.size} tests needed more than ${options.slowest} s and were left out`);
const givenUp = results.reduce((sum, result) => sum + result.givenUp, 0);
if (givenUp > 0) console.log(`${givenUp} survivors were given up after tests of ${options.budget} s`);
report(groups);
if (options.json !== undefined) {
  writeFileSync(
    options.json,
    JSON.stringify(
      groups.flatMap((group) => group.mutants),
      undefined,
      1,
    ),
  );
}
