// What Curvewise itself costs: proposing and recording, apart from any training.
//   npm run bench:overhead              our figures
//   npm run bench:overhead -- --peers   compared with Optuna's, in the same run (creates a Python virtual environment)
//   npm run bench:overhead -- --json    the last line is the result as JSON
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createStudy, float, openStorage } from "../dist/api/index.js";
import { keep, machine, median, peersPython } from "./machine.mjs";

const space = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`x${i}`, float(0, 1)]));
const goal = { minimize: "loss" };
const REPEATS = 3;

async function askTell(trials) {
  const session = await createStudy({ name: "memory", goal, space, seed: 1, sampler: "random" }).open({
    trials,
  });
  const begin = performance.now();
  for (let n = 0; n < trials; n++) await (await session.ask()).tell({ loss: n });
  const time = performance.now() - begin;
  await session.close();
  return (time / trials) * 1000;
}

async function train(trial) {
  for (let step = 1; step <= 10; step++) await trial.report(step, { loss: 1 / step });
}

async function durable(path, trials, workers) {
  const storage = await openStorage(path);
  const study = createStudy({
    name: "durable",
    goal,
    space,
    seed: 1,
    maxSteps: 10,
    sampler: "random",
    storage,
  });
  const begin = performance.now();
  await study.run(train, { trials, workers });
  const time = performance.now() - begin;
  await storage.close();
  return time / trials;
}

// In a separate process, as a user would open it: nothing is warm.
function opening(path) {
  const code = `
    const begin = performance.now();
    const { createStudy, float, openStorage } = await import(${JSON.stringify(new URL("../dist/api/index.js", import.meta.url).href)});
    const loaded = performance.now();
    const storage = await openStorage(${JSON.stringify(path)});
    const study = await createStudy({ name: "durable", goal: { minimize: "loss" }, space: { x: float(0, 1) }, storage }).read();
    const opened = performance.now();
    console.log(JSON.stringify({ trials: study.trials.length, load: loaded - begin, open: opened - loaded }));
    await storage.close();`;
  return JSON.parse(
    execFileSync(process.execPath, ["--input-type=module", "-e", code], { encoding: "utf8" }),
  );
}

const folder = mkdtempSync(join(tmpdir(), "curvewise-bench-"));
try {
  const repeat = async (measure) => {
    const figures = [];
    for (let n = 0; n < REPEATS; n++) figures.push(await measure(n));
    return median(figures);
  };
  await askTell(2000);
  const askTellMicroseconds = await repeat(() => askTell(20_000));
  const durableTrialMilliseconds = await repeat((n) => durable(join(folder, `small-${n}.db`), 3000, 16));

  const large = join(folder, "large.db");
  await durable(large, 30_000, 64);
  const openings = Array.from({ length: REPEATS }, () => opening(large));
  const openMilliseconds = median(openings.map(({ open }) => open));

  const figures = {
    askTellMicroseconds,
    durableTrialMilliseconds,
    open: {
      trials: openings[0].trials,
      reportsPerTrial: 10,
      milliseconds: openMilliseconds,
      loadModulesMilliseconds: median(openings.map(({ load }) => load)),
      databaseMiB: statSync(large).size / 2 ** 20,
    },
  };
  const rows = [
    ["random ask + tell, 10 floats, memory", `${askTellMicroseconds.toFixed(1)} µs`],
    ["durable trial with 10 reports, SQLite, 16 workers", `${durableTrialMilliseconds.toFixed(3)} ms`],
    ["open 30,000 trials x 10 reports", `${openMilliseconds.toFixed(0)} ms`],
  ];
  if (process.argv.includes("--peers")) {
    const python = peersPython(join(import.meta.dirname, "peers-python", "requirements.txt"));
    if (python === undefined) throw new Error("--peers needs python3 with venv, and pip");
    const script = join(import.meta.dirname, "peers-python", "optuna_overhead.py");
    const peer = JSON.parse(execFileSync(python, [script, "1000", "64"], { encoding: "utf8" }));
    figures.optuna = peer;
    rows[0].push(
      `${peer.askTellMicroseconds.toFixed(0)} µs`,
      (peer.askTellMicroseconds / askTellMicroseconds).toFixed(0),
    );
    rows[1].push(
      `${peer.durableTrialMilliseconds.toFixed(1)} ms`,
      (peer.durableTrialMilliseconds / durableTrialMilliseconds).toFixed(0),
    );
  }
  const { cpu, cores, node } = machine();
  console.log(`${cpu}, ${cores} cores, Node ${node}; medians of ${REPEATS}\n`);
  for (const [what, ours, theirs, ratio] of rows) {
    console.log(
      `${what.padEnd(52)}${ours.padStart(12)}${theirs === undefined ? "" : `   Optuna ${theirs} (${ratio} times)`}`,
    );
  }
  keep("overhead", figures);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
