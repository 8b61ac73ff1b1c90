// How long workers take to train on what is paused once all params were tried.
//   npm run bench:closing                     100 configurations, 16 workers
//   node bench/closing.mjs --configurations 50 --workers 8 --tasks 3945 --json
// On each task of recorded curves, some configurations are tried under each scheduler without a limit of steps. A row is
// a mean over tasks: the steps trained, the time that took, and the time if no worker had ever been idle, all in complete
// trainings. docs/learning-curve-matching.md has the result.
import { parseArgs } from "node:util";
import { replayTable } from "../dist/analysis/index.js";
import { random } from "../dist/samplers/index.js";
import { asha, discard, hyperband, lcm } from "../dist/schedulers/index.js";
import { DEFAULT_FOLDER, findTasks, loadTable } from "./curve-tasks.mjs";
import { keep } from "./machine.mjs";

const { values } = parseArgs({
  options: {
    folder: { type: "string", default: DEFAULT_FOLDER },
    tasks: { type: "string", default: "" },
    configurations: { type: "string", default: "100" },
    workers: { type: "string", default: "16" },
    json: { type: "boolean", default: false },
  },
});
const workers = Number(values.workers);
const mean = (numbers) => numbers.reduce((sum, value) => sum + value, 0) / numbers.length;

function played(table, scheduler) {
  const { study, spent, trainingSeconds, seconds } = replayTable({
    table,
    scheduler,
    sampler: random(),
    seed: 1,
    workers,
  });
  const trainings = spent / table.maxSteps;
  const perTraining = trainingSeconds / trainings;
  return { trainings, time: seconds / perTraining, complete: study.byState.complete.size };
}

const tables = findTasks(values.folder, values.tasks).map((task) => {
  const table = loadTable(task);
  const count = Number(values.configurations);
  return { ...table, candidates: table.candidates.slice(0, count), curves: table.curves.slice(0, count) };
});
const rows = [lcm(), hyperband(), discard(), asha()].map((scheduler) => {
  const runs = tables.map((table) => played(table, scheduler));
  const over = (of) => Number(mean(runs.map(of)).toFixed(1));
  return {
    scheduler: scheduler.name,
    trainings: over(({ trainings }) => trainings),
    complete: over(({ complete }) => complete),
    time: over(({ time }) => time),
    busyTime: over(({ trainings }) => trainings / workers),
  };
});
console.table(rows);
keep("closing", { configurations: Number(values.configurations), workers, tasks: tables.length, rows });
