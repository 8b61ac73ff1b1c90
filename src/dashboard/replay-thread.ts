import { Worker } from "node:worker_threads";
import { CurvewiseError, messageOf } from "../core/errors.js";
import type { StudyEvent } from "../core/events.js";
import type { Study } from "../core/study.js";
import type { WhatIfView } from "../views/contract.js";
import { checkReplay } from "./what-if.js";

/** What a thread is told: the study's log in parts, and then under which scheduler to replay it. */
export type ReplayRequest =
  | { readonly kind: "events"; readonly events: readonly StudyEvent[] }
  | { readonly kind: "replay"; readonly scheduler: string };

/** What it answers, once. */
export type ReplayReply =
  | { readonly kind: "view"; readonly view: WhatIfView }
  | {
      readonly kind: "refused";
      readonly code: string;
      readonly message: string;
      readonly hint: string | undefined;
      readonly fault: CurvewiseError["kind"];
    };

/** Replays of recorded studies, in a thread of their own: they may take a minute, and others ask meanwhile. */
export interface Replays {
  /**
   * A study under another scheduler. One is worked out at a time; whoever asks for one that is under way, or waits, gets
   * that.
   *
   * @param study what is known of it now, by which much is refused at once
   * @param events its log, read when it is the replay's turn
   * @throws CurvewiseError what `whatIf` throws; `REPLAY_FAILED` if the thread ends early
   */
  whatIf(study: Study, scheduler: string, events: () => AsyncIterable<StudyEvent>): Promise<WhatIfView>;
  /** Ends what is under way; nothing is replayed any longer. */
  close(): void;
}

const ENTRY = new URL("./replay-entry.js", import.meta.url);

/** Events that are passed on at once. */
const PART = 1000;

const failed = (why: string): CurvewiseError =>
  new CurvewiseError("REPLAY_FAILED", `the replay did not come to its end: ${why}`, {
    hint: "`curvewise replay` replays a study in a terminal.",
    kind: "failure",
  });

function viewOf(reply: ReplayReply): WhatIfView {
  if (reply.kind === "view") return reply.view;
  const { code, message, hint, fault } = reply;
  throw new CurvewiseError(code, message, { ...(hint === undefined ? {} : { hint }), kind: fault });
}

async function replyOf(worker: Worker): Promise<ReplayReply> {
  return new Promise((resolve, reject) => {
    worker
      .once("message", (reply: ReplayReply) => resolve(reply))
      .once("error", (error) => reject(failed(messageOf(error))))
      .once("exit", () => reject(failed("its thread ended")));
  });
}

/** Passes the log on as it is read, so that it is never in this thread's memory as a whole. */
async function pass(worker: Worker, scheduler: string, events: AsyncIterable<StudyEvent>): Promise<void> {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- the rule is about windows
  const send = (request: ReplayRequest): void => worker.postMessage(request);
  let part: StudyEvent[] = [];
  for await (const event of events) {
    part.push(event);
    if (part.length < PART) continue;
    send({ kind: "events", events: part });
    part = [];
  }
  send({ kind: "events", events: part });
  send({ kind: "replay", scheduler });
}

/** Creates them. */
export function createReplays(): Replays {
  const wanted = new Map<string, Promise<WhatIfView>>();
  let turn: Promise<unknown> = Promise.resolve();
  let current: Worker | undefined;
  let isClosed = false;

  async function replay(scheduler: string, events: () => AsyncIterable<StudyEvent>): Promise<WhatIfView> {
    if (isClosed) throw failed("the server is ending");
    const worker = new Worker(ENTRY);
    // The process may end while it works.
    worker.unref();
    current = worker;
    const reply = replyOf(worker);
    try {
      const [answer] = await Promise.all([reply, pass(worker, scheduler, events())]);
      return viewOf(answer);
    } finally {
      reply.catch(() => {});
      current = undefined;
      await worker.terminate();
    }
  }

  return {
    whatIf: async (study, scheduler, events) => {
      checkReplay(study, scheduler);
      const key = JSON.stringify([study.definition.name, study.createdAt, scheduler]);
      const known = wanted.get(key);
      if (known !== undefined) return known;
      const mine = turn.catch(() => {}).then(() => replay(scheduler, events));
      turn = mine;
      wanted.set(key, mine);
      try {
        return await mine;
      } finally {
        wanted.delete(key);
      }
    },
    close: () => {
      isClosed = true;
      void current?.terminate();
    },
  };
}
