// Durable appends per second on SQLite and on PostgreSQL, side by side: by the number of concurrent studies, and of
// callers per study. A caller waits for its append before it makes the next one; simultaneous appends are committed
// together.
// Both take turns, and each figure is the median of several rounds, since other work on the machine comes and goes.
// Usage: npm run build && node bench/storages.mjs [--seconds=1] [--rounds=5] [--url=postgres://...] [--json]
// Without --url, a PostgreSQL server is started in a temporary folder.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { openPostgres, openSqlite } from "../dist/storage/index.js";
import { keep, median } from "./machine.mjs";

const option = (name) =>
  process.argv.find((argument) => argument.startsWith(`--${name}=`))?.slice(name.length + 3);
const SECONDS = Number(option("seconds") ?? 1);
const ROUNDS = Number(option("rounds") ?? 5);
const STUDIES = [1, 2, 4, 8, 16];
const CALLERS = [1, 16];
const READ_EVENTS = 50_000;

const time = 1_790_000_000_000;
const report = (trial, step) => ({
  type: "reported",
  trial,
  attempt: 1,
  step,
  metrics: { loss: 1 / (step + 1.2345), accuracy: 1 - 1 / (step + 2.3456) },
  time,
});

function definitionOf(name) {
  return {
    name,
    goal: { metric: "loss", direction: "minimize", of: "last" },
    space: {},
    constraints: [],
    sampler: { name: "random", options: {} },
    scheduler: { name: "none", options: {} },
    budget: { trials: 1 },
    seed: 1,
    retries: 0,
  };
}

async function begin(storage, name) {
  await storage.createStudy(definitionOf(name), time);
  const holder = { host: "bench", pid: 1, started: "now" };
  return storage.acquire(name, { holder, now: Date.now(), duration: 1e9, isGone: () => false });
}

/** Appends per second, and milliseconds per append: the median and the 99th percentile. */
async function measure(storage, studies, callers, round) {
  const leases = [];
  const prefix = `${studies}/${callers}/${round}/`;
  for (let study = 0; study < studies; study++) leases.push(await begin(storage, `${prefix}${study}`));
  const waits = [];
  const start = performance.now();
  const end = start + SECONDS * 1000;
  await Promise.all(
    leases.flatMap((lease) =>
      Array.from({ length: callers }, async (_, caller) => {
        for (let step = 1; ; step++) {
          const asked = performance.now();
          if (asked > end) return;
          await storage.append(lease, [report(caller, step)]);
          waits.push(performance.now() - asked);
        }
      }),
    ),
  );
  const seconds = (performance.now() - start) / 1000;
  waits.sort((a, b) => a - b);
  const events = (await storage.listStudies(Date.now()))
    .filter(({ name }) => name.startsWith(prefix))
    .reduce((sum, study) => sum + study.events, 0);
  if (events !== waits.length + studies) throw new Error(`${events} events for ${waits.length} appends`);
  const at = (share) => waits[Math.min(waits.length - 1, Math.floor(waits.length * share))];
  return { perSecond: waits.length / seconds, p50: at(0.5), p99: at(0.99) };
}

/** Microseconds to read an event of a long log. */
async function readLog(storage, name) {
  const lease = await begin(storage, name);
  for (let written = 0; written < READ_EVENTS; written += 5_000) {
    await storage.append(
      lease,
      Array.from({ length: 5_000 }, (_, index) => report(written + index, 1)),
    );
  }
  const start = performance.now();
  let read = 0;
  for await (const _ of storage.readEvents(name)) read += 1;
  if (read !== READ_EVENTS + 1) throw new Error(`${read} events were read`);
  return (1000 * (performance.now() - start)) / read;
}

async function postgresUrl() {
  const given = option("url");
  if (given !== undefined) return { url: given, close: async () => {} };
  const child = spawn(process.execPath, [join(import.meta.dirname, "../scripts/postgres-server.mjs")], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const [line] = await once(createInterface({ input: child.stdout }), "line");
  return {
    url: JSON.parse(line).url,
    close: async () => {
      child.stdin.end();
      await once(child, "close");
    },
  };
}

const folder = mkdtempSync(join(tmpdir(), "curvewise-bench-"));
const server = await postgresUrl();
const storages = {
  sqlite: await openSqlite(join(folder, "bench.db")),
  postgres: await openPostgres(server.url, { connections: 16 }),
};
const rows = [];
try {
  // The first appends warm up.
  for (const storage of Object.values(storages)) await measure(storage, 3, 3, 0);
  for (const studies of STUDIES) {
    for (const callers of CALLERS) {
      const measured = Object.fromEntries(Object.keys(storages).map((name) => [name, []]));
      for (let round = 0; round < ROUNDS; round++) {
        for (const [name, storage] of Object.entries(storages)) {
          measured[name].push(await measure(storage, studies, callers, round));
        }
      }
      for (const [name, rounds] of Object.entries(measured)) {
        const middle = (key) => median(rounds.map((figures) => figures[key]));
        rows.push({
          storage: name,
          studies,
          callers,
          perSecond: middle("perSecond"),
          p50: middle("p50"),
          p99: middle("p99"),
        });
      }
    }
  }
  const reading = {};
  for (const [name, storage] of Object.entries(storages)) {
    const times = [];
    for (let round = 0; round < ROUNDS; round++) times.push(await readLog(storage, `long ${round}`));
    reading[name] = median(times);
  }
  console.table(
    rows.map(({ storage, studies, callers, perSecond, p50, p99 }) => ({
      storage,
      studies,
      "callers a study": callers,
      "durable appends/s": Math.round(perSecond),
      "median ms": p50.toFixed(2),
      "p99 ms": p99.toFixed(2),
    })),
  );
  for (const [name, microseconds] of Object.entries(reading))
    console.log(`${name}: ${microseconds.toFixed(1)} µs to read an event`);
  keep("storages", { seconds: SECONDS, rounds: ROUNDS, appends: rows, microsecondsPerEventRead: reading });
} finally {
  for (const storage of Object.values(storages)) await storage.close();
  await server.close();
  rmSync(folder, { recursive: true });
}
