import type { SSEStreamingApi } from "hono/streaming";
import type { Change } from "../views/contract.js";
import { studyState } from "../views/viewed-study.js";
import type { StudyWatch } from "./watched-study.js";

/** Milliseconds between two looks at a study that pages are open on. */
const INTERVAL = 500;
/** Milliseconds after which a silent stream shows that it is alive. */
const PULSE = 15_000;

/** Tells pages when a study has changed; one look serves all pages that are open on it. */
export interface LiveChanges {
  /** Writes to a page until it is gone or the server closes. @param after how many events the page has seen */
  follow(stream: SSEStreamingApi, study: string, after: number): Promise<void>;
  /** Ends all streams. */
  close(): void;
}

/** Creates it. */
export function createLiveChanges(watch: StudyWatch): LiveChanges {
  const looks = new Map<string, Promise<Change | undefined>>();
  const closed = new AbortController();

  /** At most one look per interval, shared. */
  function nextChange(study: string): Promise<Change | undefined> {
    const known = looks.get(study);
    if (known !== undefined) return known;
    const look = new Promise<void>((resolve) => setTimeout(resolve, INTERVAL)).then(async () => {
      looks.delete(study);
      try {
        const watched = await watch.look(study);
        return { events: watched.study.events, state: studyState(watched) };
      } catch {
        // Deleted, or the database is busy: the page learns it when it asks, and the stream goes on.
        return undefined;
      }
    });
    looks.set(study, look);
    return look;
  }

  return {
    follow: async (stream, study, after) => {
      let last: Change = { events: after, state: "idle" };
      let quiet = 0;
      await stream.write(": open\n\n");
      while (!stream.aborted && !closed.signal.aborted) {
        const change = await nextChange(study);
        if (change !== undefined && (change.events !== last.events || change.state !== last.state)) {
          last = change;
          quiet = 0;
          await stream.writeSSE({ id: String(change.events), event: "change", data: JSON.stringify(change) });
          continue;
        }
        quiet += INTERVAL;
        if (quiet < PULSE) continue;
        quiet = 0;
        await stream.write(": still here\n\n");
      }
    },
    close: () => {
      closed.abort();
    },
  };
}
