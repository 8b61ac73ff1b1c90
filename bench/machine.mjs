// What every bench reports about where it ran, and how it stores its figures.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";
import { dirname, join } from "node:path";

// With --help, a bench prints the comment at the top of its file and does nothing else.
if (process.argv.includes("--help") && process.argv[1] !== undefined) {
  const [head = ""] = readFileSync(process.argv[1], "utf8").split(/^(?!\/\/)/m);
  console.log(head.replaceAll(/^\/\/ ?/gm, "").trimEnd());
  process.exit(0);
}

/** Describes the machine. */
export function machine() {
  const [cpu] = cpus();
  return {
    cpu: cpu?.model.trim() ?? "unknown",
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${process.platform} ${release()}`,
    node: process.version,
    date: new Date().toISOString().slice(0, 10),
  };
}

/** The median of numbers. */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The file of a bench's figures: bench/results/NAME.json, or in the folder BENCH_RESULTS. */
export function resultFile(name) {
  return join(process.env.BENCH_RESULTS ?? join(import.meta.dirname, "results"), `${name}.json`);
}

/**
 * Writes a bench's figures to its file and, with --json on the command line, prints the same as the last line. A bench
 * that takes long keeps what it has so far (`isLast: false`), which is not printed.
 */
export function keep(name, figures, { isLast = true } = {}) {
  const result = { bench: name, machine: machine(), ...figures };
  const file = resultFile(name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`);
  if (isLast && process.argv.includes("--json")) console.log(JSON.stringify(result));
}

/** The Python of a virtual environment with the peers, created if missing; undefined without Python. */
export function peersPython(requirements, name = "peers-python") {
  const folder = join(import.meta.dirname, "..", ".cache", name);
  const python = join(folder, "bin", "python");
  try {
    execFileSync("python3", ["-m", "venv", folder], { stdio: "ignore" });
    execFileSync(python, ["-m", "pip", "install", "--quiet", "-r", requirements], { stdio: "inherit" });
    return python;
  } catch {
    return undefined;
  }
}
