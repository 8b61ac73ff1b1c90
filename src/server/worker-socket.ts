import type { WebSocket } from "ws";
import { messageOf } from "../core/errors.js";
import { failureOf } from "../core/failure.js";
import { namesPrototype } from "../core/json.js";
import { frameText } from "./frame-text.js";
import {
  type CoordinatorMessage,
  type MessageOf,
  PROTOCOL,
  type Reply,
  type WorkerMessage,
  workerMessageSchema,
} from "./messages.js";
import type { RemoteWorker, WorkerLink } from "./remote-worker.js";
import { clipped, failureToWire, isRefusal } from "./wire.js";
import type { WorkerHub } from "./worker-hub.js";

/** Milliseconds after which a connection that has not said hello is closed. */
const HELLO_PATIENCE = 10_000;
/** A connection with more unanswered messages is closed. */
const MAX_UNANSWERED = 10_000;
/** A connection with more unread bytes is closed. */
const MAX_BEHIND = 16 * 1024 * 1024;

/** What a connection is told about the study. */
export interface StudyFacts {
  readonly study: string;
  /** The study's folder, absolute. */
  readonly folder: string;
  readonly coordinator: string;
  /** Seconds. */
  readonly lease: number;
}

/** What {@link serveWorkerSocket} needs. */
export interface WorkerSocketOptions {
  readonly hub: WorkerHub;
  readonly facts: StudyFacts;
  /** For messages: where the connection comes from. */
  readonly from: string;
  readonly log: (message: string) => void;
}

/** Serves one connection of a worker until it ends. A fault on it ends no other connection. */
export function serveWorkerSocket(socket: WebSocket, options: WorkerSocketOptions): void {
  const { hub, facts, from, log } = options;
  let worker: RemoteWorker | undefined;
  let greeted = false;
  let unanswered = 0;

  const send = (message: CoordinatorMessage): void => {
    if (socket.readyState !== socket.OPEN) return;
    if (socket.bufferedAmount > MAX_BEHIND) {
      log(`${from}: the connection is cut: it does not read its messages`);
      socket.terminate();
      return;
    }
    socket.send(JSON.stringify(message));
  };
  const close = (code: number, reason: string): void => {
    socket.close(code, reason.replace(/[^ -~]/g, "?").slice(0, 120));
    // Do not wait for a peer that does not answer the close.
    setTimeout(() => socket.terminate(), 1000).unref();
  };
  const link: WorkerLink = { send, close };

  const refuse = (code: number, reason: string): void => {
    log(`${from}: the connection is closed: ${reason}`);
    close(code, reason);
  };

  const patience = setTimeout(() => {
    if (!greeted) refuse(1008, "it did not say hello");
  }, HELLO_PATIENCE);
  patience.unref();

  const greet = async (hello: MessageOf<"hello">): Promise<void> => {
    greeted = true;
    clearTimeout(patience);
    if (hello.protocol !== PROTOCOL) {
      const message = `the worker speaks version ${hello.protocol} of the protocol, this coordinator version ${PROTOCOL}`;
      const hint = "Use the same version of Curvewise on both sides.";
      send({ to: hello.id, type: "error", error: { code: "PROTOCOL_MISMATCH", message, hint } });
      close(1008, "different version of the protocol");
      return;
    }
    const { id, type: _hello, protocol: _same, attempts, ...introduction } = hello;
    const joined = await hub.join(introduction);
    if (socket.readyState !== socket.OPEN) return;
    worker = joined;
    const { over, orders } = joined.attach(link, attempts);
    const { program } = hub.session.study.definition;
    send({
      to: id,
      type: "welcome",
      ...facts,
      ...(program === undefined ? {} : { program }),
      over,
    });
    for (const order of orders) send(order);
  };

  const answer = async (message: Exclude<WorkerMessage, MessageOf<"hello">>): Promise<Reply | undefined> => {
    const asking = worker;
    if (asking === undefined) return undefined;
    if (hub.find(asking.name) !== asking) {
      close(4008, "the worker was given up");
      return undefined;
    }
    hub.touch(asking);
    switch (message.type) {
      case "heartbeat":
        return { type: "ok" };
      case "leave":
        await hub.dismiss(asking, message.reason);
        return { type: "ok" };
      default:
        return asking.handle(message);
    }
  };

  const take = async (message: WorkerMessage): Promise<void> => {
    if (message.type === "hello") {
      if (greeted) refuse(1008, "it said hello twice");
      else await greet(message);
      return;
    }
    if (worker === undefined) {
      refuse(1008, "it did not wait for its welcome");
      return;
    }
    const reply = await answer(message);
    if (reply !== undefined) send({ to: message.id, ...reply });
  };

  socket.on("message", (data, isBinary) => {
    if (socket.readyState !== socket.OPEN) return;
    if (isBinary) {
      refuse(1003, "it sent a frame that is not text");
      return;
    }
    let value: unknown;
    try {
      value = JSON.parse(frameText(data));
    } catch {
      refuse(1007, "it sent a frame that is not valid JSON");
      return;
    }
    if (namesPrototype(value)) {
      refuse(1008, 'it sent the name "__proto__", which no object of JavaScript can hold');
      return;
    }
    const parsed = workerMessageSchema.safeParse(value);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      refuse(1008, `it sent an invalid message: ${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}`);
      return;
    }
    unanswered += 1;
    if (unanswered > MAX_UNANSWERED) {
      refuse(1008, "it does not wait for answers");
      return;
    }
    const { id } = parsed.data;
    take(parsed.data)
      .catch((thrown: unknown) => {
        if (isRefusal(thrown)) {
          send({ to: id, type: "error", error: failureToWire(failureOf(thrown, "UNEXPECTED")) });
        } else {
          // Without an answer, the worker keeps the message for its next connection, which may be to another
          // coordinator.
          refuse(1011, clipped(messageOf(thrown), 100));
        }
      })
      .finally(() => {
        unanswered -= 1;
      });
  });
  socket.on("error", (error) => log(`${from}: ${error.message}`));
  socket.on("close", () => {
    clearTimeout(patience);
    worker?.detach(link);
  });
}
