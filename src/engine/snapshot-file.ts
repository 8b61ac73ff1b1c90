import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import { isAbsolute, join, relative, resolve, sep } from "node:path";
import { pipeline } from "node:stream/promises";
import { CurvewiseError } from "../core/errors.js";
import type { Snapshot } from "../core/snapshot.js";

/** The SHA-256 of a file, in hexadecimal. */
export async function digestOf(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
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
    const { size } = await stat(file);
    return { path: relative(root, file), digest: await digestOf(file), bytes: size };
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
