import type { EventOf, StateOf } from "../../core/state-table.js";
import type { CoordinatorAddress } from "../coordinator-address.js";
import type { ReplyOf } from "../messages.js";

/** What the coordinator answered to a worker's hello. */
export type Welcome = ReplyOf<"welcome">;

/** What is remembered from one attempt to connect to the next. Times are milliseconds of a clock that goes forward. */
export interface Past {
  /** Counts the attempts, from the loss of the one before; what that still brings is nobody's any more. */
  readonly round: number;
  /** Seconds of silence after which the coordinator is gone. */
  readonly lease: number;
  /** Whether a coordinator ever welcomed this worker. */
  readonly wasWelcome: boolean;
  /** When a coordinator was there last: welcomed this worker, or was connected; at first, the beginning. */
  readonly lastThere: number;
  /** Attempts that failed since. */
  readonly tries: number;
  /** The trouble that was told last. */
  readonly told: string;
}

/** The states of a connection that reconnects by itself. */
export interface ConnectionStates {
  /** Waits to be told where the coordinator is. */
  readonly locating: Past;
  /** Waits for the coordinator's welcome. `said`: when the hello was sent, if it was. */
  readonly greeting: Past & { readonly url: string; readonly said: number };
  /** Waits until the worker is ready to work as it was welcomed. */
  readonly joining: Past & { readonly url: string; readonly said: number };
  /** Connected. `said`, `heard`: when something was said and heard last. */
  readonly joined: Past & { readonly url: string; readonly said: number; readonly heard: number };
  /** Waits before the next attempt, at most that many milliseconds. */
  readonly resting: Past & { readonly longest: number };
  /** Ended for good. */
  readonly over: Past & { readonly error: unknown };
}

/** What may happen to it. */
export interface ConnectionEvents {
  /** It is known where the coordinator is. */
  readonly located: { readonly address: CoordinatorAddress };
  /** The way there is open, and the hello on it. */
  readonly opened: object;
  /** It refused the way there with a status of HTTP. */
  readonly denied: { readonly status: number };
  readonly welcomed: { readonly welcome: Welcome };
  /** The worker is ready; `isAsking`: it has requests that are to be sent now. */
  readonly ready: { readonly isAsking: boolean };
  /** Anything came from the coordinator. */
  readonly heard: object;
  /** The time of the state is up: for a welcome, for a rest, for a look at how long the silence has lasted. */
  readonly timed: object;
  /** The worker has a request. */
  readonly asked: { readonly id: number };
  /** Something went wrong: passing trouble, or what the worker cannot work with. */
  readonly failed: { readonly error: unknown };
  readonly closed: { readonly code: number; readonly reason: string };
  /** The worker wants another coordinator to be looked for. */
  readonly dropped: object;
  /** The worker has no more use for it. */
  readonly ended: { readonly error: unknown };
}

/** What has to be done. */
export type ConnectionEffect =
  | { readonly do: "locate" }
  | { readonly do: "open"; readonly address: CoordinatorAddress }
  /** Sends a heartbeat. */
  | { readonly do: "beat" }
  /** Has the worker prepare to work as it was welcomed. */
  | { readonly do: "prepare"; readonly welcome: Welcome; readonly url: string }
  /** Sends a request, or all that have no answer. */
  | { readonly do: "ask"; readonly id: number | "all" }
  /** Closes the present connection in friendship; cuts it at once. */
  | { readonly do: "part" }
  | { readonly do: "cut" }
  | { readonly do: "tell"; readonly text: string }
  /** Tells those who wait for it that the worker is not connected any more. */
  | { readonly do: "interrupt" }
  /** Ends all requests; where it failed, the worker hears of that besides. */
  | { readonly do: "end"; readonly error: unknown; readonly isFailure: boolean };

/** What a connection is at. */
export type ConnectionState<Name extends keyof ConnectionStates = keyof ConnectionStates> = StateOf<
  ConnectionStates,
  Name
>;
/** Something that happens to a connection. */
export type ConnectionEvent<Name extends keyof ConnectionEvents = keyof ConnectionEvents> = EventOf<
  ConnectionEvents,
  Name
>;

/** What something comes to. */
export interface ConnectionStep {
  readonly state: ConnectionState;
  readonly effects: readonly ConnectionEffect[];
}

/** When something happens, and how long a worker looks for a coordinator, in seconds. */
export interface ConnectionContext {
  readonly now: number;
  readonly reconnectFor: number;
}
