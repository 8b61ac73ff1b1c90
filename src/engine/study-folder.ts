import { readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { CurvewiseError, messageOf } from "../core/errors.js";

/**
 * A study's folder is moved aside before the study is deleted, to a name that no study can have (they begin with a
 * letter, a digit or `_`). So whoever begins a study of the same name finds no folder, and what a killed deletion left
 * is told from it: the name says when the study was created.
 */
interface AsideFolder {
  readonly path: string;
  /** When its study was created, in milliseconds since 1970. */
  readonly createdAt: number;
}

const PREFIX = ".deleted-";

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

/** What deletions of studies with this folder moved aside and did not remove. */
async function foldersAside(folder: string): Promise<AsideFolder[]> {
  const parent = dirname(resolve(folder));
  const begins = `${PREFIX}${basename(folder)}-`;
  const names = await readdir(parent).catch(() => []);
  return names.flatMap((name) => {
    const rest = name.startsWith(begins) ? /^(\d+)-[a-z0-9]+$/.exec(name.slice(begins.length)) : null;
    return rest === null ? [] : [{ path: join(parent, name), createdAt: Number(rest[1]) }];
  });
}

/**
 * Moves a study's folder aside, which happens at once or not at all. The caller holds the study.
 *
 * @param createdAt when the study was created, in milliseconds since 1970
 * @throws CurvewiseError `FILES_NOT_DELETED` if it cannot be moved
 */
export async function moveAside(folder: string, createdAt: number): Promise<void> {
  const suffix = `${Math.round(createdAt)}-${process.pid.toString(36)}${Date.now().toString(36)}`;
  try {
    await rename(folder, join(dirname(resolve(folder)), `${PREFIX}${basename(folder)}-${suffix}`));
  } catch (error) {
    if (codeOf(error) === "ENOENT") return;
    throw new CurvewiseError(
      "FILES_NOT_DELETED",
      `the folder ${folder} cannot be deleted: ${messageOf(error)}`,
      {
        hint: "Nothing was deleted. Change the permissions of the folder above it, or give --keep-files and delete it yourself.",
        kind: "failure",
        cause: error,
      },
    );
  }
}

/** Moves what is in one folder into another, except for what that has already. */
async function moveInto(folder: string, aside: string): Promise<void> {
  try {
    await rename(aside, folder);
  } catch {
    // Something has made the folder anew: the files in it are newer.
    const there = new Set(await readdir(folder));
    for (const name of await readdir(aside)) {
      if (!there.has(name)) await rename(join(aside, name), join(folder, name));
    }
    await rm(aside, { recursive: true, force: true });
  }
}

/**
 * Puts a study's folder back that a deletion moved aside without deleting the study, and removes those of earlier
 * studies with the same name. The caller holds the study.
 *
 * @param createdAt when the study was created, in milliseconds since 1970
 */
export async function recoverFolder(folder: string, createdAt: number): Promise<void> {
  for (const aside of await foldersAside(folder)) {
    if (aside.createdAt === Math.round(createdAt)) await moveInto(folder, aside.path);
    // Whatever cannot be removed now only costs space.
    else await rm(aside.path, { recursive: true, force: true }).catch(() => {});
  }
}

/**
 * Removes the folders that were moved aside, except those of a study that is still there.
 *
 * @param createdAt asked for when the study with this folder was created; undefined if there is none
 * @returns whether there were any
 * @throws CurvewiseError `FILES_NOT_DELETED`, and what `createdAt` throws
 */
export async function removeAside(
  folder: string,
  createdAt: () => Promise<number | undefined>,
): Promise<boolean> {
  const aside = await foldersAside(folder);
  // Asked for after they were found: a deletion that is under way elsewhere may still have to put its folder back.
  const kept = aside.length === 0 ? undefined : await createdAt();
  const left = aside.filter((each) => kept === undefined || each.createdAt !== Math.round(kept));
  for (const { path } of left) {
    try {
      await rm(path, { recursive: true, force: true, maxRetries: 3 });
    } catch (error) {
      throw new CurvewiseError(
        "FILES_NOT_DELETED",
        `the study is deleted, but not all of its files, now in ${path}: ${messageOf(error)}`,
        { hint: "Change their permissions, and give the same command again.", kind: "failure", cause: error },
      );
    }
  }
  return left.length > 0;
}
