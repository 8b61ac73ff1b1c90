// A full 3-D grid of a million trials in one study: whether the memory of the process running it stays flat.
//   node bench/grid.mjs             a line for each tenth of the trials
//   node bench/grid.mjs --json      the last line is {trials, points: [{trials, seconds, heapMB, residentMB}], databaseMB}
//   node bench/grid.mjs 30          a number of levels other than 100 for each of the three params
// Every trial reports once; 8 at a time, in SQLite. Heap: after a garbage collection; resident: as the system counts
// it. At the end, `curvewise status` must count all trials with at most 128 MB of heap.
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createStudy, float, grid, none, openStorage } from "../dist/api/index.js";
import { keep, machine } from "./machine.mjs";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc");
const levels = Number(process.argv.slice(2).find((word) => !word.startsWith("--")) ?? 100);
const trials = levels ** 3;
const folder = mkdtempSync(join(tmpdir(), "curvewise-grid-"));
const file = join(folder, "grid.db");
const points = [];
const begun = performance.now();

function note(ended) {
  const residentMB = Math.round(process.memoryUsage.rss() / 1e6);
  collect();
  const heapMB = Math.round(process.memoryUsage().heapUsed / 1e5) / 10;
  const seconds = Math.round((performance.now() - begun) / 100) / 10;
  points.push({ trials: ended, seconds, heapMB, residentMB });
  const columns = [ended, seconds.toFixed(1), heapMB.toFixed(1), residentMB];
  console.log(columns.map((column) => String(column).padStart(10)).join(""));
}

try {
  console.log(machine());
  console.log(["trials", "seconds", "heap MB", "resident"].map((title) => title.padStart(10)).join(""));
  const storage = await openStorage(file);
  const study = createStudy({
    name: "grid",
    goal: { minimize: "loss" },
    space: { rate: float(0, 1), momentum: float(0, 1), decay: float(0, 1) },
    sampler: grid({ levels }),
    scheduler: none(),
    storage,
    folder: join(folder, "files"),
  });
  let ended = 0;
  note(ended);
  const best = await study.run(
    async (trial) => {
      const { rate, momentum, decay } = trial.params;
      await trial.report(1, { loss: (rate - 0.3) ** 2 + (momentum - 0.9) ** 2 + decay });
      ended += 1;
      if (ended % Math.ceil(trials / 10) === 0) note(ended);
    },
    { workers: 8 },
  );
  await storage.close();
  const databaseMB = Math.round(statSync(file).size / 1e6);
  const command = join(import.meta.dirname, "../bin/curvewise.js");
  const status = await promisify(execFile)(process.execPath, [
    "--max-old-space-size=128",
    command,
    "status",
    "grid",
    "--json",
    "--storage",
    file,
  ]);
  const { complete } = JSON.parse(status.stdout).studies[0].trials;
  console.log(`best: ${best.value}, trial ${best.number}; complete: ${complete}; database: ${databaseMB} MB`);
  if (complete !== trials) throw new Error(`${complete} of ${trials} trials are complete`);
  keep("grid", { trials, points, databaseMB });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
