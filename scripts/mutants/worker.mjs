// Runs the test files of one share of the mutants in the order given: node worker.mjs JOB, where JOB is a file with
// {files, mutants, tests, limits, folder}. Writes its findings to `result` and a line of progress for each test file to
// standard output.
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createVitest } from "vitest/node";

const job = JSON.parse(readFileSync(process.argv[2], "utf8"));
const code = new Map(Object.entries(job.files));
const runnerJob = join(job.folder, "runner.json");
const log = join(job.folder, "log.jsonl");
process.env.CURVEWISE_MUTANTS_JOB = runnerJob;
/** A test with a mutant may take so long, in milliseconds, beyond ten times what it takes without. */
const PATIENCE_MS = 20_000;

const vitest = await createVitest(
  "test",
  {
    config: false,
    root: job.root,
    watch: false,
    include: [...new Set(job.tests.map(({ file }) => file))],
    pool: "forks",
    maxWorkers: 1,
    testTimeout: 60_000,
    runner: join(import.meta.dirname, "runner.mjs"),
    reporters: [{}],
    silent: true,
    dangerouslyIgnoreUnhandledErrors: true,
  },
  {
    plugins: [{ name: "mutants", enforce: "pre", load: (id) => code.get(id.split("?")[0]) }],
    server: { watch: null },
    logLevel: "silent",
  },
);

const fileOf = new Map(job.mutants.map(({ id, file }) => [id, file]));
const alive = new Map(fileOf);
const reached = new Set();
const outside = new Set();
const states = new Map();
/** Processor time of the tests that each mutant has been through, in seconds; beyond the budget it is given up. */
const spent = {};
const durations = {};
const complaints = [];
const leftOut = [];

function entries() {
  try {
    const text = readFileSync(log, "utf8");
    return text
      .slice(0, text.lastIndexOf("\n") + 1)
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  } catch {
    return [];
  }
}

/** Kills the process of the tests, if it has not ended by itself. */
function killTests(all) {
  const pid = all.findLast((entry) => entry.pid !== undefined)?.pid;
  try {
    if (pid !== undefined) process.kill(pid, "SIGKILL");
  } catch (error) {
    if (error.code !== "ESRCH") throw error;
  }
}
process.once("disconnect", () => {
  killTests(entries());
  process.exit(1);
});

/** Kills the process of the tests when one of them takes too long; says what it had begun. */
function watch() {
  let seen = 0;
  let since = performance.now();
  const timer = setInterval(() => {
    const all = entries();
    if (all.length !== seen) {
      seen = all.length;
      since = performance.now();
    }
    const last = all.at(-1);
    const limit = last?.mutant === undefined ? 600_000 : PATIENCE_MS + 10 * (last.plainMs ?? 0);
    if (performance.now() - since >= limit) killTests(all);
  }, 500);
  return () => clearInterval(timer);
}

/** Runs one test file with all mutants that are alive and that it could reach. */
async function runFile(test) {
  const isOpen = ([id, file]) => test.reaches.includes(file) && !((spent[id] ?? 0) >= job.limits.budget);
  const candidates = [...alive].filter(isOpen).map(([id]) => id);
  if (candidates.length === 0) return;
  const tried = {};
  let plainMs = 0;
  for (let round = 0; round < 1000; round++) {
    const waiting = candidates.filter((id) => alive.has(id));
    if (waiting.length === 0) break;
    rmSync(log, { force: true });
    writeFileSync(runnerJob, JSON.stringify({ log, alive: waiting, tried, spent, ...job.limits }));
    const unwatch = watch();
    try {
      await vitest.runTestSpecifications([vitest.getRootProject().createSpecification(test.file)]);
    } finally {
      unwatch();
    }
    const found = entries();
    let open;
    for (const entry of found) {
      if (entry.begin !== undefined) open = entry;
      if (entry.plain !== undefined) {
        if (round === 0) plainMs += entry.ms;
        open = undefined;
        for (const id of entry.hits) reached.add(id);
        if (entry.leftOut) leftOut.push(`${test.name}: ${entry.name}`);
        if (entry.hasFailed) complaints.push(`${test.name}: "${entry.name}" fails without any mutant`);
      }
      if (entry.end !== undefined) {
        open = undefined;
        (tried[entry.end] ??= []).push(entry.mutant);
        if (entry.state === "survived") spent[entry.mutant] = (spent[entry.mutant] ?? 0) + entry.seconds;
        else {
          states.set(entry.mutant, { state: entry.state, by: `${test.name}: ${entry.test}` });
          alive.delete(entry.mutant);
        }
      }
      if (entry.unsound !== undefined) {
        complaints.push(`${test.name}: "${entry.name}" fails when it is played again, and was left out`);
        for (const id of entry.killed) {
          states.delete(id);
          alive.set(id, fileOf.get(id));
        }
      }
      if (entry.outside !== undefined) for (const id of entry.outside) outside.add(id);
    }
    if (open?.mutant === undefined) {
      if (found.length < 2) complaints.push(`${test.name}: no test ran`);
      break;
    }
    // The process ended in the middle of this one.
    states.set(open.mutant, { state: "timeout", by: test.name });
    alive.delete(open.mutant);
  }
  durations[test.name] = Math.round(plainMs);
  process.stdout.write(`${test.name}: ${alive.size} mutants are left\n`);
}

for (const test of job.tests) await runFile(test);
const givenUp = [...alive.keys()].filter((id) => (spent[id] ?? 0) >= job.limits.budget).length;
const result = {
  states: [...states],
  reached: [...reached],
  outside: [...outside],
  durations,
  complaints,
  leftOut,
  givenUp,
};
writeFileSync(job.result, JSON.stringify(result));
process.removeAllListeners("disconnect");
await vitest.close();
process.exit(0);
