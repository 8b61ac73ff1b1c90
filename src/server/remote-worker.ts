import { join, relative, sep } from "node:path";
import { CurvewiseError } from "../core/errors.js";
import { failureOf } from "../core/failure.js";
import type { Work } from "../engine/coordinator.js";
import type { AttemptPlace } from "../engine/late-reports.js";
import type { Session } from "../engine/session.js";
import type { MessageOf, Order, Reply, ReplyOf } from "./messages.js";
import { type Answers, createAnswers } from "./remote/answers.js";
import {
  type FenceReason,
  linkOf,
  type Standing,
  type StandingEvent,
  standingAfter,
  type WorkerLink,
} from "./remote/standing.js";
import { createWishes } from "./remote/wishes.js";
import {
  answerToWire,
  assignmentToWire,
  endFromWire,
  failureFromWire,
  failureToWire,
  isRefusal,
  metricsFromWire,
} from "./wire.js";

export type { WorkerLink } from "./remote/standing.js";

/** What the server needs of an open session. */
export type ServedSession = Pick<
  Session,
  "study" | "coordinator" | "interrupted" | "killed" | "reportLate" | "record" | "ending" | "breakDown"
>;

/** What a {@link createRemoteWorker} needs. */
export interface RemoteWorkerOptions {
  readonly name: string;
  readonly host: string;
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
  fence(reason: FenceReason): Promise<void>;
}

interface RemoteAttempt {
  readonly work: Work;
  /** The wish that it answers. */
  readonly request: string;
  readonly answers: Answers;
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
  const { name, host, slots, session, folder, begun } = options;
  const { coordinator } = session;
  const attempts = new Map<string, RemoteAttempt>();
  /** The attempts whose programs wait there, as far as it said so. */
  let parked: readonly AttemptPlace[] = [];
  let standing: Standing = { is: "away" };
  const tell = (order: Order): void => linkOf(standing)?.send(order);

  const drop = ({ work, request }: RemoteAttempt): void => {
    if (attempts.delete(keyOf(work.assignment))) wishes.end(request);
  };

  const askCoordinator = async (withdrawn: AbortSignal): Promise<Work | undefined> => {
    await begun;
    try {
      return await coordinator.ask({ worker: name, process: name, host }, withdrawn, () => parked);
    } catch (error) {
      session.breakDown(error);
      throw error;
    }
  };

  const grant = async (request: string, withdrawn: AbortSignal, granted: () => void): Promise<Reply> => {
    const work = await askCoordinator(withdrawn);
    if (work === undefined) return { type: "none", reason: session.ending() };
    if (standing.is === "fenced") {
      await coordinator.end(work, { kind: "released", reason: standing.reason });
      return { type: "none", reason: session.ending() };
    }
    attempts.set(keyOf(work.assignment), { work, request, answers: createAnswers() });
    granted();
    const order: Order = { type: "interrupt", ...placeOf(work.assignment) };
    const { interrupted } = work.channel;
    // After the assignment, which goes out when this function has returned.
    if (interrupted.aborted) setImmediate(() => tell(order));
    // That the session ends, all attempts are told together.
    const onEnding = (): void => {
      if (!session.interrupted.aborted) tell(order);
    };
    interrupted.addEventListener("abort", onEnding, { once: true });
    return { type: "assignment", assignment: assignmentToWire(work.assignment, folder) };
  };

  const wishes = createWishes(
    grant,
    () =>
      new CurvewiseError("SLOTS_TAKEN", `worker ${name} has all of its ${slots} slots in use`, {
        hint: "End an attempt before asking for the next one, or join with more slots.",
      }),
  );

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
    tell({ type: "stop", ...placeOf(message) });
    return { type: "action", answer: { action: "stop" }, late: true };
  };

  const snapshot = async ({ work }: RemoteAttempt, { step, path }: ContentOf<"snapshot">): Promise<Reply> => {
    const { folder: own } = work.assignment;
    const file = join(folder, path);
    await work.channel.snapshot(step, file.startsWith(own + sep) ? relative(own, file) : file);
    return OK;
  };

  const finish = async (attempt: RemoteAttempt, { end }: ContentOf<"end">): Promise<Reply> => {
    if (end.kind === "ended" && end.parked === true) parked = [...parked, placeOf(attempt.work.assignment)];
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
    const act = async (): Promise<Reply> => {
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
    };
    return attempt.answers.to(keyOf(message), message.sequence, () => refusing(act));
  };

  /** Takes in which programs wait there, and has those end whose trials cannot go on in them. */
  const takeParked = (given: readonly AttemptPlace[]): void => {
    parked = given;
    for (const place of given) {
      const trial = session.study.trials[place.trial];
      const isPaused = trial?.state === "paused" || trial?.state === "waiting";
      if (!isPaused || !trial.parked || trial.attempt !== place.attempt)
        tell({ type: "stop", ...placeOf(place) });
    }
  };

  const release = async (reason: FenceReason): Promise<void> => {
    const running = [...attempts.values()];
    for (const attempt of running) drop(attempt);
    await Promise.all(running.map(({ work }) => coordinator.end(work, { kind: "released", reason })));
  };

  /** Has something happen to how the worker stands; resolves when what has to be done then is. */
  const take = async (event: StandingEvent): Promise<void> => {
    const { state, effects } = standingAfter(standing, event);
    standing = state;
    for (const effect of effects) {
      if (effect.do === "close") effect.link.close(4003, "the worker connected anew");
      else if (effect.do === "withdraw") wishes.withdrawAll();
      else await release(effect.reason);
    }
  };

  const orders = (type: Order["type"]): Order[] =>
    [...attempts.values()].map(({ work }) => ({ type, ...placeOf(work.assignment) }));

  return {
    name,
    get linked() {
      return linkOf(standing) !== undefined;
    },
    handle: (message) =>
      refusing(async () => {
        if (standing.is === "fenced")
          throw new CurvewiseError("WORKER_LOST", `worker ${name} was given up`, { kind: "failure" });
        if (message.type !== "ask") return handleForAttempt(message);
        takeParked(message.parked ?? []);
        return wishes.ask(message.request, (waiting) => attempts.size + waiting >= slots);
      }),
    withdraw: (request) => wishes.withdraw(request),
    attach: (link, known) => {
      void take({ type: "attached", link });
      return {
        over: known.filter((place) => !attempts.has(keyOf(place))).map(placeOf),
        orders: [
          ...(session.interrupted.aborted ? orders("interrupt") : []),
          ...(session.killed.aborted ? orders("stop") : []),
        ],
      };
    },
    detach: (link) => {
      void take({ type: "detached", link });
    },
    interrupt: () => {
      for (const order of orders("interrupt")) tell(order);
    },
    stop: (place) => {
      if (place !== undefined) tell({ type: "stop", ...placeOf(place) });
      else for (const order of orders("stop")) tell(order);
    },
    fence: (reason) => take({ type: "fenced", reason }),
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
