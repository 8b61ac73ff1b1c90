import type { Readable } from "node:stream";
import { createLineSplitter, type Line } from "./line-splitter.js";
import type { OutputLog } from "./output-log.js";
import type { OutputTail } from "./output-tail.js";
import { MAX_LINE } from "./trial-messages.js";

/** How many bytes of an ended program a pipe can still hold. Any more come from another process. */
const PIPE_BYTES = 2 * 1024 * 1024;
/** How long to wait for a silent open pipe after the program's end. */
const IDLE_MILLISECONDS = 500;

/** A program's output on its way to its file, the tail, and a reader of its lines. */
export interface WatchedOutput {
  /**
   * Call it once the program has ended. Resolves when everything it wrote has been handled, even if a
   * descendant that left its process group still holds the pipe.
   */
  finish(): Promise<void>;
}

/** Where output goes. */
export interface OutputTargets {
  readonly log: OutputLog;
  readonly tail: OutputTail;
  /** Gets every non-empty line of the stream, which waits for it. */
  readonly onLine?: ((line: Line) => Promise<void>) | undefined;
}

/** Reads a stream to its end, no faster than its lines are handled. */
export function watchOutput(name: string, stream: Readable, targets: OutputTargets): WatchedOutput {
  const { log, tail, onLine } = targets;
  let ended = false;
  let afterEnd = 0;
  let activity = 0;
  let busy = false;

  const dealWith = async (lines: readonly Line[]): Promise<void> => {
    for (const line of lines) {
      tail.push(name, line);
      if (onLine !== undefined && line.text !== "") await onLine(line);
    }
  };
  const read = async (): Promise<void> => {
    const splitter = createLineSplitter({ limit: MAX_LINE, returns: true });
    try {
      for await (const chunk of stream) {
        busy = true;
        activity += 1;
        if (ended) afterEnd += chunk.length;
        await log.write(chunk);
        await dealWith(splitter.push(chunk));
        busy = false;
        if (afterEnd > PIPE_BYTES) break;
      }
    } catch {
      // The pipe was destroyed below, or broke; what came through it is kept.
    }
    busy = true;
    await dealWith(splitter.end());
  };
  const done = read();

  const finish = async (): Promise<void> => {
    ended = true;
    let seen = activity;
    const watch = setInterval(() => {
      if (!busy && seen === activity) stream.destroy();
      seen = activity;
    }, IDLE_MILLISECONDS);
    await done;
    clearInterval(watch);
  };
  return { finish };
}
