import type { Holder, Lease, Storage } from "../core/storage.js";
import { isHolderGone, thisProcess } from "./process-identity.js";
import { moveAside, recoverFolder, removeAside } from "./study-folder.js";
import { LEASE_DURATION } from "./study-lease.js";

/** Which study {@link deleteStudy} removes. */
export interface DeletedStudy {
  readonly storage: Storage;
  readonly study: string;
  /** The study's own folder, absolute; undefined to leave its files alone. */
  readonly folder: string | undefined;
  /** Ends what a killed coordinator left running in the study's folder. */
  readonly reap?: ((folder: string) => Promise<void>) | undefined;
}

async function creationOf({ storage, study }: DeletedStudy): Promise<number | undefined> {
  return (await storage.listStudies(Date.now())).find(({ name }) => name === study)?.createdAt;
}

function isSame(one: Holder, other: Holder): boolean {
  return one.host === other.host && one.pid === other.pid && one.started === other.started;
}

/** Deletes a study that this process holds; its folder, if it has one, is moved aside just before. */
async function deleteHeld(deleted: DeletedStudy, { holder: self }: Lease): Promise<void> {
  const { storage, study, folder, reap } = deleted;
  const createdAt = await creationOf(deleted);
  const moved = folder !== undefined && createdAt !== undefined ? { folder, createdAt } : undefined;
  try {
    if (moved !== undefined) {
      await reap?.(moved.folder);
      await moveAside(moved.folder, moved.createdAt);
    }
    await storage.deleteStudy(study, {
      now: Date.now(),
      isGone: (holder) => isSame(holder, self) || isHolderGone(holder),
    });
  } catch (error) {
    if (moved !== undefined) await recoverFolder(moved.folder, moved.createdAt);
    throw error;
  }
}

/**
 * Removes a study and its files. It is deleted at one moment, in the storage: a process that is killed before leaves a
 * study that can go on, one that is killed after only leaves files and rows that nothing leads to, which
 * {@link finishDeletion}, the next run of a study with this name and the next opening of the storage remove.
 *
 * @throws CurvewiseError `STUDY_NOT_FOUND`, `STUDY_OWNED`, `FILES_NOT_DELETED`, and those of the storage
 */
export async function deleteStudy(deleted: DeletedStudy): Promise<void> {
  const { storage, study } = deleted;
  const lease = await storage.acquire(study, {
    holder: thisProcess(),
    now: Date.now(),
    duration: LEASE_DURATION,
    isGone: isHolderGone,
  });
  try {
    await deleteHeld(deleted, lease);
  } catch (error) {
    await storage.release(lease).catch(() => {});
    throw error;
  }
  await finishDeletion(deleted);
}

/**
 * Removes what a killed {@link deleteStudy} left of a study's files.
 *
 * @returns whether there was anything
 * @throws CurvewiseError `FILES_NOT_DELETED`, and those of the storage
 */
export async function finishDeletion(deleted: DeletedStudy): Promise<boolean> {
  const { folder } = deleted;
  return folder !== undefined && (await removeAside(folder, () => creationOf(deleted)));
}
