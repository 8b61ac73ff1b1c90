import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { freemem } from "node:os";
import { statFields } from "./process-start.js";

/** What opens a GPU's memory to a process: of NVIDIA, of AMD, and what draws. */
const GPU_DEVICE = /^\/dev\/(nvidia\d|kfd$|dri\/render)/;

/** What a process group uses at the moment. */
export interface GroupUse {
  /** Bytes of memory, pages that its processes share counted for each. */
  readonly bytes: number;
  /** Whether one of its processes has a GPU open. */
  readonly hasGpu: boolean;
}

const NOTHING: GroupUse = { bytes: 0, hasGpu: false };

function residentBytes(pid: string): number {
  const [, kilobytes = "0"] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kilobytes) * 1024;
}

function hasOpen(pid: string, device: RegExp): boolean {
  return readdirSync(`/proc/${pid}/fd`).some((file) => {
    try {
      return device.test(readlinkSync(`/proc/${pid}/fd/${file}`));
    } catch {
      // It was closed in between.
      return false;
    }
  });
}

/**
 * What process groups use, by their leaders' pids; nothing for those that are gone, and on systems without `/proc`.
 *
 * @param device which open files count as a GPU
 */
export function useOfGroups(groups: ReadonlySet<number>, device = GPU_DEVICE): ReadonlyMap<number, GroupUse> {
  const uses = new Map<number, GroupUse>();
  if (process.platform !== "linux" || groups.size === 0) return uses;
  for (const pid of readdirSync("/proc")) {
    if (!/^\d+$/.test(pid)) continue;
    try {
      const group = Number(statFields(readFileSync(`/proc/${pid}/stat`, "utf8"))[2]);
      if (!groups.has(group)) continue;
      const { bytes, hasGpu } = uses.get(group) ?? NOTHING;
      uses.set(group, {
        bytes: bytes + residentBytes(pid),
        hasGpu: hasGpu || hasOpen(pid, device),
      });
    } catch {
      // It has ended, or is another user's.
    }
  }
  return uses;
}

/**
 * Bytes of memory that processes may still take: those that the system could free, and within a limit of this process
 * (a container's, a batch job's) what the limit leaves.
 *
 * @param own bytes that count against the limit, besides this process's. What the limit itself counts is of no help:
 *   that includes files that were read, which give way
 */
export function freeMemory(own: number): number {
  const limit = process.constrainedMemory();
  const within = limit > 0 ? limit - own - process.memoryUsage.rss() : Number.POSITIVE_INFINITY;
  return Math.min(freemem(), within);
}
