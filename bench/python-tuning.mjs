// What tuning from Python costs, beside Optuna: 40 trials that train in 5 steps of 20 ms, with random search and median
// stopping, kept in SQLite. Seconds by the clock and of the processor from the start of the program to its end, and its
// lines. Curvewise is installed from the wheels of this clone; nothing else on the path has Node.
//   npm run bench:python-tuning                 5 rounds; 1 and 2 workers
//   npm run bench:python-tuning -- --rounds 9
//   npm run bench:python-tuning -- --json       the last line is the result as JSON
import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { keep, machine, median, peersPython } from "./machine.mjs";

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "5" }, json: { type: "boolean", default: false } },
});
const rounds = Number(values.rounds);
const root = resolve(import.meta.dirname, "..");
const programs = join(import.meta.dirname, "python-tuning");

/** An environment with the wheels of this clone and nothing else. */
function installWheels(folder) {
  execFileSync(process.execPath, [join(root, "scripts", "build-wheels.mjs")], { stdio: "ignore" });
  const wheels = join(root, "clients", "python", "dist");
  execFileSync("python3", ["-m", "venv", folder]);
  const begun = performance.now();
  const files = readdirSync(wheels).map((name) => join(wheels, name));
  execFileSync(join(folder, "bin", "pip"), ["install", "-q", ...files]);
  return (performance.now() - begun) / 1000;
}

/** Lines that are neither empty nor comments. */
const lines = (...names) =>
  names
    .flatMap((name) => readFileSync(join(programs, name), "utf8").split("\n"))
    .filter((line) => line.trim() !== "" && !line.trim().startsWith("#")).length;

const folder = mkdtempSync(join(tmpdir(), "curvewise-bench-"));
try {
  const environment = join(folder, "environment");
  const installSeconds = installWheels(environment);
  const optuna = peersPython(join(programs, "requirements.txt"), "python-tuning");
  if (optuna === undefined) throw new Error("this bench needs python3 with venv, and pip");

  /** Seconds by the clock and in the processor of a command in an empty folder with the programs. */
  const measure = (bin, command) => {
    const place = mkdtempSync(join(folder, "run-"));
    for (const name of readdirSync(programs)) copyFileSync(join(programs, name), join(place, name));
    const script = "TIMEFORMAT='%R %U %S'; time \"$@\" >output.txt 2>&1";
    const { status, stderr } = spawnSync("bash", ["-c", script, "bash", ...command], {
      cwd: place,
      encoding: "utf8",
      env: { PATH: `${bin}:/usr/bin:/bin`, HOME: folder },
    });
    if (status !== 0)
      throw new Error(
        `${command.join(" ")} ended with ${status}: ${readFileSync(join(place, "output.txt"), "utf8")}`,
      );
    const [clock, user, system] = stderr.trim().split(/\s+/).slice(-3).map(Number);
    rmSync(place, { recursive: true });
    return { clock, processor: user + system };
  };
  const ours = join(environment, "bin");
  const program = ["study.yaml", "train.py"];
  const cases = [1, 2].flatMap((workers) => [
    {
      name: "curvewise, a function",
      workers,
      files: ["function_curvewise.py"],
      run: () => measure(ours, [join(ours, "python"), "function_curvewise.py", String(workers)]),
    },
    {
      name: "curvewise, a program",
      workers,
      files: program,
      run: () =>
        measure(ours, [
          join(ours, "curvewise"),
          "run",
          "study.yaml",
          "--quiet",
          "--workers",
          String(workers),
        ]),
    },
    {
      name: "optuna, a function",
      workers,
      files: ["function_optuna.py"],
      run: () => measure(dirname(optuna), [optuna, "function_optuna.py", String(workers)]),
    },
  ]);

  // In turn in every round, so that other work on the machine affects all of them; the first round warms up.
  const times = cases.map(() => []);
  for (let round = 0; round <= rounds; round++) {
    for (const [index, { run }] of cases.entries()) {
      const time = run();
      if (round > 0) times[index].push(time);
    }
  }

  const results = cases.map(({ name, workers, files }, index) => ({
    name,
    workers,
    lines: lines(...files),
    seconds: median(times[index].map(({ clock }) => clock)),
    processorSeconds: median(times[index].map(({ processor }) => processor)),
  }));
  const { cpu, cores, node } = machine();
  console.log(`${cpu}, ${cores} cores, Node ${node}; medians of ${rounds} rounds\n`);
  for (const { name, workers, lines: count, seconds, processorSeconds } of results) {
    const words = `${name}, ${workers} worker${workers === 1 ? "" : "s"}`;
    console.log(
      `${words.padEnd(36)}${count} lines  ${seconds.toFixed(2)} s  (${processorSeconds.toFixed(2)} s of processor time)`,
    );
  }
  console.log(`\npip install of the wheels: ${installSeconds.toFixed(1)} s`);
  keep("python-tuning", { rounds, installSeconds, results });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
