import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Study } from "../core/study.js";
import type { Snapshot } from "../core/trial.js";
import { isInside } from "./snapshot-file.js";

/** Whether any trial could still go on from a snapshot, or is about to copy it. */
function isNeeded(study: Study, path: string): boolean {
  return study.trials.some(
    ({ snapshot, exploiting }) => snapshot?.path === path || exploiting?.snapshot.path === path,
  );
}

/**
 * Deletes a snapshot's file when nothing can need it any more: no trial has it as its newest snapshot, and no exploit
 * that was decided copies it. Call it once it is durable that the snapshot was replaced.
 */
export async function discardSnapshot(
  study: Study,
  folder: string,
  snapshot: Pick<Snapshot, "path"> | undefined,
): Promise<void> {
  if (snapshot === undefined || isNeeded(study, snapshot.path)) return;
  const file = join(folder, snapshot.path);
  // A file that cannot be deleted costs space and nothing else.
  if (isInside(folder, file)) await rm(file, { force: true }).catch(() => {});
}
