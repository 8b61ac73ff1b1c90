import { type FileHandle, open } from "node:fs/promises";
import { messageOf } from "../core/errors.js";
import type { Failure } from "../core/failure.js";

/** How many bytes of an attempt's output its file keeps. */
export const MAX_OUTPUT = 8 * 1024 * 1024;

/** The file that an attempt's output goes to, up to {@link MAX_OUTPUT}. */
export interface OutputLog {
  /** Resolves when the bytes are handed to the system; never rejects. */
  write(chunk: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/**
 * Creates the file, or empties it.
 *
 * @param onTrouble called once if the file can no longer be written, such as on a full disk; later output is
 *   dropped, and the training goes on
 */
export async function openOutputLog(path: string, onTrouble: (note: Failure) => void): Promise<OutputLog> {
  let room = MAX_OUTPUT;
  let file: FileHandle | undefined;
  let last: Promise<void> = Promise.resolve();

  const give = async (action: () => Promise<void>): Promise<void> => {
    try {
      await action();
    } catch (thrown) {
      room = 0;
      onTrouble({
        code: "OUTPUT_NOT_KEPT",
        message: `the output cannot be written to ${path}: ${messageOf(thrown)}`,
        hint: "Free some disk space; the training goes on.",
      });
    }
  };
  const append = async (chunk: Uint8Array): Promise<void> => {
    if (room === 0) return;
    const kept = chunk.subarray(0, room);
    const isFull = kept.length < chunk.length;
    room -= kept.length;
    await give(async () => {
      await file?.appendFile(kept);
      if (isFull) {
        room = 0;
        await file?.appendFile(
          `\n[curvewise: the output is longer; only its first ${MAX_OUTPUT / 1024 / 1024} MiB are kept]\n`,
        );
      }
    });
  };

  await give(async () => {
    file = await open(path, "w");
  });
  return {
    write: (chunk) => {
      if (room === 0) return last;
      last = last.then(() => append(chunk));
      return last;
    },
    close: async () => {
      await last;
      await file?.close().catch(() => {});
    },
  };
}
