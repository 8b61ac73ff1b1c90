import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/**
 * The fields of `/proc/<pid>/stat` after the command's name, which may itself contain spaces and parentheses:
 * the first is the state, the third the process group, the twentieth the start time.
 */
export function statFields(stat: string): readonly string[] {
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}

/**
 * What distinguishes a process from all others that have or had its pid: on Linux the boot's id and the start
 * time in clock ticks, elsewhere the start time that `ps` prints. Undefined if there is no such process, or
 * it is a zombie.
 */
export function processStart(pid: number): string | undefined {
  try {
    if (process.platform === "linux") {
      const fields = statFields(readFileSync(`/proc/${pid}/stat`, "utf8"));
      if (/^[ZX]/.test(fields[0] ?? "")) return undefined;
      return `${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()}/${fields[19]}`;
    }
    const shown = execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" }).trim();
    return shown === "" ? undefined : shown;
  } catch {
    return undefined;
  }
}
