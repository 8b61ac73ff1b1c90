import { constants, createReadStream, createWriteStream } from "node:fs";
import { chmod, copyFile, stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";

/**
 * Copies a file that another process may be writing to: the copy has what was read, whether or not that was ever the
 * whole file. Its data are shared where the file system can do that.
 *
 * Node's `copyFile` does not return if the file becomes shorter meanwhile: libuv asks for the bytes that are missing
 * again and again, and keeps one of the few threads for files.
 *
 * @throws Error those of opening, reading and writing
 */
export async function copyLiveFile(source: string, target: string): Promise<void> {
  const isShared = await copyFile(source, target, constants.COPYFILE_FICLONE_FORCE).then(
    () => true,
    () => false,
  );
  if (isShared) return;
  const { mode } = await stat(source);
  await pipeline(createReadStream(source), createWriteStream(target, { mode: 0o600 }));
  // Some file systems have no such thing.
  await chmod(target, mode).catch(() => {});
}
