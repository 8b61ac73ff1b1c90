// A thread of bench/curves.mjs and bench/peers.mjs: replays one rule on one task at a time.
import { parentPort } from "node:worker_threads";
import { regretAt, replayTable, surrogateRange } from "../dist/analysis/index.js";
import { chooseAlgorithm, knownSamplers, knownSchedulers } from "../dist/config/algorithms.js";
import { loadTable } from "./curve-tasks.mjs";
import { oracleStopper } from "./oracle-stopper.mjs";

/** The regrets by seed, then by budget. */
function replayTask(recorded, rule, { seeds, budgets, workers, live, of }) {
  const table = { ...recorded, goal: { ...recorded.goal, of } };
  const scheduler =
    rule.scheduler === "oracle" ? oracleStopper(table) : chooseAlgorithm(knownSchedulers(), rule.scheduler);
  const sampler = chooseAlgorithm(knownSamplers(), rule.sampler);
  const steps = Math.max(...budgets) * table.maxSteps;
  const reference = live ? { ...table, ...surrogateRange(table) } : table;
  return Array.from({ length: seeds }, (_, seed) => {
    const { improvements } = replayTable({ table, scheduler, sampler, seed, steps, workers, live });
    return budgets.map((budget) => regretAt(reference, improvements, budget));
  });
}

let loaded;
parentPort.on("message", ({ task, rule, settings }) => {
  try {
    if (loaded?.path !== task.path) loaded = { path: task.path, table: loadTable(task) };
    const begin = performance.now();
    const regrets = replayTask(loaded.table, rule, settings);
    parentPort.postMessage({ regrets, milliseconds: performance.now() - begin }, []);
  } catch (error) {
    parentPort.postMessage({ failure: `${task.name}, ${rule.label}: ${error.stack}` }, []);
  }
});
