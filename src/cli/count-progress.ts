import { tell } from "./output.js";
import { barText, eraseStatus, fittingText, showStatus, statusWidth } from "./status-line.js";
import { durationText } from "./wording.js";

/** Shows the progress of a count, on standard error. */
export interface CountProgress {
  /** Counts one more, and lets timers and signals run. */
  advance(): Promise<void>;
  close(): void;
}

/** Milliseconds before anything is shown, and between two lines or, on a terminal, two refreshes. */
const PATIENCE = 1000;
const BAR_INTERVAL = 100;
const LINE_INTERVAL = 5000;

/**
 * A bar on a terminal, otherwise a line every five seconds; nothing at all for work that takes less than a
 * second.
 *
 * @param noun what is counted, such as `replays`
 */
export function createCountProgress(total: number, noun: string): CountProgress {
  const begin = performance.now();
  let done = 0;
  let shownAt = begin;
  let told = begin;
  return {
    advance: async () => {
      done += 1;
      const now = performance.now();
      const left = durationText(((now - begin) / 1000 / done) * (total - done));
      const parts = [`${done} of ${total} ${noun}`, `${left} left`];
      if (process.stderr.isTTY) {
        if (now - begin > PATIENCE && now - shownAt > BAR_INTERVAL) {
          shownAt = now;
          showStatus(fittingText(barText(done / total), parts, statusWidth()));
        }
      } else if (now - told > LINE_INTERVAL && done < total) {
        told = now;
        tell(parts.join(" · "));
      }
      await new Promise((resolve) => setImmediate(resolve));
    },
    close: eraseStatus,
  };
}
