import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { open, realpath } from "node:fs/promises";
import { isAbsolute, join, relative, resolve, sep } from "node:path";
import { pipeline } from "node:stream/promises";
import { CurvewiseError } from "../core/errors.js";
import type { Snapshot } from "../core/snapshot.js";

/**
 * The SHA-256 of a file, in hexadecimal, and its size.
 *
 * @throws CurvewiseError `SNAPSHOT_INVALID` for a folder, a pipe, a device or a socket; those of opening and reading
 */
async function inspect(file: string): Promise<{ readonly digest: string; readonly bytes: number }> {
  // Opening a pipe that nobody writes to would block forever.
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const status = await handle.stat();
    if (!status.isFile()) {
      throw new CurvewiseError("SNAPSHOT_INVALID", `the snapshot ${file} is not a regular file`, {
        hint: "Save a snapshot as one file; put the files of a folder into an archive.",
      });
    }
    const hash = createHash("sha256");
    await pipeline(handle.createReadStream({ autoClose: false }), hash);
    return { digest: hash.digest("hex"), bytes: status.size };
  } finally {
    await handle.close();
  }
}

/**
 * The SHA-256 of a regular file, in hexadecimal.
 *
 * @throws CurvewiseError `SNAPSHOT_INVALID` for anything else; those of opening and reading
 */
export async function digestOf(file: string): Promise<string> {
  return (await inspect(file)).digest;
}

/** Whether a path lies inside a folder. Both absolute; links are not followed. */
export function isInside(folder: string, file: string): boolean {
  const path = relative(folder, file);
  return path !== "" && !path.startsWith(`..${sep}`) && path !== ".." && !isAbsolute(path);
}

/**
 * Checks a snapshot that a training says it saved.
 *
 * @param studyFolder absolute; snapshots must be inside it, even after links are followed
 * @param trialFolder absolute; relative paths start from it
 * @returns its path relative to the study's folder, its SHA-256 and its size
 * @throws CurvewiseError `SNAPSHOT_INVALID` if it is not a readable file inside the study's folder
 */
export async function inspectSnapshot(
  studyFolder: string,
  trialFolder: string,
  path: string,
): Promise<{ readonly path: string; readonly digest: string; readonly bytes: number }> {
  const given = resolve(trialFolder, path);
  const hint = "Save snapshots below CURVEWISE_DIR, close the file, then report it.";
  try {
    const [root, file] = [await realpath(studyFolder), await realpath(given)];
    if (!isInside(root, file)) {
      throw new CurvewiseError("SNAPSHOT_INVALID", `the snapshot ${given} is outside the study's folder`, {
        hint,
      });
    }
    return { path: relative(root, file), ...(await inspect(file)) };
  } catch (cause) {
    if (cause instanceof CurvewiseError) throw cause;
    throw new CurvewiseError("SNAPSHOT_INVALID", `the snapshot ${given} cannot be read`, { hint, cause });
  }
}

/** The absolute path of a recorded snapshot, if the file exists and has not changed since. */
export async function verifiedSnapshot(studyFolder: string, snapshot: Snapshot): Promise<string | undefined> {
  const file = join(studyFolder, snapshot.path);
  try {
    return (await digestOf(file)) === snapshot.digest ? file : undefined;
  } catch {
    return undefined;
  }
}
