import { join, relative, sep } from "node:path";
import { CurvewiseError } from "../core/errors.js";
import { failureOf } from "../core/failure.js";
import type { Work } from "../engine/coordinator.js";
import type { AttemptPlace } from "../engine/late-reports.js";
import type { Session } from "../engine/session.js";
import { ANSWER_WINDOW, type MessageOf, type Order, type Reply, type ReplyOf } from "./messages.js";
import {
  answerToWire,
  assignmentToWire,
  endFromWire,
  failureFromWire,
  failureToWire,
  isRefusal,
  metricsFromWire,
} from "./wire.js";

/** What the server needs of an open session. */
export type ServedSession = Pick<
  Session,
  "study" | "coordinator" | "interrupted" | "killed" | "reportLate" | "record" | "ending" | "breakDown"
>;

/** The way to a worker while it is connected. */
export interface WorkerLink {
  send(order: Order): void;
  close(code: number, reason: string): void;
}

/** What a {@link createRemoteWorker} needs. */
export interface RemoteWorkerOptions {
  readonly name: string;
  /** How many attempts it may have at the same time. */
  readonly slots: number;
  readonly session: ServedSession;
  /** The study's folder, absolute. */
  readonly folder: string;
  /** Trials are handed out from then on. */
  readonly begun: Promise<void>;
}

type Content<Message> = Message extends { readonly sequence: number }
  ? Omit<Message, "id" | "sequence"> & { readonly sequence: number | undefined }
  : Omit<Message, "id">;

/** A message about an attempt. Without a sequence it is done every time that it comes. */
export type AttemptMessage = Content<MessageOf<"report" | "snapshot" | "note" | "end">>;
/** A message about an attempt, or a wish for one. */
export type WorkMessage = AttemptMessage | Content<MessageOf<"ask">>;
type ContentOf<Type extends WorkMessage["type"]> = Extract<WorkMessage, { readonly type: Type }>;

/** A worker as the coordinator knows it, from its joining until it leaves or is lost, over any number of connections. */
export interface RemoteWorker {
  readonly name: string;
  /** Whether it is connected at the moment. */
  readonly linked: boolean;
  /**
   * Does what a message asks for. A message that comes again is answered as before.
   *
   * @throws what is not the worker's mistake; the message is then unanswered
   */
  handle(message: WorkMessage): Promise<Reply>;
  /** Nobody waits any more for the answer to this wish: it is `none`, unless an attempt is being started already. */
  withdraw(request: string): void;
  /**
   * The worker connected.
   *
   * @param known the attempts that it is at
   * @returns those of them that are over, and what it has to be told besides
   */
  attach(link: WorkerLink, known: readonly AttemptPlace[]): { over: AttemptPlace[]; orders: Order[] };
  /** That connection is gone. Whatever the worker waits for, it will have to ask for again. */
  detach(link: WorkerLink): void;
  /** Has all that it is at save and end. */
  interrupt(): void;
  /** Has the worker end an attempt at once, or all that it has: its trainings were killed. */
  stop(place?: AttemptPlace): void;
  /** Fences what it has: its attempts are over, whatever it does. */
  fence(reason: "interrupted" | "lost"): Promise<void>;
}

interface RemoteAttempt {
  readonly work: Work;
  /** The wish that it answers. */
  readonly request: string;
  /** The answers to its messages, by sequence. Those of thousands of workers are kept, so each is small. */
  readonly replies: Map<number, Reply | Promise<Reply>>;
  newest: number;
}

interface Wish {
  readonly reply: Promise<Reply>;
  /** Fires when nobody waits for it any more. */
  readonly withdrawn: AbortController;
  pending: boolean;
}

const OK: Reply = { type: "ok" };
const CONTINUE: Reply = { type: "action", answer: { action: "continue" } };

const keyOf = ({ trial, attempt }: AttemptPlace): string => `${trial}/${attempt}`;
const placeOf = ({ trial, attempt }: AttemptPlace): AttemptPlace => ({ trial, attempt });

function over(message: AttemptPlace): CurvewiseError {
  return new CurvewiseError(
    "ATTEMPT_OVER",
    `attempt ${message.attempt} of trial ${message.trial} is over for this worker`,
    { hint: "End the training, and ask for another trial." },
  );
}

/** Makes a worker that has just joined. */
export function createRemoteWorker(options: RemoteWorkerOptions): RemoteWorker {
  const { name, slots, session, folder, begun } = options;
  const { coordinator } = session;
  const attempts = new Map<string, RemoteAttempt>();
  const wishes = new Map<string, Wish>();
  let link: WorkerLink | undefined;
  let fenced = false;

  const begin = (work: Work, request: string): void => {
    attempts.set(keyOf(work.assignment), { work, request, replies: new Map(), newest: 0 });
  };

  const drop = (attempt: RemoteAttempt): void => {
    attempts.delete(keyOf(attempt.work.assignment));
    wishes.delete(attempt.request);
  };

  const assign = async (request: string, withdrawn: AbortSignal): Promise<Reply> => {
    await begun;
    let work: Work | undefined;
    try {
      work = await coordinator.ask(name, withdrawn);
    } catch (error) {
      session.breakDown(error);
      throw error;
    }
    if (work !== undefined && fenced) {
      await coordinator.end(work, { kind: "released", reason: "lost" });
      work = undefined;
    }
    if (work === undefined) return { type: "none", reason: session.ending() };
    begin(work, request);
    if (work.channel.interrupted.aborted) {
      const order: Order = { type: "interrupt", ...placeOf(work.assignment) };
      // After the assignment, which goes out when this function has returned.
      setImmediate(() => link?.send(order));
    }
    return { type: "assignment", assignment: assignmentToWire(work.assignment, folder) };
  };

  const ask = async ({ request }: ContentOf<"ask">): Promise<Reply> => {
    const known = wishes.get(request);
    if (known?.withdrawn.signal.aborted === false) return known.reply;
    if (known !== undefined) {
      // It may have been granted all the same; then that is the answer.
      const reply = await known.reply;
      return reply.type === "assignment" ? reply : ask({ type: "ask", request });
    }
    const pending = [...wishes.values()].filter((wish) => wish.pending).length;
    if (attempts.size + pending >= slots) {
      throw new CurvewiseError("SLOTS_TAKEN", `worker ${name} has all of its ${slots} slots in use`, {
        hint: "End an attempt before asking for the next one, or join with more slots.",
      });
    }
    const withdrawn = new AbortController();
    const forget = (): void => {
      if (wishes.get(request) === wish) wishes.delete(request);
    };
    const grant = async (): Promise<Reply> => {
      try {
        const reply = await assign(request, withdrawn.signal);
        if (reply.type === "none") forget();
        return reply;
      } catch (error) {
        forget();
        throw error;
      } finally {
        wish.pending = false;
      }
    };
    const wish: Wish = { withdrawn, pending: true, reply: Promise.resolve().then(grant) };
    wishes.set(request, wish);
    return wish.reply;
  };

  /** Keeps an answer in place of the promise of it, which holds on to all that made it. */
  const keep = async ({ replies }: RemoteAttempt, sequence: number, reply: Promise<Reply>): Promise<void> => {
    try {
      const given = await reply;
      if (replies.has(sequence)) replies.set(sequence, given);
    } catch {
      replies.delete(sequence);
    }
  };

  /** The answer to a message of an attempt; one that comes again gets the answer that it got. */
  const once = (
    attempt: RemoteAttempt,
    sequence: number | undefined,
    act: () => Promise<Reply>,
  ): Promise<Reply> => {
    if (sequence === undefined) return refusing(act);
    const known = attempt.replies.get(sequence);
    if (known !== undefined) return Promise.resolve(known);
    if (sequence <= attempt.newest - ANSWER_WINDOW) {
      throw new CurvewiseError(
        "SEQUENCE_OLD",
        `message ${sequence} of ${keyOf(attempt.work.assignment)} is old`,
        {
          hint: `At most ${ANSWER_WINDOW} messages of an attempt may be unanswered.`,
        },
      );
    }
    const reply = refusing(act);
    attempt.replies.set(sequence, reply);
    void keep(attempt, sequence, reply);
    attempt.newest = Math.max(attempt.newest, sequence);
    for (const old of attempt.replies.keys()) {
      if (old > attempt.newest - ANSWER_WINDOW) break;
      attempt.replies.delete(old);
    }
    return reply;
  };

  const report = async (
    { work }: RemoteAttempt,
    { step, metrics, canExploit = false }: ContentOf<"report">,
  ): Promise<Reply> => {
    const answer = await work.channel.report(step, metricsFromWire(metrics), canExploit);
    if (answer === "continue") return CONTINUE;
    return { type: "action", answer: answerToWire(answer, folder) };
  };

  const reportLate = async (message: ContentOf<"report">): Promise<ReplyOf<"action">> => {
    await session.reportLate(placeOf(message), message.step, metricsFromWire(message.metrics));
    link?.send({ type: "stop", ...placeOf(message) });
    return { type: "action", answer: { action: "stop" }, late: true };
  };

  const snapshot = async ({ work }: RemoteAttempt, { step, path }: ContentOf<"snapshot">): Promise<Reply> => {
    const { folder: own } = work.assignment;
    const file = join(folder, path);
    await work.channel.snapshot(step, file.startsWith(own + sep) ? relative(own, file) : file);
    return OK;
  };

  const finish = async (attempt: RemoteAttempt, { end }: ContentOf<"end">): Promise<Reply> => {
    await coordinator.end(attempt.work, endFromWire(end));
    drop(attempt);
    return OK;
  };

  const handleForAttempt = (message: AttemptMessage): Promise<Reply> => {
    const attempt = attempts.get(keyOf(message));
    if (attempt === undefined) {
      if (message.type === "report") return reportLate(message);
      if (message.type === "snapshot") throw over(message);
      return Promise.resolve(OK);
    }
    return once(attempt, message.sequence, async () => {
      switch (message.type) {
        case "report":
          return report(attempt, message);
        case "snapshot":
          return snapshot(attempt, message);
        case "end":
          return finish(attempt, message);
        case "note":
          attempt.work.channel.note(failureFromWire(message.note));
          return OK;
      }
    });
  };

  const withdraw = (request: string): void => {
    const wish = wishes.get(request);
    if (wish?.pending === true) wish.withdrawn.abort();
  };
  const withdrawAll = (): void => {
    for (const request of wishes.keys()) withdraw(request);
  };

  const orders = (type: Order["type"]): Order[] =>
    [...attempts.values()].map(({ work }) => ({ type, ...placeOf(work.assignment) }));

  return {
    name,
    get linked() {
      return link !== undefined;
    },
    handle: (message) =>
      refusing(async () => {
        if (fenced)
          throw new CurvewiseError("WORKER_LOST", `worker ${name} was given up`, { kind: "failure" });
        return message.type === "ask" ? ask(message) : handleForAttempt(message);
      }),
    withdraw,
    attach: (newLink, known) => {
      link?.close(4003, "the worker connected anew");
      withdrawAll();
      link = newLink;
      return {
        over: known.filter((place) => !attempts.has(keyOf(place))).map(placeOf),
        orders: [
          ...(session.interrupted.aborted ? orders("interrupt") : []),
          ...(session.killed.aborted ? orders("stop") : []),
        ],
      };
    },
    detach: (oldLink) => {
      if (link !== oldLink) return;
      link = undefined;
      withdrawAll();
    },
    interrupt: () => {
      for (const order of orders("interrupt")) link?.send(order);
    },
    stop: (place) => {
      if (place !== undefined) link?.send({ type: "stop", ...placeOf(place) });
      else for (const order of orders("stop")) link?.send(order);
    },
    fence: async (reason) => {
      fenced = true;
      withdrawAll();
      const running = [...attempts.values()];
      for (const attempt of running) drop(attempt);
      await Promise.all(running.map(({ work }) => coordinator.end(work, { kind: "released", reason })));
    },
  };
}

/** Turns a mistake of the sender's into an answer. */
async function refusing(act: () => Promise<Reply>): Promise<Reply> {
  try {
    return await act();
  } catch (thrown) {
    if (!isRefusal(thrown)) throw thrown;
    return { type: "error", error: failureToWire(failureOf(thrown, "UNEXPECTED")) };
  }
}
