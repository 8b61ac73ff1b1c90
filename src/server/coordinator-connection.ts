import { CurvewiseError } from "../core/errors.js";
import type {
  ConnectionEffect,
  ConnectionEvent,
  ConnectionState,
  Welcome,
} from "./connection/connection-state.js";
import { openedConnection, stepOf } from "./connection/connection-table.js";
import { createOpenRequests, type RequestBody } from "./connection/open-requests.js";
import { openWorkerLink, type WorkerLink } from "./connection/worker-link.js";
import type { CoordinatorAddress } from "./coordinator-address.js";
import { type CoordinatorMessage, type MessageOf, type Order, PROTOCOL, type Reply } from "./messages.js";

/** So long may connecting take, and the welcome, in milliseconds. */
const GREETING_PATIENCE = 20_000;
/** So often in a lease it is looked how long the silence has lasted. */
const LOOKS = 12;

export type { Welcome } from "./connection/connection-state.js";
export type { RequestBody } from "./connection/open-requests.js";
/** What a worker says of itself with every connection. */
export type Greeting = Omit<MessageOf<"hello">, "id" | "type" | "protocol">;

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

/** Has something happen when the time of a state is up; gives what calls it off. */
function timeOf(state: ConnectionState, onTime: () => void): () => void {
  switch (state.is) {
    case "greeting": {
      const patience = setTimeout(onTime, GREETING_PATIENCE);
      return () => clearTimeout(patience);
    }
    case "joined": {
      const watch = setInterval(onTime, (state.lease * 1000) / LOOKS);
      return () => clearInterval(watch);
    }
    case "resting": {
      const rest = setTimeout(onTime, Math.random() * state.longest);
      return () => clearTimeout(rest);
    }
    default:
      return () => {};
  }
}

/** Opens a connection that reconnects by itself, by the table in `connection/connection-table.ts`. */
export function openConnection(options: ConnectionOptions): CoordinatorConnection {
  const { locate, greeting, onWelcome, onOrder, reconnectFor, log } = options;
  const requests = createOpenRequests();
  const onInterrupted: (() => void)[] = [];
  let rejectFailure: (error: unknown) => void = () => {};
  const failure = new Promise<never>((_resolve, reject) => {
    rejectFailure = reject;
  });
  failure.catch(() => {});
  let state: ConnectionState = openedConnection(performance.now());
  let link: WorkerLink | undefined;
  let callOff = (): void => {};

  const take = (event: ConnectionEvent): void => {
    const before = state.is;
    const { state: next, effects } = stepOf(state, event, { now: performance.now(), reconnectFor });
    state = next;
    if (next.is !== before) {
      callOff();
      callOff = timeOf(next, () => take({ type: "timed" }));
    }
    for (const effect of effects) carryOut(effect);
  };

  /** Takes what comes of the present attempt to connect; what an earlier one still brings is let be. */
  const ofThisRound = (): ((event: ConnectionEvent) => void) => {
    const { round } = state;
    return (event) => {
      if (state.round === round && state.is !== "over") take(event);
    };
  };

  const deliver = (message: CoordinatorMessage): void => {
    if (!("to" in message)) {
      onOrder(message);
      return;
    }
    const { to, ...reply } = message;
    requests.answer(to, reply);
  };

  const find = (): void => {
    const tell = ofThisRound();
    locate().then(
      (address) => tell({ type: "located", address }),
      (error: unknown) => tell({ type: "failed", error }),
    );
  };

  const open = (address: CoordinatorAddress): void => {
    const tell = ofThisRound();
    const greetingId = requests.nextId();
    const onMessage = (message: CoordinatorMessage): void => {
      tell({ type: "heard" });
      if (!("to" in message) || message.to !== greetingId) deliver(message);
      else if (message.type === "welcome") tell({ type: "welcomed", welcome: message });
      else if (message.type === "error") {
        const { code, message: text, hint } = message.error;
        const error = new CurvewiseError(code, text, hint === undefined ? {} : { hint });
        tell({ type: "failed", error });
      }
    };
    try {
      const opened = openWorkerLink(address, GREETING_PATIENCE, {
        onOpen: () => {
          tell({ type: "opened" });
          opened.send({ id: greetingId, type: "hello", protocol: PROTOCOL, ...greeting() });
        },
        onDenied: (status) => tell({ type: "denied", status }),
        onMessage,
        onFailed: (error) => tell({ type: "failed", error }),
        onClosed: (code, reason) => tell({ type: "closed", code, reason }),
      });
      link = opened;
    } catch (error) {
      tell({ type: "failed", error });
    }
  };

  const prepare = (welcome: Welcome, url: string): void => {
    const tell = ofThisRound();
    onWelcome(welcome, url).then(
      () => tell({ type: "ready", isAsking: requests.isAny }),
      (error: unknown) => tell({ type: "failed", error }),
    );
  };

  const carryOut = (effect: ConnectionEffect): void => {
    switch (effect.do) {
      case "locate":
        find();
        break;
      case "open":
        open(effect.address);
        break;
      case "prepare":
        prepare(effect.welcome, effect.url);
        break;
      case "beat":
        link?.send({ id: requests.nextId(), type: "heartbeat" });
        break;
      case "ask":
        for (const message of requests.messages(effect.id)) link?.send(message);
        break;
      case "part":
        link?.part();
        break;
      case "cut":
        link?.cut();
        break;
      case "tell":
        log(effect.text);
        break;
      case "interrupt":
        for (const resolve of onInterrupted.splice(0)) resolve();
        break;
      case "end":
        requests.end(effect.error);
        if (effect.isFailure) rejectFailure(effect.error);
        break;
    }
  };
  find();

  return {
    request: (body) =>
      state.is === "over"
        ? Promise.reject(state.error)
        : requests.add(body, (id) => take({ type: "asked", id })),
    interrupted: () =>
      state.is === "joined"
        ? new Promise((resolve) => {
            onInterrupted.push(resolve);
          })
        : Promise.resolve(),
    drop: () => take({ type: "dropped" }),
    get connected() {
      return state.is === "joined";
    },
    failure,
    close: () => {
      const error = new CurvewiseError("CONNECTION_CLOSED", "the connection was closed", { kind: "failure" });
      take({ type: "ended", error });
    },
  };
}
