import { writeFileSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { processStart } from "../system/process-start.js";
import { killAttempts } from "./attempt-processes.js";
import { killGroup } from "./process-group.js";
import { removeSocket, socketIn } from "./trial-socket.js";

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

async function readRecord(folder: string): Promise<z.output<typeof attemptFile> | undefined> {
  try {
    return attemptFile.parse(JSON.parse(await readFile(fileIn(folder), "utf8")));
  } catch {
    // There is none, or half of one: its writer was killed, or the machine went down.
    return undefined;
  }
}

/**
 * Kills what a killed coordinator left running in a trial's folder, and waits until it is gone: the recorded process
 * with its group, and whatever {@link killAttempts} finds. Another process with the same pid is left alone, as is
 * everything on another machine.
 */
export async function reapAttempt(folder: string): Promise<void> {
  const record = await readRecord(folder);
  const isHere = record?.host === hostname();
  if (isHere && processStart(record.pid) === record.started) await killGroup(record.pid);
  await killAttempts(folder, isHere ? { socket: socketIn(record.socketFolder) } : {});
  if (isHere) await removeSocket(record.socketFolder);
  if (isHere || record === undefined) await removeFile(folder);
}
