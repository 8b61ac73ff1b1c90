// The second part: the same trials through Curvewise and through Optuna, each with 16 worker processes, on one
// PostgreSQL server. All trials have the same curve, so none is stopped: each makes all its reports, and waits for the
// median rule's decision at each of them.
import { execFileSync, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import pg from "pg";
import { startCoordinator } from "./coordinator.mjs";
import { quantiles } from "./quantiles.mjs";

const PYTHON_WORKER = join(import.meta.dirname, "../peers-python/optuna_cluster.py");

/** A separate PostgreSQL server, without systemd, in a temporary folder. */
export async function startServer() {
  const script = join(import.meta.dirname, "../../scripts/postgres-server.mjs");
  const child = spawn(process.execPath, [script], { stdio: ["pipe", "pipe", "inherit"] });
  const [line] = await once(createInterface({ input: child.stdout }), "line");
  const { url } = JSON.parse(line);
  return {
    url,
    /** Creates another database; returns its URL. */
    makeDatabase: async (name) => {
      const client = new pg.Client(url);
      await client.connect();
      await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`);
      await client.end();
      return Object.assign(new URL(url), { pathname: `/${name}` }).href;
    },
    close: async () => {
      child.stdin.end();
      await once(child, "close");
    },
  };
}

/** Combines the results from one side's workers. */
function summary(told, seconds, steps) {
  const trials = told.reduce((sum, worker) => sum + worker.trials, 0);
  const report = quantiles(told.flatMap(({ milliseconds }) => milliseconds));
  if (report.count !== trials * steps) throw new Error(`${report.count} reports of ${trials} trials`);
  return {
    trials,
    seconds,
    trialsPerSecond: trials / seconds,
    reportsPerSecond: report.count / seconds,
    report,
    workerProcessorTime: told.reduce((sum, { processorTime }) => sum + processorTime, 0),
  };
}

/** Through Curvewise: 16 processes of the library's worker, and a coordinator on PostgreSQL. */
export async function throughCurvewise({ url, folder, name, workers, trials, steps }) {
  const coordinator = await startCoordinator({
    folder: join(folder, name),
    storage: url,
    study: {
      study: name,
      goal: { minimize: "loss" },
      command: ["true"],
      space: { lr: { float: [1e-4, 1], log: true } },
      maxSteps: steps,
      sampler: "random",
      scheduler: "median",
      budget: { trials },
      seed: 1,
    },
  });
  const script = join(import.meta.dirname, "worker.mjs");
  const children = Array.from({ length: workers }, (_, number) =>
    fork(script, [coordinator.rendezvous, `bench-${number}`]),
  );
  await Promise.all(children.map((child) => once(child, "message")));
  const told = children.map((child) => once(child, "message"));
  const start = performance.now();
  for (const child of children) child.send({ begin: true });
  const figures = (await Promise.all(told)).map(([message]) => message);
  const seconds = (performance.now() - start) / 1000;
  await coordinator.ended();
  return summary(figures, seconds, steps);
}

/** Through Optuna: 16 Python processes that share the study. */
export async function throughOptuna({ python, url, name, workers, trials, steps }) {
  const address = url.replace(/^postgres:/, "postgresql+psycopg2:");
  const env = { ...process.env, OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1", PYTHONWARNINGS: "ignore" };
  execFileSync(python, [PYTHON_WORKER, address, name, "create"], { env });
  const each = Math.ceil(trials / workers);
  const children = Array.from({ length: workers }, () => {
    const child = spawn(python, [PYTHON_WORKER, address, name, String(each), String(steps)], {
      env,
      stdio: ["pipe", "pipe", "inherit"],
    });
    return { child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() };
  });
  const lineOf = async ({ lines }) => {
    const { value, done } = await lines.next();
    if (done) throw new Error("a process of Optuna ended early");
    return value;
  };
  await Promise.all(children.map(lineOf));
  const start = performance.now();
  for (const { child } of children) child.stdin.write("begin\n");
  const told = (await Promise.all(children.map(lineOf))).map((line) => JSON.parse(line));
  const seconds = (performance.now() - start) / 1000;
  for (const { child } of children) child.stdin.end();
  return { ...summary(told, seconds, steps), version: told[0].version };
}
