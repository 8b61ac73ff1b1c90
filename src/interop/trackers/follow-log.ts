import { setTimeout as pause } from "node:timers/promises";
import { messageOf } from "../../core/errors.js";
import type { Storage } from "../../core/storage.js";
import type { OpenTracker, Tracker } from "./tracker.js";

/** How many events are read and sent at a time. */
const AT_ONCE = 500;
/** The first pause after a failure, and the longest, in milliseconds. */
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 30_000;
/** How long events are gathered before they are sent, in milliseconds. */
const GATHERING = 300;
/** Node's timers cannot wait longer than this many milliseconds. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** Tells a tracker a study's log, as far as it is written. */
async function catchUp(
  tracker: Tracker,
  storage: Pick<Storage, "readEvents">,
  study: string,
  after: number,
  onTold: (sequence: number) => void,
): Promise<void> {
  await tracker.flush();
  let noted = after;
  for await (const { sequence, event } of storage.readEvents(study, { after })) {
    tracker.observe(event);
    noted = sequence;
    // The tracker has noted it, so it is not told again, even if it cannot be sent.
    onTold(sequence);
    if (sequence % AT_ONCE === 0) await tracker.flush();
  }
  if (noted > after) await tracker.flush();
}

async function openedFor(
  open: OpenTracker,
  storage: Pick<Storage, "readEvents">,
  study: string,
  givenUp?: AbortSignal,
): Promise<Tracker> {
  for await (const { event } of storage.readEvents(study)) {
    if (event.type === "study-created")
      return open({ definition: event.definition, createdAt: event.time }, givenUp);
    break;
  }
  throw new Error(`the log of study "${study}" does not begin with its definition`);
}

/** Sends a whole study to a tracker. @throws what the tracker throws */
export async function sendStudy(
  open: OpenTracker,
  storage: Pick<Storage, "readEvents">,
  study: string,
): Promise<Tracker> {
  const tracker = await openedFor(open, storage, study);
  await catchUp(tracker, storage, study, 0, () => {});
  await tracker.rest();
  return tracker;
}

/** What is to be known about a tracker while a study runs. */
export type Told = { readonly trouble: string } | "caught-up";

/** A tracker that follows a study while it runs. */
export interface Follower {
  /** Something was written to the log. */
  wake(): void;
  /**
   * Sends what is left; call it once the log is complete. Nothing is being sent after it, whatever came of it.
   *
   * @param patience how long it may take, in milliseconds
   * @param cut ends the wait early
   * @returns why the tracker lacks something, or undefined if it has everything
   */
  end(patience: number, cut: AbortSignal): Promise<string | undefined>;
}

/**
 * Keeps a tracker up to date with a log, without ever holding up whoever writes it: the log is the queue. What fails is
 * tried again with growing pauses.
 *
 * @param say is told why something failed, once until it succeeds again, and then that
 */
export function followLog(
  open: OpenTracker,
  storage: Pick<Storage, "readEvents">,
  study: string,
  say: (told: Told) => void,
): Follower {
  const ended = new AbortController();
  const givenUp = new AbortController();
  let tracker: Tracker | undefined;
  let told = 0;
  let wanted = false;
  let trouble: string | undefined;
  let between = FIRST_PAUSE;
  let idle: AbortController | undefined;

  const attempt = async (isLast: boolean): Promise<void> => {
    wanted = false;
    try {
      tracker ??= await openedFor(open, storage, study, givenUp.signal);
      await catchUp(tracker, storage, study, told, (sequence) => {
        told = sequence;
      });
      if (isLast) await tracker.rest();
      if (trouble !== undefined) say("caught-up");
      trouble = undefined;
      between = FIRST_PAUSE;
    } catch (error) {
      // It was cut off, and is not tried again.
      if (givenUp.signal.aborted) return;
      const isNew = trouble === undefined;
      trouble = messageOf(error);
      wanted = true;
      if (isNew) say({ trouble });
    }
  };
  // While the study runs, waiting keeps no process alive; at the end it has to.
  const sleep = (milliseconds: number, signal: AbortSignal, ref = false): Promise<void> =>
    pause(milliseconds, undefined, { signal, ref }).catch(() => {});
  const run = async (): Promise<void> => {
    while (!ended.signal.aborted) {
      if (!wanted) {
        idle = new AbortController();
        await sleep(LONGEST_TIMER, idle.signal);
        idle = undefined;
        continue;
      }
      await sleep(trouble === undefined ? GATHERING : between, ended.signal);
      if (trouble !== undefined) between = Math.min(2 * between, LONGEST_PAUSE);
      if (!ended.signal.aborted) await attempt(false);
    }
  };
  const running = run();
  return {
    wake: () => {
      wanted = true;
      idle?.abort();
    },
    end: async (patience, cut) => {
      ended.abort();
      idle?.abort();
      // A timer of our own: before Node 22, a signal of `AbortSignal.any` may lose that of `AbortSignal.timeout` to the
      // garbage collector, and then never fires.
      const giveUp = (): void => givenUp.abort();
      const timer = setTimeout(giveUp, patience);
      if (cut.aborted) giveUp();
      else cut.addEventListener("abort", giveUp, { once: true });
      const last = async (): Promise<void> => {
        await running;
        while (!givenUp.signal.aborted) {
          await attempt(true);
          if (trouble === undefined) return;
          await sleep(between, givenUp.signal, true);
          between *= 2;
        }
      };
      const late = new Promise<"late">((done) => {
        if (givenUp.signal.aborted) done("late");
        else givenUp.signal.addEventListener("abort", () => done("late"), { once: true });
      });
      try {
        const outcome = await Promise.race([last(), late]);
        return outcome === "late" ? (trouble ?? "it did not answer in time") : trouble;
      } finally {
        clearTimeout(timer);
        cut.removeEventListener("abort", giveUp);
      }
    },
  };
}
