import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import type { Holder } from "../core/storage.js";

/**
 * What tells a process from every other that has or had its pid: on Linux the boot's id and the start time in
 * clock ticks, elsewhere what `ps` says. Undefined when there is no such process.
 */
export function processStart(pid: number): string | undefined {
  if (process.platform === "linux") {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      // The command's name, in parentheses, may hold spaces; the fields after it do not.
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      const [state] = fields;
      if (state === "Z" || state === "X") return undefined;
      const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
      return `${boot}/${fields[19]}`;
    } catch {
      return undefined;
    }
  }
  try {
    return execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" }).trim() || undefined;
  } catch {
    return undefined;
  }
}

/** This process, as the holder of a study. */
export function thisProcess(): Holder {
  return { host: hostname(), pid: process.pid, started: processStart(process.pid) ?? "unknown" };
}

/** Whether a holder certainly runs no more. False for other hosts: they cannot be asked from here. */
export function isHolderGone(holder: Holder): boolean {
  return holder.host === hostname() && processStart(holder.pid) !== holder.started;
}
