import { hostname } from "node:os";
import type { Holder } from "../core/storage.js";
import { processStart } from "../system/process-start.js";

/** This process, as the holder of a study. */
export function thisProcess(): Holder {
  return { host: hostname(), pid: process.pid, started: processStart(process.pid) ?? "unknown" };
}

/**
 * Whether a holder has certainly ended. False for other hosts, which cannot be asked from here, even if they
 * have the same name: their boot id differs.
 */
export function isHolderGone({ host, pid, started }: Holder): boolean {
  const isHere = host === hostname() && bootOf(started) === bootOf(thisProcess().started);
  return isHere && processStart(pid) !== started;
}

/** The part of a process's start that identifies the boot; undefined if the system gives none. */
function bootOf(started: string): string | undefined {
  const [boot, ticks] = started.split("/");
  return ticks === undefined ? undefined : boot;
}
