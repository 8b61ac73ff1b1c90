// What a durable trial costs on SQLite, and how fast an image and a log are read.
// Usage: node bench/storage-sqlite.mjs [trials]
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqlite } from "../dist/storage/index.js";

const TRIALS = Number(process.argv[2] ?? 3_000);
const WRITERS = 16;
const REPORTS = 10;
const folder = mkdtempSync(join(process.env.BENCH_FOLDER ?? tmpdir(), "curvewise-bench-"));
const path = join(folder, "bench.db");
const results = {};

async function timed(name, action) {
  const start = performance.now();
  const value = await action();
  results[name] = performance.now() - start;
  return value;
}

const definition = {
  name: "bench",
  goal: { metric: "loss", direction: "minimize", of: "last" },
  space: {},
  constraints: [],
  sampler: { name: "random", options: {} },
  scheduler: { name: "none", options: {} },
  budget: { trials: TRIALS },
  seed: 1,
  retries: 0,
};
const explanation = {
  rule: "lcm/poster",
  reason: "The predicted final loss ranks at 12.5 % of 40 complete trials.",
  values: { prediction: 0.3123, rankPercentage: 12.5, threshold: 50, margin: 0.1 },
  steps: [1, 2, 3, 4, 5],
  neighbours: [1, 2, 3].map((trial) => ({ trial, distance: 0.0123 * trial, performance: 0.31 })),
};

/** A trial as the coordinator logs it, append by append: each is awaited before the next. */
function* trialEvents(trial) {
  const time = 1_790_000_000_000;
  const params = { learningRate: 0.00123, momentum: 0.9, width: 128, depth: 3 };
  yield [
    { type: "trial-asked", trial, params, seed: 7, sampler: "random", time },
    { type: "attempt-started", trial, attempt: 1, worker: "local/3", fromStep: 0, time },
  ];
  for (let step = 1; step <= REPORTS; step++) {
    const metrics = { loss: 1 / (step + 1.2345), accuracy: 1 - 1 / (step + 2.3456) };
    const report = { type: "reported", trial, attempt: 1, step, metrics, time };
    const decided = { type: "decided", trial, attempt: 1, step, action: "continue", explanation, time };
    yield step === 5 ? [report, decided] : [report];
  }
  yield [{ type: "finished", trial, attempt: 1, state: "complete", time }];
}

const storage = await openSqlite(path);
await storage.createStudy(definition, 1);
const holder = { host: "bench", pid: 1, started: "now" };
const lease = await storage.acquire("bench", { holder, now: 1, duration: 1e12, isGone: () => false });

let next = 0;
await timed("writeAll", () =>
  Promise.all(
    Array.from({ length: WRITERS }, async () => {
      for (let trial = next++; trial < TRIALS; trial = next++) {
        for (const events of trialEvents(trial)) await storage.append(lease, events);
      }
    }),
  ),
);
const [{ events }] = await storage.listStudies(2);

let read = 0;
await timed("readLog", async () => {
  for await (const _ of storage.readEvents("bench")) read += 1;
});
if (read !== events) throw new Error(`${read} of ${events} events were read`);
await timed("readOneTrial", async () => {
  for await (const _ of storage.readEvents("bench", { trial: TRIALS >> 1 }));
});

const body = JSON.stringify(Array.from({ length: 300_000 }, (_, index) => [index / 7, 1 / (index + 1)]));
await timed("writeImage", () => storage.writeImage(lease, { events, body }));
const image = await timed("readImage", () => storage.readImage("bench"));
if (image?.body !== body) throw new Error("the image was changed");
await storage.release(lease);
const bytes = statSync(path).size;
await timed("deleteStudy", () => storage.deleteStudy("bench", { now: 2, isGone: () => false }));
const bytesAfter = statSync(path).size;
await storage.close();
rmSync(folder, { recursive: true });

const summary = {
  trials: TRIALS,
  writers: WRITERS,
  events,
  millisecondsPerDurableTrial: results.writeAll / TRIALS,
  microsecondsPerEventRead: (1000 * results.readLog) / events,
  millisecondsPerTrialRead: results.readOneTrial,
  imageMegabytes: body.length / 1e6,
  millisecondsPerImageWrite: results.writeImage,
  millisecondsPerImageRead: results.readImage,
  millisecondsPerDeletion: results.deleteStudy,
  megabytes: bytes / 1e6,
  megabytesAfterDeletion: bytesAfter / 1e6,
};
console.table(summary);
mkdirSync(new URL("results", import.meta.url), { recursive: true });
writeFileSync(
  new URL("results/storage-sqlite.json", import.meta.url),
  `${JSON.stringify(summary, null, 2)}\n`,
);
