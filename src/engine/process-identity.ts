import { hostname } from "node:os";
import type { Holder } from "../core/storage.js";
import { processStart } from "../system/process-start.js";

/** This process, as the holder of a study. */
export function thisProcess(): Holder {
  return { host: hostname(), pid: process.pid, started: processStart(process.pid) ?? "unknown" };
}

/** Whether a holder certainly runs no more. False for other hosts: they cannot be asked from here. */
export function isHolderGone(holder: Holder): boolean {
  return holder.host === hostname() && processStart(holder.pid) !== holder.started;
}
