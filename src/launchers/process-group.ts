import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import { statFields } from "../system/process-start.js";

const run = promisify(execFile);

/** Sends a signal to every process of a group. @returns whether there was any */
export function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-group, signal);
  } catch {
    return false;
  }
}

/** The group and state of every visible process. */
async function listProcesses(): Promise<readonly { readonly group: number; readonly state: string }[]> {
  if (process.platform !== "linux") {
    const { stdout } = await run("ps", ["-A", "-o", "pgid=,stat="]);
    return stdout.split("\n").map((line) => {
      const [group, state] = line.trim().split(/\s+/);
      return { group: Number(group), state: state ?? "" };
    });
  }
  const names = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const stats = await Promise.all(
    names.map((name) => readFile(`/proc/${name}/stat`, "utf8").catch(() => "")),
  );
  return stats.map((stat) => {
    const [state, , group] = statFields(stat);
    return { group: Number(group), state: state ?? "" };
  });
}

/** Whether a process of the group still runs. Zombies do not count. */
async function isGroupRunning(group: number): Promise<boolean> {
  if (!signalGroup(group, 0)) return false;
  const processes = await listProcesses().catch(() => []);
  return processes.some((each) => each.group === group && !/^[ZX]/.test(each.state));
}

/** How long to wait for a killed group: one in uninterruptible sleep may take very long. */
const PATIENCE_MILLISECONDS = 10_000;

/** Kills every process of a group and waits until none is running. */
export async function killGroup(group: number): Promise<void> {
  const until = performance.now() + PATIENCE_MILLISECONDS;
  for (let pause = 1; signalGroup(group, "SIGKILL"); pause = Math.min(100, 2 * pause)) {
    if (!(await isGroupRunning(group)) || performance.now() > until) return;
    await setTimeout(pause);
  }
}
