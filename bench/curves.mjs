// How good each scheduler with each sampler is at finding good configurations, on recorded curves of real tasks.
//   node bench/curves.mjs                             every scheduler with every sampler, 30 seeds
//   node bench/curves.mjs --schedulers "none, median, asha: {eta: 4}" --samplers random
//   node bench/curves.mjs --folder FOLDER --tasks GRU --seeds 10 --budgets 10,20,50 --workers 8
//   node bench/curves.mjs --json                      the last line is the result as JSON
// The protocol is docs/replay.md's: regret is (best observed - best of the table) / (median final value - best of the
// table), after so many complete trainings' worth of steps; pausing and going on is free.
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { isMainThread, parentPort, Worker } from "node:worker_threads";
import { parse } from "yaml";
import { regretAt, replayTable } from "../dist/analysis/index.js";
import { chooseAlgorithm, knownSamplers, knownSchedulers } from "../dist/config/algorithms.js";
import { compareRules, printComparison } from "./curve-comparison.mjs";
import { DEFAULT_FOLDER, findTasks, loadTable } from "./curve-tasks.mjs";
import { keep } from "./machine.mjs";
import { oracleStopper } from "./oracle-stopper.mjs";

/** Other options of registered schedulers that are worth a line; the defaults always have one. */
const VARIANTS = {
  asha: [{ eta: 3 }, { eta: 4 }, { type: "stopping", eta: 3 }, { type: "stopping", eta: 4 }],
  hyperband: [{ eta: 3 }],
  lcm: [
    { mode: "poster", accumulate: 10 },
    { mode: "promote", eta: 3 },
    { mode: "promote", eta: 4 },
    { mode: "stop" },
  ],
};

/** What every table is compared with, the first of these that was replayed. */
const BASELINES = ["asha {eta: 4} + random", "asha + random", "median + random", "none + random"];

const inline = (options) =>
  Object.entries(options)
    .map(([name, value]) => `${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(", ");
const labelOf = (input) =>
  typeof input === "string"
    ? input
    : Object.entries(input).map(([name, options]) => `${name} {${inline(options)}}`)[0];

/** Reads `none, asha: {eta: 4}`, as in study.yaml. */
const readList = (text) => parse(`[${text}]`);

const canChoose = (known, input) => {
  try {
    return chooseAlgorithm(known, input) !== undefined;
  } catch {
    return false;
  }
};

/** The registered schedulers: each with its defaults, and in the variants that it accepts. */
function registeredSchedulers() {
  const known = knownSchedulers();
  return [...known.keys()].flatMap((name) => {
    const variants = (VARIANTS[name] ?? []).map((options) => ({ [name]: options }));
    const accepted = variants.filter((variant) => canChoose(known, variant));
    const settings = (input) => JSON.stringify(chooseAlgorithm(known, input).options);
    const defaults = accepted.some((variant) => settings(variant) === settings(name)) ? [] : [name];
    return [...defaults, ...accepted];
  });
}

/** The registered samplers that can choose among the configurations of a table. */
function registeredSamplers(table) {
  const known = knownSamplers();
  const { space, goal, maxSteps, candidates } = table;
  return [...known.keys()].filter((name) => {
    try {
      known.get(name).choose().create({ space, goal, maxSteps, seed: 0, candidates });
      return true;
    } catch {
      return false;
    }
  });
}

/** Replays one rule on one task; the regrets are by seed, then by budget. */
function replayTask(table, { scheduler, sampler }, { seeds, budgets, workers }) {
  const choose =
    scheduler === "oracle" ? oracleStopper(table) : chooseAlgorithm(knownSchedulers(), scheduler);
  const steps = Math.max(...budgets) * table.maxSteps;
  return Array.from({ length: seeds }, (_, seed) => {
    const chosen = chooseAlgorithm(knownSamplers(), sampler);
    const { improvements } = replayTable({ table, scheduler: choose, sampler: chosen, seed, steps, workers });
    return budgets.map((budget) => regretAt(table, improvements, budget));
  });
}

function work() {
  let loaded;
  parentPort.on("message", ({ task, rule, settings }) => {
    if (loaded?.path !== task.path) loaded = { path: task.path, table: loadTable(task) };
    const begin = performance.now();
    try {
      const regrets = replayTask(loaded.table, rule, settings);
      parentPort.postMessage({ regrets, milliseconds: performance.now() - begin }, []);
    } catch (error) {
      parentPort.postMessage({ failure: `${task.name}, ${rule.label}: ${error.stack}` }, []);
    }
  });
}

/** Runs all jobs on all cores. */
async function replayAll(jobs, settings, onDone) {
  const threads = Math.min(settings.threads, jobs.length);
  let next = 0;
  await Promise.all(
    Array.from({ length: threads }, async () => {
      const worker = new Worker(new URL(import.meta.url));
      try {
        for (let job = jobs[next++]; job !== undefined; job = jobs[next++]) {
          worker.postMessage({ task: job.task, rule: job.rule, settings }, []);
          const [{ regrets, milliseconds, failure }] = await once(worker, "message");
          if (failure !== undefined) throw new Error(failure);
          onDone(job, regrets, milliseconds);
        }
      } finally {
        await worker.terminate();
      }
    }),
  );
}

async function main() {
  const { values } = parseArgs({
    options: {
      folder: { type: "string", default: DEFAULT_FOLDER },
      tasks: { type: "string", default: "" },
      seeds: { type: "string", default: "30" },
      budgets: { type: "string", default: "10,20,50" },
      workers: { type: "string", default: "1" },
      threads: { type: "string", default: String(availableParallelism()) },
      schedulers: { type: "string" },
      samplers: { type: "string" },
      baseline: { type: "string" },
      json: { type: "boolean", default: false },
    },
  });
  const tasks = findTasks(values.folder).filter(({ path }) => path.includes(values.tasks));
  const settings = {
    seeds: Number(values.seeds),
    budgets: values.budgets.split(",").map(Number),
    workers: Number(values.workers),
    threads: Number(values.threads),
  };
  const schedulers = values.schedulers === undefined ? registeredSchedulers() : readList(values.schedulers);
  const samplers =
    values.samplers === undefined ? registeredSamplers(loadTable(tasks[0])) : readList(values.samplers);
  const rules = schedulers.flatMap((scheduler) =>
    samplers.map((sampler) => ({
      label: `${labelOf(scheduler)} + ${labelOf(sampler)}`,
      scheduler,
      sampler,
      reference: false,
      regrets: [],
      milliseconds: 0,
    })),
  );
  const oracle = {
    label: "oracle stopper + random",
    scheduler: "oracle",
    sampler: "random",
    reference: true,
  };
  rules.push({ ...oracle, regrets: [], milliseconds: 0 });
  const jobs = tasks.flatMap((task, place) => rules.map((rule) => ({ task, place, rule })));
  let done = 0;
  await replayAll(jobs, settings, ({ place, rule }, regrets, milliseconds) => {
    rule.regrets[place] = regrets;
    rule.milliseconds += milliseconds;
    done += 1;
    if (process.stderr.isTTY)
      process.stderr.write(`\r${done} of ${jobs.length} replays of a rule on a task `);
  });
  if (process.stderr.isTTY) process.stderr.write("\r\u001b[K");
  const labels = new Set(rules.map(({ label }) => label));
  const baseline = values.baseline ?? BASELINES.find((label) => labels.has(label));
  const groups = compareRules(tasks, rules, baseline);
  printComparison(groups, settings.budgets, baseline);
  const replays = tasks.length * settings.seeds;
  keep("curves", {
    ...settings,
    baseline,
    groups,
    tasks: tasks.map(({ name, source, half }, place) => ({
      name,
      source,
      half,
      rules: rules.map(({ label, regrets }) => ({
        label,
        mean: settings.budgets.map(
          (_, b) => regrets[place].reduce((sum, regret) => sum + regret[b], 0) / settings.seeds,
        ),
      })),
    })),
    millisecondsPerReplay: Object.fromEntries(
      rules.map(({ label, milliseconds }) => [label, milliseconds / replays]),
    ),
  });
}

if (isMainThread) await main();
else work();
