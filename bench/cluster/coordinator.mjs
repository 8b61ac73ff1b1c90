// The coordinator to measure: `curvewise run --listen` in its own process, observed from outside.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { readRendezvous } from "../../dist/server/rendezvous.js";

const PROGRAM = join(import.meta.dirname, "../../bin/curvewise.js");
/** Linux counts the processor time of processes in hundredths of a second. */
const TICKS = 100;

/** Seconds of processor time used by the whole machine. */
export function machineTime() {
  const [line] = readFileSync("/proc/stat", "utf8").split("\n");
  const [user, nice, system, , , interrupts, softInterrupts] = line.split(/\s+/).slice(1).map(Number);
  return (user + nice + system + interrupts + softInterrupts) / TICKS;
}

/**
 * Starts a coordinator without its own slots.
 *
 * @param folder contains everything that belongs to it
 * @param study the content of study.yaml as an object
 * @param storage by default a SQLite file in the folder
 * @param profile a folder for a CPU profile
 */
export async function startCoordinator({ folder, study, storage = join(folder, "curvewise.db"), profile }) {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "study.yaml");
  const files = join(folder, "files");
  // JSON is valid YAML.
  writeFileSync(file, JSON.stringify(study));
  const flags = profile === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profile}`];
  const child = spawn(
    process.execPath,
    [...flags, PROGRAM, "run", file, "--listen", "127.0.0.1:0", "--storage", storage, "--files", files],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text) => {
    said = (said + text).slice(-4000);
  });
  const exited = once(child, "exit");
  const own = join(files, study.study);
  const rendezvous = join(own, "coordinator.json");
  while (!existsSync(rendezvous)) {
    if (child.exitCode !== null) throw new Error(`the coordinator did not start: ${said}`);
    await sleep(20);
  }
  const { url, tokenFile } = await readRendezvous(own);
  const proc = (name) => readFileSync(`/proc/${child.pid}/${name}`, "utf8");
  return {
    url,
    token: readFileSync(tokenFile, "utf8").trim(),
    storage,
    rendezvous: own,
    said: () => said,
    /** Bytes of memory that it uses at the moment. */
    memory: () => 1024 * Number(/^VmRSS:\s+(\d+)/m.exec(proc("status"))[1]),
    /** Seconds of processor time that it has used, in all its threads. */
    processorTime: () => {
      // The second field is the program's name, which may have spaces.
      const fields = proc("stat")
        .replace(/^.*\) /s, "")
        .split(" ");
      return (Number(fields[11]) + Number(fields[12])) / TICKS;
    },
    /** Ends it as a failing machine would or, with a profile, as pressing Ctrl-C twice does. */
    kill: async () => {
      if (profile === undefined) child.kill("SIGKILL");
      else {
        child.kill("SIGINT");
        await sleep(500);
        child.kill("SIGINT");
      }
      await exited;
    },
    /** Resolves when it has ended by itself. */
    ended: async () => {
      const [code] = await exited;
      if (code !== 0) throw new Error(`the coordinator ended with ${code}: ${said}`);
    },
  };
}
