// Studies whose workers MPI starts: `curvewise run --launcher mpi`, as on a cluster.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CurvewiseError } from "../dist/core/index.js";
import { readStudy } from "../dist/engine/index.js";

const COMMAND = resolve(import.meta.dirname, "../bin/curvewise.js");
/** How often the database is looked at, in milliseconds. */
const LOOK = 1000;

/**
 * What starts workers by MPI on this machine: the program, its flags, and what it calls itself. Undefined where there is
 * none.
 */
export function findMpi() {
  for (const program of ["mpirun.openmpi", "mpirun"]) {
    const { stdout, status } = spawnSync(program, ["--version"], { encoding: "utf8" });
    if (status !== 0) continue;
    const isOpenMpi = /Open MPI|OpenRTE|PRRTE/i.test(stdout);
    const [version = ""] = stdout.trim().split("\n");
    // A machine may have fewer cores than workers.
    return { program, version, flags: isOpenMpi ? ["--oversubscribe"] : [] };
  }
  return undefined;
}

/**
 * Runs a study's file to its end with workers that MPI starts, or continues it.
 *
 * @param settings `mpi`: what {@link findMpi} found; `storage` and `database`: the open database and its file; `onStudy`:
 *   called with the study as it is, now and then; `signals`: one that interrupts, one that ends at once
 * @returns the study, and whether it was interrupted
 */
export async function runByMpi({ mpi, file, name, workers, folder, storage, database, onStudy, signals }) {
  const flags = mpi.flags.map((flag) => `--mpi-flag=${flag}`);
  const launching = ["--launcher", "mpi", "--mpi", mpi.program, ...flags, "--workers", String(workers)];
  const places = ["--storage", database, "--files", join(folder, "studies")];
  const words = [...launching, ...places, "--quiet"];
  // A group of its own: at Ctrl-C on a terminal, it is this process that passes the signal on, once.
  const child = spawn(process.execPath, [COMMAND, "run", file, ...words], {
    cwd: folder,
    detached: true,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let complaint = "";
  child.stderr.setEncoding("utf8").on("data", (text) => {
    complaint = `${complaint}${text}`.slice(-4000);
  });
  const passOn = () => child.kill("SIGINT");
  const kill = () => child.kill("SIGTERM");
  signals.interrupt.addEventListener("abort", passOn);
  signals.kill.addEventListener("abort", kill);
  const ended = new AbortController();
  const watch = async () => {
    while (!ended.signal.aborted) {
      await sleep(LOOK, undefined, { signal: ended.signal }).catch(() => {});
      const study = await readStudy(storage, name).catch(() => undefined);
      if (study !== undefined) onStudy(study);
    }
  };
  const watching = watch();
  if (signals.interrupt.aborted) passOn();
  const [code] = await once(child, "close");
  ended.abort();
  await watching;
  signals.interrupt.removeEventListener("abort", passOn);
  signals.kill.removeEventListener("abort", kill);
  if (code !== 0 && !signals.interrupt.aborted) {
    throw new CurvewiseError("MPI_FAILED", `curvewise run --launcher mpi ended with the code ${code}`, {
      hint: complaint.trim(),
      kind: "failure",
    });
  }
  return { study: await readStudy(storage, name), isInterrupted: code !== 0 };
}
