import { existsSync, readdirSync, readFileSync, readlinkSync, realpathSync } from "node:fs";
import { statFields } from "../system/process-start.js";

/** Whether it can be told here which files are open. */
export const seesOpenFiles = (): boolean => existsSync("/proc/self/fd");

/** The processes of a group, on Linux. */
function processesOf(group: number): string[] {
  return readdirSync("/proc").filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      const [, , own] = statFields(readFileSync(`/proc/${pid}/stat`, "utf8"));
      return Number(own) === group;
    } catch {
      return false;
    }
  });
}

/** Whether a process has a file open. */
function hasOpen(pid: string, file: string): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((number) => {
      try {
        return readlinkSync(`/proc/${pid}/fd/${number}`) === file;
      } catch {
        return false;
      }
    });
  } catch {
    return false;
  }
}

/** Whether a process of a group has a file open, on Linux. */
export function isOpen(group: number, path: string): boolean {
  const file = realpathSync(path);
  return processesOf(group).some((pid) => hasOpen(pid, file));
}
