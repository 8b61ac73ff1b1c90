// What the installed package costs to start: processor time (user and system) from the start of a process to its end, in one run.
//   npm run bench:start-up              ours compared with bare Node
//   npm run bench:start-up -- --peers   compared with Optuna's too (creates a Python virtual environment)
//   npm run bench:start-up -- --json    the last line is the result as JSON
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { keep, machine, median, peersPython } from "./machine.mjs";

const REPEATS = 15;
const root = resolve(import.meta.dirname, "..");
const installed = join(root, ".cache", "bench-start-up");
const CURVEWISE = [process.execPath, join(installed, "bin", "curvewise.js")];
const importing = [process.execPath, "--input-type=module", "--eval"];
const library = JSON.stringify(pathToFileURL(join(installed, "dist", "api", "index.js")).href);

const STUDY = `study: trivial
goal: {minimize: loss}
command: [sh, -c, 'echo "curvewise {{\\"step\\":1,\\"loss\\":{x}}}"']
space: {x: {float: [0, 1]}}
budget: {trials: 1}
workers: 1
`;

/** Milliseconds of processor time of a command and its children, as the shell counts them. */
function processorTime(command, folder) {
  const timed = ["-c", 'TIMEFORMAT="%3U %3S"; time "$@" >/dev/null 2>&1', "bash", ...command];
  const { status, stderr } = spawnSync("bash", timed, { cwd: folder, encoding: "utf8" });
  if (status !== 0) throw new Error(`${command.join(" ")} ended with ${status}`);
  const [user, system] = stderr.trim().split(" ").map(Number);
  return 1000 * (user + system);
}

const folder = mkdtempSync(join(tmpdir(), "curvewise-bench-"));
try {
  execFileSync(process.execPath, [join(root, "scripts", "bundled-package.mjs"), installed]);
  writeFileSync(join(folder, "study.yaml"), STUDY);
  execFileSync(CURVEWISE[0], [CURVEWISE[1], "run", "study.yaml", "--quiet"], { cwd: folder });
  let fresh = 0;
  const run = () => [...CURVEWISE, "run", "study.yaml", "--quiet", "--storage", `fresh-${fresh++}.db`];
  const cases = [
    { name: "bareNode", label: "node, nothing else", command: () => [...importing, "0"] },
    { name: "help", label: "curvewise --help", command: () => [...CURVEWISE, "--help"] },
    { name: "import", label: 'import "curvewise"', command: () => [...importing, `import ${library}`] },
    { name: "status", label: "curvewise status", command: () => [...CURVEWISE, "status"] },
    { name: "run", label: "curvewise run, one trial", command: run },
  ];
  if (process.argv.includes("--peers")) {
    const python = peersPython(join(import.meta.dirname, "peers-python", "requirements.txt"));
    if (python === undefined) throw new Error("--peers needs python3 with venv, and pip");
    const optuna = join(dirname(python), "optuna");
    cases.push(
      { name: "optunaHelp", label: "optuna --help", command: () => [optuna, "--help"] },
      { name: "optunaImport", label: "import optuna", command: () => [python, "-c", "import optuna"] },
    );
  }

  // In turn in every round, so that other work on the machine affects all of them; the first round warms up.
  const times = new Map(cases.map(({ name }) => [name, []]));
  for (let round = 0; round <= REPEATS; round++) {
    for (const { name, command } of cases) {
      const time = processorTime(command(), folder);
      if (round > 0) times.get(name).push(time);
    }
  }

  const milliseconds = Object.fromEntries([...times].map(([name, all]) => [name, median(all)]));
  const { cpu, cores, node } = machine();
  console.log(`${cpu}, ${cores} cores, Node ${node}; processor time, medians of ${REPEATS}\n`);
  for (const { name, label } of cases)
    console.log(`${label.padEnd(28)}${milliseconds[name].toFixed(0).padStart(6)} ms`);
  const { help, optunaHelp, optunaImport } = milliseconds;
  const ratios =
    optunaHelp === undefined
      ? undefined
      : { help: help / optunaHelp, import: milliseconds.import / optunaImport };
  if (ratios !== undefined) {
    console.log(`\ncurvewise --help / optuna --help     ${ratios.help.toFixed(2)}`);
    console.log(`import "curvewise" / import optuna   ${ratios.import.toFixed(2)}`);
  }
  keep("start-up", { repeats: REPEATS, processorMilliseconds: milliseconds, ...(ratios && { ratios }) });
} finally {
  rmSync(folder, { recursive: true, force: true });
  rmSync(installed, { recursive: true, force: true });
}
