// The peers' own code on the same recorded curves and protocol as bench/curves.mjs, in one table with ours.
//   npm run bench:peers                                  creates a Python virtual environment in .cache first
//   node bench/peers.mjs --seeds 30 --slow-seeds 3 --limit 120 --tasks taskset,opda --peers optuna,mobster
//   node bench/peers.mjs --schedulers "asha: {eta: 4}, lcm" --json
//   node bench/peers.mjs --peers mobster --limit 7200 --record peers-at-length      kept under that name in bench/results
// Peers with slow proposals or decisions have fewer seeds (--slow-seeds) and a limit in seconds of processor time per replay (--limit); a
// budget not reached by then has no figure. Replays are cached in .cache/peers-curves; --fresh clears the cache. See
// peers-python/ for how each peer is called.
import { spawn } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { compareRules, printComparison } from "./curve-comparison.mjs";
import { baselineOf, counter, replayRules, rulesOf } from "./curve-rules.mjs";
import { DEFAULT_FOLDER, findTasks, loadTable } from "./curve-tasks.mjs";
import { keep, peersPython } from "./machine.mjs";

const PEERS = [
  { peer: "optuna:median+random", label: "Optuna MedianPruner + random" },
  { peer: "optuna:sha+random", label: "Optuna SuccessiveHalvingPruner + random" },
  { peer: "optuna:hyperband+random", label: "Optuna HyperbandPruner + random" },
  { peer: "optuna:median+tpe", label: "Optuna MedianPruner + TPE", isSlow: true },
  { peer: "optuna:sha+tpe", label: "Optuna SuccessiveHalvingPruner + TPE", isSlow: true },
  { peer: "optuna:hyperband+tpe", label: "Optuna HyperbandPruner + TPE", isSlow: true },
  { peer: "synetune:asha-promotion-eta3", label: "Syne Tune ASHA promotion, eta 3" },
  { peer: "synetune:asha-promotion-eta4", label: "Syne Tune ASHA promotion, eta 4" },
  { peer: "synetune:asha-stopping-eta3", label: "Syne Tune ASHA stopping, eta 3" },
  { peer: "synetune:asha-stopping-eta4", label: "Syne Tune ASHA stopping, eta 4" },
  { peer: "synetune:pasha", label: "Syne Tune PASHA, eta 3", isSlow: true },
  { peer: "synetune:mobster", label: "Syne Tune MOBSTER, eta 3", isSlow: true },
  { peer: "synetune:hypertune", label: "Syne Tune HyperTune, eta 3", isSlow: true },
  { peer: "synetune:dyhpo", label: "Syne Tune DyHPO", isSlow: true },
];

const FOLDER = join(import.meta.dirname, "peers-python");
const MEMORY = join(import.meta.dirname, "..", ".cache", "peers-curves");

/**
 * Earlier replays, by seed; the file grows by one line per replay. A replay that finished in time stays valid under a
 * longer limit.
 */
function remembered(file, settings) {
  const known = new Map();
  if (!existsSync(file)) return known;
  for (const line of readFileSync(file, "utf8").trimEnd().split("\n")) {
    const { seed, budgets, limit, ...result } = JSON.parse(line);
    const isWhole = !result.regret.includes(null) && result.seconds <= settings.limit;
    if (
      JSON.stringify(budgets) === JSON.stringify(settings.budgets) &&
      (isWhole || limit === settings.limit)
    ) {
      known.set(seed, result);
    }
  }
  return known;
}

/** Runs one peer on one task: the regrets by seed, then by budget. */
async function replayPeer(python, { peer, isSlow }, task, settings) {
  const seeds = Array.from({ length: isSlow ? settings.slowSeeds : settings.seeds }, (_, seed) => seed);
  const file = join(MEMORY, peer.replaceAll(":", "-"), `${task.file}l`);
  const known = remembered(file, settings);
  const missing = seeds.filter((seed) => !known.has(seed));
  if (missing.length > 0) {
    mkdirSync(dirname(file), { recursive: true });
    const { budgets, limit } = settings;
    const args = [
      join(FOLDER, "curves.py"),
      task.path,
      peer,
      missing.join(","),
      budgets.join(","),
      String(limit),
    ];
    // One thread each, since as many processes run as there are cores.
    const env = { ...process.env, OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1", PYTHONWARNINGS: "ignore" };
    const child = spawn(python, args, { env, stdio: ["ignore", "pipe", "pipe"] });
    let errors = "";
    child.stderr.on("data", (data) => {
      errors = (errors + data).slice(-4000);
    });
    const ended = new Promise((resolve) => {
      child.on("close", resolve);
    });
    for await (const line of createInterface({ input: child.stdout })) {
      if (!line.startsWith('{"seed"')) continue;
      const { seed, ...result } = JSON.parse(line);
      known.set(seed, result);
      appendFileSync(file, `${JSON.stringify({ seed, budgets, limit, ...result })}\n`);
    }
    const code = await ended;
    if (code !== 0) throw new Error(errors.trimEnd().split("\n").at(-1) || `exit code ${code}`);
  }
  return seeds.map((seed) => known.get(seed));
}

/** Runs all peers on all tasks, with one process per available thread. */
async function replayPeers(python, peers, tasks, settings) {
  const results = peers.map(() => tasks.map(() => undefined));
  const failures = new Map();
  const jobs = peers.flatMap((peer, p) => tasks.map((task, t) => ({ peer, p, task, t })));
  const count = counter(jobs.length, "replays of a peer on a task");
  let next = 0;
  const work = async () => {
    for (let job = jobs[next++]; job !== undefined; job = jobs[next++]) {
      const { peer, p, task, t } = job;
      try {
        if (!failures.has(peer.label)) results[p][t] = await replayPeer(python, peer, task, settings);
      } catch (error) {
        failures.set(peer.label, `${task.name}: ${error.message}`);
      }
      count();
    }
  };
  await Promise.all(Array.from({ length: settings.threads }, work));
  return { results, failures };
}

const { values } = parseArgs({
  options: {
    folder: { type: "string", default: DEFAULT_FOLDER },
    tasks: { type: "string", default: "" },
    peers: { type: "string", default: "" },
    seeds: { type: "string", default: "30" },
    "slow-seeds": { type: "string", default: "3" },
    limit: { type: "string", default: "120" },
    budgets: { type: "string", default: "10,20,50" },
    threads: { type: "string", default: String(availableParallelism()) },
    schedulers: { type: "string" },
    samplers: { type: "string" },
    baseline: { type: "string" },
    fresh: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    record: { type: "string", default: "peers" },
  },
});
const tasks = findTasks(values.folder, values.tasks);
const settings = {
  seeds: Number(values.seeds),
  slowSeeds: Number(values["slow-seeds"]),
  limit: Number(values.limit),
  budgets: values.budgets.split(",").map(Number),
  workers: 1,
  of: "best",
  threads: Number(values.threads),
};
if (values.fresh) rmSync(MEMORY, { recursive: true, force: true });
const wanted = values.peers.toLowerCase().split(",");
const peers = PEERS.filter(({ peer, label }) =>
  wanted.some((part) => peer.includes(part) || label.toLowerCase().includes(part)),
);
const python = peersPython(join(FOLDER, "requirements.txt"));
if (python === undefined) {
  console.error("error: the peers need python3 with venv, and pip");
  process.exit(2);
}
const ours = rulesOf(values.schedulers, values.samplers, loadTable(tasks[0]));
await replayRules(tasks, ours, settings);
const { results, failures } = await replayPeers(python, peers, tasks, settings);
const theirs = peers.flatMap(({ label }, p) =>
  failures.has(label)
    ? []
    : [
        {
          label,
          reference: false,
          regrets: results[p].map((seeds) =>
            seeds.map(({ regret }) => regret.map((value) => value ?? Number.NaN)),
          ),
          secondsPerReplay:
            results[p].flat().reduce((sum, { seconds }) => sum + seconds, 0) / results[p].flat().length,
        },
      ],
);
const rules = [
  ...ours.map((rule) => ({
    ...rule,
    secondsPerReplay: rule.milliseconds / 1000 / tasks.length / settings.seeds,
  })),
  ...theirs,
];
const baseline = values.baseline ?? baselineOf(rules);
const groups = compareRules(tasks, rules, baseline);
printComparison(groups, settings.budgets, baseline);
console.log("\nseconds a replay:");
for (const { label, secondsPerReplay } of rules)
  console.log(`  ${label.padEnd(44)}${secondsPerReplay.toFixed(3)}`);
for (const [label, reason] of failures) console.log(`could not run: ${label}: ${reason}`);
const unreached = theirs.filter(({ regrets }) => regrets.flat(2).some(Number.isNaN));
for (const { label, regrets } of unreached) {
  const reached = settings.budgets.map(
    (_, b) => regrets.flat().filter((regret) => !Number.isNaN(regret[b])).length,
  );
  console.log(
    `not in time (${settings.limit} s a replay): ${label}: reached ${reached.join("/")} of ${regrets.flat().length} times`,
  );
}
keep(values.record, {
  ...settings,
  baseline,
  groups,
  secondsPerReplay: Object.fromEntries(rules.map(({ label, secondsPerReplay }) => [label, secondsPerReplay])),
  failures: Object.fromEntries(failures),
  notInTime: unreached.map(({ label }) => label),
});
