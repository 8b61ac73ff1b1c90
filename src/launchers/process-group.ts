import { execFile, execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The fields of `/proc/<pid>/stat` after the command's name, which may hold blanks and parentheses itself. */
function statFields(stat: string): readonly string[] {
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}

/**
 * What tells a process from every other that has or had its pid: on Linux the boot's id and the start time in
 * clock ticks, elsewhere what `ps` says. Undefined when there is no such process.
 */
export function processStart(pid: number): string | undefined {
  try {
    if (process.platform === "linux") {
      const started = statFields(readFileSync(`/proc/${pid}/stat`, "utf8"))[19];
      return `${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()}/${started}`;
    }
    const shown = execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" }).trim();
    return shown === "" ? undefined : shown;
  } catch {
    return undefined;
  }
}

/** Sends a signal to every process of a group; whether there was one to take it. */
export function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-group, signal);
  } catch {
    return false;
  }
}

/** The group and state of every process, as far as they can be seen. */
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

/** Whether a process of the group still runs. Ended ones that nobody waited for (zombies) do not count. */
async function isGroupRunning(group: number): Promise<boolean> {
  if (!signalGroup(group, 0)) return false;
  const processes = await listProcesses().catch(() => []);
  return processes.some((each) => each.group === group && !/^[ZX]/.test(each.state));
}

/** How long a killed group is waited for: one in uninterruptible sleep may take longer than anyone's patience. */
const PATIENCE_MILLISECONDS = 10_000;

/** Kills every process of a group and waits until none runs any more. */
export async function killGroup(group: number): Promise<void> {
  const until = performance.now() + PATIENCE_MILLISECONDS;
  for (let pause = 1; signalGroup(group, "SIGKILL"); pause = Math.min(100, 2 * pause)) {
    if (!(await isGroupRunning(group)) || performance.now() > until) return;
    await setTimeout(pause);
  }
}
