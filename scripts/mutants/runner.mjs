// Vitest's runner for mutants: every test runs once as it is, which shows the mutants that it reaches, then once with
// each of those that no test has killed yet, and at last once more as it is, which shows whether a mutant left
// something behind. All of it happens in one process: a mutant costs no more than the tests that reach it.
import { appendFileSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { TestRunner } from "vitest";

const job = JSON.parse(readFileSync(process.env.CURVEWISE_MUTANTS_JOB, "utf8"));
const alive = new Set(job.alive);
/** Processor time of the tests that each mutant has been through, in seconds. */
const spent = new Map(Object.entries(job.spent).map(([id, seconds]) => [Number(id), seconds]));
const note = (entry) => appendFileSync(job.log, `${JSON.stringify(entry)}\n`);
note({ pid: process.pid });

// The smallest counterexample is of no interest here; the seed makes a score repeatable.
fc.configureGlobal({ ...fc.readConfigureGlobal(), endOnFailure: true, seed: job.seed });

let active = -1;
let isCounting = false;
let uses = 0;
let mostUses = 0;
let hasRunAway = false;
let failure;
const hits = new Map();
/** Mutants used while no test ran: as a module was loaded. */
const outside = new Set();

/** The switch in the instrumented code. A mutant that is used far more often than its original loops forever. */
globalThis.__mutant = (id) => {
  if (id === active) {
    uses += 1;
    if (uses > mostUses) {
      hasRunAway = true;
      throw new Error("This mutant does not come to an end.");
    }
    return true;
  }
  if (isCounting) hits.set(id, (hits.get(id) ?? 0) + 1);
  else if (active < 0) outside.add(id);
  return false;
};
const onStrayError = (error) => {
  failure ??= error;
};
process.on("unhandledRejection", onStrayError);
process.on("uncaughtException", onStrayError);

export default class MutantRunner extends TestRunner {
  #phase = "plain";
  #queue = [];
  #killed = [];
  #begun = 0;
  #cpuBefore = process.cpuUsage();
  #plainMs = 0;
  #plainSeconds = 0;

  onAfterRunFiles() {
    super.onAfterRunFiles();
    note({ outside: [...outside] });
  }

  async onBeforeRunTask(test) {
    await super.onBeforeRunTask(test);
    if (alive.size === 0 && test.mode === "run") test.mode = "skip";
    // At most so many turns; those that turn out not to be needed do nothing.
    test.repeats = alive.size + 1;
    test.retry = 0;
    this.#phase = "plain";
    this.#killed = [];
  }

  onBeforeTryTask(test) {
    super.onBeforeTryTask(test);
    test.result.state = "run";
    test.result.errors = undefined;
    failure = undefined;
    // What contract suites know of studies that they have simulated is forgotten by this: the mutant takes part in it.
    fc.configureGlobal({ ...fc.readConfigureGlobal() });
    uses = 0;
    hasRunAway = false;
    if (this.#phase === "plain") {
      hits.clear();
      isCounting = true;
      note({ begin: test.id, file: test.file.filepath, name: test.name });
    } else if (this.#phase === "mutants") {
      active = this.#queue.find((id) => alive.has(id)) ?? -1;
      if (active < 0) {
        this.#phase = "again";
        note({ begin: test.id });
      } else {
        this.#queue = this.#queue.slice(this.#queue.indexOf(active) + 1);
        mostUses = 100 * (hits.get(active) ?? 0) + 20_000;
        note({ begin: test.id, mutant: active, plainMs: this.#plainMs });
      }
    }
    this.#begun = performance.now();
    this.#cpuBefore = process.cpuUsage();
  }

  async runTask(test) {
    if (this.#phase === "over") return;
    await TestRunner.getTestFn(test)();
    // An error that nobody waits for is known when the queue of tasks has been through.
    if (failure === undefined) await new Promise((resolve) => setImmediate(resolve));
    if (failure !== undefined) throw failure;
  }

  onAfterRetryTask(test) {
    const hasFailed = test.result.state === "fail";
    const mutant = active;
    active = -1;
    if (this.#phase === "plain") {
      isCounting = false;
      this.#plainMs = performance.now() - this.#begun;
      const { user, system } = process.cpuUsage(this.#cpuBefore);
      const seconds = (user + system) / 1e6;
      const isSlow = seconds > job.slowest;
      this.#plainSeconds = seconds;
      const tried = new Set(job.tried[test.id]);
      const isOpen = (id) => alive.has(id) && !tried.has(id) && (spent.get(id) ?? 0) < job.budget;
      const open = [...hits.keys()].filter(isOpen);
      this.#queue = hasFailed || isSlow ? [] : open;
      const leftOut = isSlow && open.length > 0;
      note({
        plain: test.id,
        ms: this.#plainMs,
        hits: [...hits.keys()],
        hasFailed,
        leftOut,
        name: test.name,
      });
      this.#phase = this.#queue.length === 0 ? "over" : "mutants";
    } else if (this.#phase === "mutants") {
      if (hasFailed) {
        alive.delete(mutant);
        this.#killed.push(mutant);
      } else spent.set(mutant, (spent.get(mutant) ?? 0) + this.#plainSeconds);
      const state = hasFailed ? (hasRunAway ? "timeout" : "killed") : "survived";
      note({ end: test.id, mutant, state, test: test.name, seconds: this.#plainSeconds });
    } else if (this.#phase === "again") {
      // It cannot be played twice, or a mutant left something behind: that others failed too says nothing.
      if (hasFailed) {
        for (const id of this.#killed) alive.add(id);
        note({ unsound: test.id, name: test.name, killed: this.#killed });
      }
      this.#phase = "over";
    }
    test.result.state = "pass";
    test.result.errors = undefined;
  }
}
