import { type RequestContext, requestEvents } from "../core/course/carry-out.js";
import type { Storage } from "../core/storage.js";
import type { Recorder } from "./recorder.js";

/** Milliseconds between two looks into the inbox. */
const INTERVAL = 500;

/** What a {@link createInbox} needs. */
export interface InboxOptions extends RequestContext {
  readonly storage: Pick<Storage, "listRequests">;
  readonly recorder: Pick<Recorder, "answer">;
  /** Called after requests were carried out, before that is durable. */
  readonly onTaken: () => void;
  /** Called if the inbox cannot be read, or a request not be recorded. */
  readonly onBroken: (error: unknown) => void;
}

/** The coordinator's end of a study's inbox. */
export interface Inbox {
  /** Carries out what is in the inbox, in order; resolves when that is durable. */
  take(): Promise<void>;
  /** Looks into the inbox now and then, until {@link Inbox.close}. */
  open(): void;
  /** Carries out nothing more; resolves once nothing is under way. */
  close(): Promise<void>;
}

/**
 * Creates the coordinator's end of an inbox. A request leaves the inbox in the append of its events, so that whenever
 * the coordinator is killed, it is carried out once.
 */
export function createInbox(options: InboxOptions): Inbox {
  const { storage, recorder, study, onTaken, onBroken } = options;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  let current: Promise<void> = Promise.resolve();
  /** The last request that was carried out; its append may be under way. */
  let done = 0;

  const takeAll = async (): Promise<void> => {
    const pending = await storage.listRequests(study.definition.name);
    const durable: Promise<void>[] = [];
    for (const { number, request } of pending) {
      if (closed || number <= done) continue;
      done = number;
      durable.push(recorder.answer(number, requestEvents(options, request)));
    }
    if (durable.length > 0) onTaken();
    await Promise.all(durable);
  };

  const take = (): Promise<void> => {
    const taken = current.then(takeAll);
    current = taken.catch(() => {});
    return taken;
  };

  const look = (): void => {
    timer = setTimeout(() => {
      take().then(() => {
        if (!closed) look();
      }, onBroken);
    }, INTERVAL);
  };

  return {
    take,
    open: look,
    close: async () => {
      closed = true;
      clearTimeout(timer);
      await current;
    },
  };
}
