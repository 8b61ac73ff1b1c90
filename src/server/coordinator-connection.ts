import { WebSocket } from "ws";
import { CurvewiseError, isCurvewiseError, messageOf } from "../core/errors.js";
import { agentFor, type CoordinatorAddress } from "./coordinator-address.js";
import { frameText } from "./frame-text.js";
import { WORKER_PATH } from "./http-listener.js";
import {
  type CoordinatorMessage,
  coordinatorMessageSchema,
  MAX_FRAME,
  type MessageOf,
  type Order,
  PROTOCOL,
  type Reply,
  type ReplyOf,
  type WorkerMessage,
} from "./messages.js";

/** The longest pause between two attempts to connect, in milliseconds; less where the lease is short. */
const LONGEST_PAUSE = 10_000;
/** The first pause is at most this long, in milliseconds; every further one may be twice as long. */
const FIRST_PAUSE = 250;
/** So long may connecting take, and the welcome, in milliseconds. */
const GREETING_PATIENCE = 20_000;
/** A worker that has said nothing for this share of the lease sends a heartbeat. */
const SILENCE = 1 / 4;
/** So often in a lease it is looked whether it has. */
const LOOKS = 12;
/** The lease before the coordinator has told it, in seconds. */
const USUAL_LEASE = 30;

type Body<Message> = Message extends unknown ? Omit<Message, "id"> : never;
/** What is sent with {@link CoordinatorConnection.request}. */
export type RequestBody = Body<Exclude<WorkerMessage, MessageOf<"hello"> | MessageOf<"heartbeat">>>;
/** What a worker says of itself with every connection. */
export type Greeting = Omit<MessageOf<"hello">, "id" | "type" | "protocol">;
/** What the coordinator answered. */
export type Welcome = ReplyOf<"welcome">;

/** What {@link openConnection} needs. */
export interface ConnectionOptions {
  /** Looked up before every attempt: a coordinator may come back at another place. */
  readonly locate: () => Promise<CoordinatorAddress>;
  readonly greeting: () => Greeting;
  /** Called at every welcome, before anything else is sent. What it throws ends the connection for good. */
  readonly onWelcome: (welcome: Welcome, url: string) => Promise<void>;
  readonly onOrder: (order: Order) => void;
  /** Seconds without a connection after which it gives up. */
  readonly reconnectFor: number;
  /** Told what a person may want to know. */
  readonly log: (message: string) => void;
}

/** A worker's way to its coordinator: over any number of connections, each message is answered once. */
export interface CoordinatorConnection {
  /**
   * Sends, again after every reconnect until there is an answer, and gives that answer.
   *
   * @throws CurvewiseError what {@link failure} rejects with; `CONNECTION_CLOSED` after {@link close}
   */
  request(body: RequestBody): Promise<Reply>;
  /** Resolves when the present connection is gone; at once when there is none. */
  interrupted(): Promise<void>;
  /** Ends the present connection, so that another coordinator may be found. */
  drop(): void;
  /** Whether there is a connection at the moment. */
  readonly connected: boolean;
  /**
   * Rejects when it gives up: `COORDINATOR_UNREACHABLE`, `TOKEN_REFUSED`, `PROTOCOL_MISMATCH`, or what `onWelcome`
   * threw.
   */
  readonly failure: Promise<never>;
  close(): void;
}

interface Waiting {
  readonly body: RequestBody;
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: unknown) => void;
}

/** Trouble that passes by itself, or may. */
class Trouble extends Error {}

function refusedToken(url: string): CurvewiseError {
  return new CurvewiseError("TOKEN_REFUSED", `the coordinator at ${url} refused the token`, {
    hint: "Give the token of this study: the file `token` in the folder of the study.",
  });
}

/** Opens a connection that mends itself. */
export function openConnection(options: ConnectionOptions): CoordinatorConnection {
  const { locate, greeting, onWelcome, onOrder, reconnectFor, log } = options;
  const waiting = new Map<number, Waiting>();
  let nextId = 1;
  let socket: WebSocket | undefined;
  let lease = USUAL_LEASE;
  let ended: unknown;
  let lastSent = 0;
  let isWelcome = false;
  let everWelcome = false;
  let lastWelcome = performance.now();
  let wakeFromPause = (): void => {};
  const onGone: (() => void)[] = [];
  let rejectFailure: (error: unknown) => void = () => {};
  const failure = new Promise<never>((_resolve, reject) => {
    rejectFailure = reject;
  });
  failure.catch(() => {});

  const finish = (error: unknown): void => {
    if (ended !== undefined) return;
    ended = error;
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
    wakeFromPause();
    socket?.close(1000);
    const closing = socket;
    setTimeout(() => closing?.terminate(), 1000).unref();
  };

  const send = (message: WorkerMessage): void => {
    if (socket?.readyState !== WebSocket.OPEN) return;
    lastSent = performance.now();
    socket.send(JSON.stringify(message));
  };

  const take = (message: CoordinatorMessage): void => {
    if (!("to" in message)) {
      onOrder(message);
      return;
    }
    const { to, ...reply } = message;
    const asked = waiting.get(to);
    if (asked === undefined) return;
    waiting.delete(to);
    asked.resolve(reply);
  };

  /** Keeps the lease; ends a connection on which nothing is heard any more. */
  const keepAlive = (current: WebSocket): { heard(): void; stop(): void } => {
    let lastHeard = performance.now();
    const timer = setInterval(
      () => {
        const now = performance.now();
        if (now - lastHeard > lease * 1000) {
          log("nothing is heard of the coordinator: connecting anew");
          current.terminate();
          return;
        }
        // Every other message keeps the lease as well.
        if (now - lastSent >= lease * 1000 * SILENCE) send({ id: nextId++, type: "heartbeat" });
      },
      (lease * 1000) / LOOKS,
    );
    return {
      heard: () => {
        lastHeard = performance.now();
      },
      stop: () => clearInterval(timer),
    };
  };

  /** One connection from its beginning to its end. */
  const connect = async (): Promise<void> => {
    const address = await locate();
    const { url, token } = address;
    const current = new WebSocket(new URL(WORKER_PATH, url.replace(/^http/, "ws")), {
      headers: { Authorization: `Bearer ${token}` },
      handshakeTimeout: GREETING_PATIENCE,
      maxPayload: MAX_FRAME * 8,
      perMessageDeflate: false,
      ...agentFor(address),
    });
    socket = current;
    let alive: ReturnType<typeof keepAlive> | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        const greetingId = nextId++;
        const patience = setTimeout(() => {
          reject(new Trouble(`the coordinator at ${url} does not answer`));
          current.terminate();
        }, GREETING_PATIENCE);
        const welcomed = async (welcome: Welcome): Promise<void> => {
          clearTimeout(patience);
          ({ lease } = welcome);
          await onWelcome(welcome, url);
          isWelcome = true;
          everWelcome = true;
          lastWelcome = performance.now();
          alive = keepAlive(current);
          for (const [id, { body }] of waiting) send({ id, ...body });
        };
        current.on("unexpected-response", (_request, response) => {
          const { statusCode = 0 } = response;
          if (statusCode === 401)
            reject(everWelcome ? new Trouble(refusedToken(url).message) : refusedToken(url));
          else reject(new Trouble(`${url} answers with status ${statusCode}`));
          current.terminate();
        });
        current.on("open", () => {
          send({ id: greetingId, type: "hello", protocol: PROTOCOL, ...greeting() });
        });
        current.on("message", (data) => {
          alive?.heard();
          let value: unknown;
          try {
            value = JSON.parse(frameText(data));
          } catch {
            value = undefined;
          }
          const parsed = coordinatorMessageSchema.safeParse(value);
          if (!parsed.success) {
            reject(new Trouble(`${url} sent what is no message of a coordinator`));
            current.terminate();
            return;
          }
          const message = parsed.data;
          if (!("to" in message) || message.to !== greetingId) take(message);
          else if (message.type === "welcome") welcomed(message).catch(reject);
          else if (message.type === "error") {
            const { code, message: text, hint } = message.error;
            reject(new CurvewiseError(code, text, hint === undefined ? {} : { hint }));
          }
        });
        current.on("error", (error) => reject(new Trouble(`${url}: ${error.message}`)));
        current.on("close", (code, reason) => {
          clearTimeout(patience);
          if (isWelcome) resolve();
          else reject(new Trouble(`${url} closed the connection (${code}) ${String(reason)}`));
        });
      });
    } finally {
      alive?.stop();
      isWelcome = false;
      current.removeAllListeners();
      current.on("error", () => {});
      current.terminate();
      for (const gone of onGone.splice(0)) gone();
    }
  };

  const unreachable = (last: string): CurvewiseError =>
    new CurvewiseError(
      "COORDINATOR_UNREACHABLE",
      `no coordinator could be reached for ${reconnectFor} s; the last trouble: ${last}`,
      {
        hint: "Start it with `curvewise run study.yaml --listen`, and see that this host can reach it.",
        kind: "failure",
      },
    );

  const pause = (tries: number): Promise<void> => {
    const most = Math.min(LONGEST_PAUSE, (lease * 1000) / 3, FIRST_PAUSE * 2 ** tries);
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.random() * most);
      wakeFromPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  };

  const run = async (): Promise<void> => {
    let tries = 0;
    let told = "";
    for (;;) {
      let trouble = "the connection was closed";
      try {
        await connect();
        told = "";
        tries = 0;
        lastWelcome = performance.now();
      } catch (thrown) {
        if (isCurvewiseError(thrown) && thrown.code !== "RENDEZVOUS_NOT_FOUND") throw thrown;
        trouble = messageOf(thrown);
      }
      if (ended !== undefined) return;
      if (trouble !== told) log(`${trouble}; trying again`);
      told = trouble;
      if (performance.now() - lastWelcome > reconnectFor * 1000) throw unreachable(trouble);
      await pause(tries);
      tries += 1;
    }
  };
  run().catch((error: unknown) => {
    finish(error);
    rejectFailure(error);
  });

  return {
    request: (body) => {
      if (ended !== undefined) return Promise.reject(ended);
      const id = nextId++;
      return new Promise<Reply>((resolve, reject) => {
        waiting.set(id, { body, resolve, reject });
        if (isWelcome) send({ id, ...body });
      });
    },
    interrupted: () =>
      isWelcome
        ? new Promise((resolve) => {
            onGone.push(resolve);
          })
        : Promise.resolve(),
    drop: () => socket?.close(1000),
    get connected() {
      return isWelcome;
    },
    failure,
    close: () =>
      finish(new CurvewiseError("CONNECTION_CLOSED", "the connection was closed", { kind: "failure" })),
  };
}
