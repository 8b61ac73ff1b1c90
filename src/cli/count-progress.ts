import { SingleBar } from "cli-progress";
import { tell } from "./output.js";
import { durationText } from "./wording.js";

/** Shows the progress of a count, on standard error. */
export interface CountProgress {
  /** Counts one more, and lets timers and signals run. */
  advance(): Promise<void>;
  close(): void;
}

/** Milliseconds before anything is shown, and between two lines if there is no terminal. */
const PATIENCE = 1000;
const LINE_INTERVAL = 5000;

/**
 * A bar on a terminal, otherwise a line every five seconds; nothing at all for work that takes less than a
 * second.
 *
 * @param noun what is counted, such as `replays`
 */
export function createCountProgress(total: number, noun: string): CountProgress {
  const begin = performance.now();
  const bar = new SingleBar({
    format: `{bar} {value} of {total} ${noun} · {left} left`,
    barsize: 12,
    barCompleteChar: "█",
    barIncompleteChar: "░",
    stream: process.stderr,
    clearOnComplete: true,
    gracefulExit: false,
    fps: 10,
  });
  let done = 0;
  let isShown = false;
  let told = begin;
  return {
    advance: async () => {
      done += 1;
      const now = performance.now();
      const left = durationText(((now - begin) / 1000 / done) * (total - done));
      if (process.stderr.isTTY) {
        if (!isShown && now - begin > PATIENCE && done < total) {
          bar.start(total, done, { left });
          isShown = true;
        } else if (isShown) bar.update(done, { left });
      } else if (now - told > LINE_INTERVAL && done < total) {
        told = now;
        tell(`${done} of ${total} ${noun} · ${left} left`);
      }
      await new Promise((resolve) => setImmediate(resolve));
    },
    close: () => {
      if (isShown) bar.stop();
    },
  };
}
