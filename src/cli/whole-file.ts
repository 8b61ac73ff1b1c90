import { constants, rmSync } from "node:fs";
import { chmod, copyFile, link, realpath, rename, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** What is at a path, and the path behind links; undefined when nothing is there. */
async function lookAt(file: string) {
  try {
    const path = await realpath(file);
    return { path, status: await stat(path) };
  } catch {
    return undefined;
  }
}

/** A path at which something is already, where nothing may be replaced. */
export class FilePresent extends Error {}

const isPresent = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "EEXIST";

/** Gives a file a name that nothing has, even if another process wants it at the same time. @throws FilePresent */
async function moveToNew(partial: string, target: string): Promise<void> {
  try {
    await link(partial, target).catch(async (error: unknown) => {
      if (isPresent(error)) throw error;
      // Not every file system has links.
      await copyFile(partial, target, constants.COPYFILE_EXCL);
    });
  } catch (error) {
    throw isPresent(error) ? new FilePresent(target, { cause: error }) : error;
  }
}

/** Takes half of a file away; where that fails, nothing had been written, and the error of writing says why. */
function discardFile(partial: string): void {
  try {
    rmSync(partial, { force: true });
  } catch {
    // Such as the place beside a path that leads through a file.
  }
}

/**
 * Has a file written whole or not at all: it is written beside its place and moved there at the end, so that neither a full
 * disk nor Ctrl-C leaves half of it, or takes away what was there. Pipes and devices are written to as they are.
 *
 * @param write writes everything to the path that it is given
 * @param replaces whether it takes the place of what is there
 * @throws FilePresent if something is there that it may not replace; what `write` throws, and errors of the file system
 */
export async function writeWhole(
  file: string,
  write: (path: string) => Promise<void>,
  replaces = true,
): Promise<void> {
  const present = await lookAt(file);
  if (present !== undefined && !replaces) throw new FilePresent(file);
  if (present !== undefined && !present.status.isFile()) return write(file);
  const target = present?.path ?? file;
  const partial = join(dirname(target), `.${basename(target)}.${process.pid}.partial`);
  const discard = (): void => discardFile(partial);
  process.once("exit", discard);
  try {
    await write(partial);
    if (present !== undefined) await chmod(partial, present.status.mode & 0o7777);
    if (replaces) await rename(partial, target);
    else await moveToNew(partial, target);
  } finally {
    discard();
    process.removeListener("exit", discard);
  }
}
