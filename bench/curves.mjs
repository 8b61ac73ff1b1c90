// How well each scheduler with each sampler finds good configurations, on recorded curves of real tasks.
//   npm run bench:curves                              every scheduler with every sampler, 30 seeds
//   node bench/curves.mjs --schedulers "none, median, asha: {eta: 4}" --samplers random
//   node bench/curves.mjs --folder FOLDER --tasks GRU --seeds 10 --budgets 10,20,50 --workers 8 --baseline LABEL
//   node bench/curves.mjs --only "asha {eta: 4} + random; lcm + curve"   some of the combinations, by their labels
//   node bench/curves.mjs --workers 1,16,64           so many trials in flight; several numbers print as many tables
//   node bench/curves.mjs --live                      the sampler proposes from the whole space, as in a study that
//                                                     trains; a surrogate of the recorded curves answers
//   node bench/curves.mjs --of last                   which report of a training counts; best unless given
//   node bench/curves.mjs --json                      the last line is the result as JSON
// The protocol is docs/replay.md's: regret is (best observed - best of the table) / (median final value - best of the
// table), after a budget in complete trainings' worth of steps; pausing and resuming is free.
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { compareRules, printComparison } from "./curve-comparison.mjs";
import { baselineOf, isWanted, replayRules, rulesOf } from "./curve-rules.mjs";
import { DEFAULT_FOLDER, findTasks, loadTable } from "./curve-tasks.mjs";
import { keep } from "./machine.mjs";

const { values } = parseArgs({
  options: {
    folder: { type: "string", default: DEFAULT_FOLDER },
    tasks: { type: "string", default: "" },
    seeds: { type: "string", default: "30" },
    budgets: { type: "string", default: "10,20,50" },
    workers: { type: "string", default: "1" },
    live: { type: "boolean", default: false },
    of: { type: "string", default: "best" },
    threads: { type: "string", default: String(availableParallelism()) },
    schedulers: { type: "string" },
    samplers: { type: "string" },
    baseline: { type: "string" },
    only: { type: "string" },
    json: { type: "boolean", default: false },
  },
});
const tasks = findTasks(values.folder, values.tasks);
const settings = {
  seeds: Number(values.seeds),
  budgets: values.budgets.split(",").map(Number),
  live: values.live,
  of: values.of,
  threads: Number(values.threads),
};
const workerCounts = values.workers.split(",").map(Number);
if (!workerCounts.every((count) => Number.isInteger(count) && count > 0)) {
  console.error(
    `error: --workers must be whole numbers of at least 1, separated by commas, not ${values.workers}`,
  );
  process.exit(2);
}
const table = loadTable(tasks[0]);
const replays = tasks.length * settings.seeds;
const mean = (numbers) => numbers.reduce((sum, value) => sum + value, 0) / numbers.length;

/** Replays every rule with so many workers, and prints the comparison. */
async function compareWith(workers) {
  // The oracle knows the table's curves, not what a surrogate makes of them.
  const rules = rulesOf(values.schedulers, values.samplers, table).filter(({ label, reference }) =>
    reference ? !values.live : isWanted(label, values.only),
  );
  await replayRules(tasks, rules, { ...settings, workers });
  const baseline = values.baseline ?? baselineOf(rules);
  const groups = compareRules(tasks, rules, baseline);
  if (workerCounts.length > 1) console.log(`\n${workers} worker${workers === 1 ? "" : "s"}`);
  printComparison(groups, settings.budgets, baseline);
  return {
    workers,
    baseline,
    groups,
    tasks: tasks.map(({ name, source, half }, place) => ({
      name,
      source,
      half,
      rules: rules.map(({ label, regrets }) => ({
        label,
        mean: settings.budgets.map((_, budget) => mean(regrets[place].map((regret) => regret[budget]))),
      })),
    })),
    millisecondsPerReplay: Object.fromEntries(
      rules.map(({ label, milliseconds }) => [label, milliseconds / replays]),
    ),
  };
}

const compared = [];
for (const workers of workerCounts) compared.push(await compareWith(workers));
const [only] = compared;
keep(values.live ? "curves-live" : "curves", {
  ...settings,
  ...(compared.length === 1 ? only : { byWorkers: compared }),
});
