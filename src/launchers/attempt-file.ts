import { writeFileSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { processStart } from "../system/process-start.js";
import { killGroup } from "./process-group.js";
import { removeSocket } from "./trial-socket.js";

/** What is recorded about a running attempt, so that a later coordinator can end it if this one is killed. */
const attemptFile = z.object({
  host: z.string(),
  pid: z.int().min(2),
  started: z.string(),
  attempt: z.int(),
  socketFolder: z.string(),
});

const fileIn = (folder: string): string => join(folder, "attempt.json");

/**
 * Records a process that was just started and leads its own group. Await nothing between its start and this
 * call, so that the process can hardly be lost in between.
 */
export function recordAttempt(folder: string, pid: number, attempt: number, socketFolder: string): void {
  const record: z.input<typeof attemptFile> = {
    host: hostname(),
    pid,
    started: processStart(pid) ?? "unknown",
    attempt,
    socketFolder,
  };
  writeFileSync(fileIn(folder), JSON.stringify(record));
}

async function removeFile(folder: string): Promise<void> {
  await rm(fileIn(folder), { force: true });
}

/** Removes the record of an attempt that is over, unless it is already that of a later attempt elsewhere. */
export async function forgetAttempt(folder: string, attempt: number): Promise<void> {
  try {
    const record = attemptFile.parse(JSON.parse(await readFile(fileIn(folder), "utf8")));
    if (record.attempt === attempt && record.host === hostname()) await removeFile(folder);
  } catch {
    // It was never written, is gone, or another attempt is writing it.
  }
}

/**
 * Kills the process group that a killed coordinator left in a trial's folder, and waits until it is gone.
 * Another process with the same pid is left alone, as is one on another machine.
 */
export async function reapAttempt(folder: string): Promise<void> {
  let text: string;
  try {
    text = await readFile(fileIn(folder), "utf8");
  } catch {
    return;
  }
  let record: z.output<typeof attemptFile>;
  try {
    record = attemptFile.parse(JSON.parse(text));
  } catch {
    // Half a record: the machine went down during the write, and the process with it.
    return removeFile(folder);
  }
  if (record.host !== hostname()) return;
  if (processStart(record.pid) === record.started) await killGroup(record.pid);
  await removeSocket(record.socketFolder);
  await removeFile(folder);
}
