// What a coordinator can handle: thousands of simulated workers, and the same work as through Optuna.
//   npm run bench:cluster                  both parts; the second first creates a Python virtual environment in .cache
//   npm run bench:cluster -- --quick       one minute instead of nine: fewer workers, fewer reports
//   npm run bench:cluster -- --part load   one part: load or peers; the other part's figures are kept
//   npm run bench:cluster -- --workers 10000 --rate 5000 --seconds 30 --schedulers asha,none
//   npm run bench:cluster -- --tries 5 --wait 60   on a busy machine: waits up to that many seconds for a quiet
//                                          moment, remeasures a fleet if it was not quiet, and keeps the quietest;
//                                          --remember also keeps it between calls, in .cache/cluster
//   npm run bench:cluster -- --json        the last line is the result as JSON
// load: `curvewise run --listen` with SQLite, in its own process, and workers that are real WebSockets of another
// process, which train nothing. Reports come due at random, at a given total rate. Latency is from sending a report to
// receiving its answer, which means that the report is on disk: in the end the coordinator is killed, and the log
// compared with what was answered. One fleet reports as fast as it is answered.
// peers: trials of 20 reports with a decision of the median rule at each, by 16 worker processes, through Curvewise and
// through Optuna, on one PostgreSQL server (Debian's package postgresql), started in a temporary folder.
// Generator, coordinator and database share the machine. Linux only: memory and processor time are read from /proc.
// Ten thousand sockets in one process need `ulimit -n 20000`, which is attempted.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { machineTime } from "./cluster/coordinator.mjs";
import { measureFleet } from "./cluster/load.mjs";
import { startServer, throughCurvewise, throughOptuna } from "./cluster/peers.mjs";
import { keep, machine, median, peersPython } from "./machine.mjs";

/** The schedulers for the first part. */
const SCHEDULERS = {
  asha: { asha: { type: "stopping", minSteps: 4 } },
  lcm: { lcm: { mode: "stop" } },
  median: "median",
  none: "none",
};
/** How many files a process has open besides its sockets. */
const OTHER_FILES = 100;
/** If other work takes more cores than this, a measurement may be repeated. */
const QUIET = 0.25;
const MEMORY = join(import.meta.dirname, "..", ".cache", "cluster");
const STEPS = 20;
const PROCESSES = 16;

const { values } = parseArgs({
  options: {
    part: { type: "string", default: "load,peers" },
    quick: { type: "boolean", default: false },
    workers: { type: "string" },
    schedulers: { type: "string" },
    rate: { type: "string" },
    seconds: { type: "string" },
    warmup: { type: "string" },
    trials: { type: "string" },
    tries: { type: "string", default: "1" },
    wait: { type: "string", default: "0" },
    remember: { type: "boolean", default: false },
    profile: { type: "string" },
    json: { type: "boolean", default: false },
  },
});
const isQuick = values.quick;
const numbers = (text) => text.split(",").map(Number);
const workers = numbers(values.workers ?? (isQuick ? "10,200" : "100,1000,10000"));
const schedulers = (values.schedulers ?? (isQuick ? "asha" : "asha,none,lcm")).split(",");
const rate = Number(values.rate ?? (isQuick ? 500 : 5000));
const seconds = Number(values.seconds ?? (isQuick ? 3 : 30));
const warmup = Number(values.warmup ?? (isQuick ? 1 : 10));
const tries = Number(values.tries);
const trials = Number(values.trials ?? (isQuick ? 16 : 192));

/** Lets this process and its children open `count` files. */
function allowFiles(count) {
  try {
    execFileSync("prlimit", ["--pid", String(process.pid), `--nofile=${count}:`], { stdio: "pipe" });
  } catch {
    console.error(`a process may not open ${count} files here: raise \`ulimit -n\` if sockets are refused`);
  }
}

/** Waits until the machine is idle, but not for too long. */
async function quiet() {
  const until = performance.now() + 1000 * Number(values.wait);
  while (performance.now() < until) {
    const [begin, used] = [performance.now(), machineTime()];
    await sleep(3000);
    if ((machineTime() - used) / ((performance.now() - begin) / 1000) < QUIET) return;
  }
}

const rounded = (value, digits = 1) => (value === undefined ? undefined : Number(value.toFixed(digits)));

async function measureLoad(folder) {
  const most = Math.max(...workers);
  allowFiles(most + OTHER_FILES);
  const [first] = schedulers;
  const plans = [
    // The first scheduler at every size, and the others at the full size.
    ...workers.map((count) => ({ scheduler: first, workers: count, rate })),
    ...schedulers.slice(1).map((scheduler) => ({ scheduler, workers: most, rate })),
    { scheduler: first, workers: workers.at(-2) ?? most, rate: undefined },
  ];
  const fleets = [];
  for (const plan of plans) {
    console.error(
      `${plan.workers} workers, ${plan.scheduler}, ${plan.rate ?? "as many as it takes"} reports/s ...`,
    );
    const label = `${plan.scheduler}-${plan.workers}-${plan.rate ?? "most"}`;
    const memory = join(MEMORY, `${label}-${warmup}-${seconds}.json`);
    let quietest =
      values.remember && existsSync(memory) ? JSON.parse(readFileSync(memory, "utf8")) : undefined;
    for (let left = tries; left > 0 && !(quietest?.otherCores < QUIET); left--) {
      await quiet();
      const fleet = await measureFleet({
        folder,
        seconds,
        warmup,
        profile: values.profile,
        label,
        ...plan,
        rules: SCHEDULERS[plan.scheduler],
      });
      console.error(
        `  ${Math.round(fleet.reportsPerSecond)} reports/s, p99 ${Math.round(fleet.report.p99)} ms; other work: ${fleet.otherCores.toFixed(2)} cores`,
      );
      if (quietest !== undefined && fleet.otherCores >= quietest.otherCores) continue;
      quietest = fleet;
      if (!values.remember) continue;
      mkdirSync(MEMORY, { recursive: true });
      writeFileSync(memory, JSON.stringify(fleet));
    }
    fleets.push(quietest);
  }
  console.table(
    fleets.map(({ workers: count, scheduler, demanded, reportsPerSecond, report, ...fleet }) => ({
      workers: count,
      scheduler,
      "wanted/s": demanded ?? "most",
      "reports/s": Math.round(reportsPerSecond),
      "p50 ms": rounded(report.p50),
      "p99 ms": rounded(report.p99),
      "max ms": rounded(report.max),
      "KiB a worker": rounded(fleet.kibPerWorker),
      "connected in s": rounded(fleet.connectSeconds),
      coordinator: rounded(fleet.coordinatorCores, 2),
      generator: rounded(fleet.generatorCores, 2),
      others: rounded(fleet.otherCores, 2),
      "MiB at end": Math.round(fleet.mibAtEnd),
      recorded: fleet.log.recorded,
      lost: fleet.log.lost,
      doubled: fleet.log.doubled,
    })),
  );
  console.log("coordinator, generator, others: cores' worth of processor time while reports came");
  const wrong = fleets.filter(({ log }) => log.lost + log.doubled > 0);
  if (wrong.length > 0) throw new Error("reports were lost or duplicated");
  return { seconds, warmup, fleets };
}

async function measurePeers(folder) {
  const python = peersPython(join(import.meta.dirname, "peers-python", "requirements-cluster.txt"));
  if (python === undefined) throw new Error("the part `peers` needs python3 with venv, and pip");
  const server = await startServer();
  try {
    const common = { folder, workers: PROCESSES, trials, steps: STEPS };
    const ours = [];
    console.error(`${trials} trials through Curvewise, Optuna, Curvewise ...`);
    await quiet();
    ours.push(await throughCurvewise({ ...common, url: server.url, name: "before" }));
    const optuna = await throughOptuna({
      ...common,
      url: await server.makeDatabase("optuna"),
      name: "peer",
      python,
    });
    ours.push(await throughCurvewise({ ...common, url: server.url, name: "after" }));
    const ratio = median(ours.map(({ reportsPerSecond }) => reportsPerSecond)) / optuna.reportsPerSecond;
    console.table(
      [
        ["Curvewise", ours[0]],
        [`Optuna ${optuna.version}`, optuna],
        ["Curvewise again", ours[1]],
      ].map(([what, figures]) => ({
        what,
        seconds: rounded(figures.seconds),
        "trials/s": rounded(figures.trialsPerSecond),
        "reports/s": rounded(figures.reportsPerSecond),
        "p50 ms": rounded(figures.report.p50),
        "p99 ms": rounded(figures.report.p99),
      })),
    );
    console.log(`reports/s of Curvewise for each of Optuna's: ${ratio.toFixed(1)}`);
    return { trials, reportsPerTrial: STEPS, processes: PROCESSES, curvewise: ours, optuna, ratio };
  } finally {
    await server.close();
  }
}

const { cpu, cores, node } = machine();
console.log(`${cpu}, ${cores} cores, Node ${node}`);
const folder = mkdtempSync(join(tmpdir(), "curvewise-bench-"));
try {
  const parts = values.part.split(",");
  const file = join(import.meta.dirname, "results", "cluster.json");
  const before = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
  const load = parts.includes("load") ? await measureLoad(folder) : before.load;
  const peers = parts.includes("peers") ? await measurePeers(folder) : before.peers;
  const figures = { load, peers };
  if (!isQuick) keep("cluster", figures);
  else if (values.json) console.log(JSON.stringify({ bench: "cluster", machine: machine(), ...figures }));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
