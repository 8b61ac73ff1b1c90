import { setMaxListeners } from "node:events";
import type { StopSignal } from "../core/launcher.js";
import { type EventOf, type StateOf, type StateTable, transition } from "../core/state-table.js";

/** How a session stands, between its opening and its end. */
export interface SessionStates {
  /** Trials are handed out. */
  readonly open: object;
  /** Trainings save and end, and the study can be run again. */
  readonly interrupted: object;
  /** The same, since the study's steps or time are spent. */
  readonly spent: object;
  /** It ends by an error, which is the first one. */
  readonly failed: { readonly error: unknown; readonly isSpent: boolean };
}

/** What may happen to it. */
export interface SessionEvents {
  readonly interrupted: object;
  /** Trainings are to be ended at once. */
  readonly killed: object;
  readonly spent: object;
  /** Going on would achieve nothing: trainings may still save. */
  readonly hopeless: { readonly error: unknown };
  /** Nothing can be recorded or decided any more. */
  readonly broken: { readonly error: unknown };
}

/** How a session stands. */
export type SessionState<Name extends keyof SessionStates = keyof SessionStates> = StateOf<
  SessionStates,
  Name
>;
/** Something that happens to it. */
export type SessionEvent<Name extends keyof SessionEvents = keyof SessionEvents> = EventOf<
  SessionEvents,
  Name
>;

const stay = (state: SessionState): SessionState => state;
const interrupted = (): SessionState => ({ is: "interrupted" });
const spent = (): SessionState => ({ is: "spent" });
const failed = ({ is }: SessionState, { error }: SessionEvent<"hopeless" | "broken">): SessionState => ({
  is: "failed",
  error,
  isSpent: is === "spent",
});

/** What every event makes of every state of a session. */
const TABLE: StateTable<SessionStates, SessionEvents, undefined, SessionState> = {
  open: { interrupted, killed: interrupted, spent, hopeless: failed, broken: failed },
  // Its last reports may spend the rest.
  interrupted: { interrupted: stay, killed: stay, spent, hopeless: failed, broken: failed },
  spent: { interrupted: stay, killed: stay, spent: stay, hopeless: failed, broken: failed },
  failed: {
    interrupted: stay,
    killed: stay,
    spent: (state) => ({ ...state, isSpent: true }),
    hopeless: stay,
    broken: stay,
  },
};

/** What an event makes of a session. */
export const sessionAfter = (state: SessionState, event: SessionEvent): SessionState =>
  transition(TABLE, [state.is, event.type], state, event, undefined);

/** Whether something is left to do that the session is kept from. */
export const isKeptFromMore = (state: SessionState): boolean =>
  state.is === "interrupted" || (state.is === "failed" && !state.isSpent);

/** A session's state, and the signals by which others learn of it. */
export interface SessionEnd {
  readonly state: SessionState;
  /** Fires when trainings should save and end. */
  readonly interrupted: AbortSignal;
  /** Fires when trainings must end at once. */
  readonly killed: AbortSignal;
  take(event: SessionEvent): void;
}

/** Makes that of a session that is open; it is interrupted and killed by signals from outside. */
export function createSessionEnd(
  interrupt: StopSignal | undefined,
  kill: StopSignal | undefined,
): SessionEnd {
  const [interruption, killing] = [new AbortController(), new AbortController()];
  // Every running attempt listens, so many listeners are not a leak.
  setMaxListeners(0, interruption.signal, killing.signal);
  let state: SessionState = { is: "open" };
  const take = (event: SessionEvent): void => {
    state = sessionAfter(state, event);
    interruption.abort();
    if (event.type === "killed" || event.type === "broken") killing.abort();
  };
  const follow = (signal: StopSignal | undefined, type: "interrupted" | "killed"): void => {
    if (signal?.aborted === true) take({ type });
    else signal?.addEventListener("abort", () => take({ type }), { once: true });
  };
  follow(interrupt, "interrupted");
  follow(kill, "killed");
  return {
    get state() {
      return state;
    },
    interrupted: interruption.signal,
    killed: killing.signal,
    take,
  };
}
