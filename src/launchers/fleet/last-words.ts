import { open } from "node:fs/promises";

/** Bytes of a file that are looked at for its last lines. */
const TAIL_BYTES = 8192;
const TAIL_LINES = 20;

/** The last lines of the readable part of a file; none if there is no such file. */
export async function lastWordsIn(file: string | undefined): Promise<readonly string[]> {
  if (file === undefined) return [];
  try {
    const handle = await open(file, "r");
    try {
      const { size } = await handle.stat();
      const length = Math.min(size, TAIL_BYTES);
      const { buffer } = await handle.read(Buffer.alloc(length), 0, length, size - length);
      return buffer.toString("utf8").trim().split("\n").slice(-TAIL_LINES);
    } finally {
      await handle.close();
    }
  } catch {
    return [];
  }
}
