import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Snapshot } from "../core/snapshot.js";
import type { Storage } from "../core/storage.js";
import type { Study } from "../core/study.js";
import { isInside } from "./snapshot-file.js";

/** Whether any trial could still continue from a snapshot, or is about to copy it. */
function isNeeded(study: Study, path: string): boolean {
  return study.trials.some(
    ({ snapshot, bestSnapshot, exploiting }) =>
      snapshot?.path === path || bestSnapshot?.path === path || exploiting?.snapshot.path === path,
  );
}

/**
 * Deletes a snapshot's file if nothing can need it any more: it is no trial's newest snapshot, nor that of its best report,
 * and no decided exploit will copy it. Call it once the replacement of the snapshot is durable.
 */
export async function discardSnapshot(
  study: Study,
  folder: string,
  snapshot: Pick<Snapshot, "path"> | undefined,
): Promise<void> {
  if (snapshot === undefined || isNeeded(study, snapshot.path)) return;
  const file = join(folder, snapshot.path);
  // A file that cannot be deleted only costs space.
  if (isInside(folder, file)) await rm(file).catch(() => {});
}

/** Entries of a folder, as paths relative to the one above it; none if there is no such folder. */
async function entriesOf(folder: string, name: string): Promise<string[]> {
  const entries = await readdir(join(folder, name)).catch(() => []);
  return entries.map((entry) => `${name}/${entry}`);
}

/**
 * Deletes what a killed coordinator left between replacing a snapshot and deleting its file: every file in
 * the trials' folders that the log knows as a snapshot and that nothing can need any more.
 *
 * @throws CurvewiseError those of reading the log
 */
export async function sweepSnapshots(storage: Storage, study: Study, folder: string): Promise<void> {
  const known = new Set<string>();
  for await (const { event } of storage.readEvents(study.definition.name)) {
    if (event.type === "snapshot-saved" || event.type === "exploited") known.add(event.path);
  }
  for (const { number } of study.trials) {
    for (const path of await entriesOf(folder, `trial-${number}`)) {
      if (known.has(path)) await discardSnapshot(study, folder, { path });
    }
  }
}
