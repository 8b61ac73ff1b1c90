import { rmSync } from "node:fs";
import { chmod, realpath, rename, stat } from "node:fs/promises";
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

/**
 * Has a file written whole or not at all: it is written beside its place and moved there at the end, so that neither a full
 * disk nor Ctrl-C leaves half of it, or takes away what was there. Pipes and devices are written to as they are.
 *
 * @param write writes everything to the path that it is given
 * @throws what `write` throws, and errors of the file system
 */
export async function writeWhole(file: string, write: (path: string) => Promise<void>): Promise<void> {
  const present = await lookAt(file);
  if (present !== undefined && !present.status.isFile()) return write(file);
  const target = present?.path ?? file;
  const partial = join(dirname(target), `.${basename(target)}.${process.pid}.partial`);
  const discard = (): void => rmSync(partial, { force: true });
  process.once("exit", discard);
  try {
    await write(partial);
    if (present !== undefined) await chmod(partial, present.status.mode & 0o7777);
    await rename(partial, target);
  } finally {
    discard();
    process.removeListener("exit", discard);
  }
}
