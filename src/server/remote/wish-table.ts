import { type EventOf, type StateOf, type StateTable, transition } from "../../core/state-table.js";

/** What a worker's wish for an attempt may be at. */
export interface WishStates {
  /** Nobody wished for it, or it is answered for good. */
  readonly unknown: object;
  /** The coordinator looks for an attempt. */
  readonly wished: object;
  /** Nobody waits any more, but an attempt may be being started already. */
  readonly withdrawn: object;
  /** The attempt that it got is not over. */
  readonly granted: object;
}

/** What may happen to it. */
export interface WishEvents {
  /** The worker asks, for the first time or again. */
  readonly asked: object;
  /** The worker's connection is gone, or the asker is. */
  readonly withdrawn: object;
  readonly granted: object;
  /** There is no attempt, or looking for one failed. */
  readonly denied: object;
  /** The attempt that it got is over. */
  readonly ended: object;
}

/** What a wish is at. */
export type WishState = StateOf<WishStates>;
/** Something that happens to a wish. */
export type WishEvent = EventOf<WishEvents>;

/** What something comes to, and what has to be done. */
export interface WishStep {
  readonly is: WishState["is"];
  /**
   * `begin`: look for an attempt, and answer with what is found. `answer`: with the same. `answer or anew`: with what the
   * withdrawn wish still got; where it got nothing, the worker asks anew. `withdraw`: stop looking.
   */
  readonly do?: "begin" | "answer" | "answer or anew" | "withdraw";
}

const stay = ({ is }: WishState): WishStep => ({ is });
const forget = (): WishStep => ({ is: "unknown" });

/** What every event makes of every state of a wish. */
const TABLE: StateTable<WishStates, WishEvents, undefined, WishStep> = {
  unknown: {
    asked: () => ({ is: "wished", do: "begin" }),
    withdrawn: stay,
    granted: "impossible",
    denied: "impossible",
    ended: stay,
  },
  wished: {
    asked: () => ({ is: "wished", do: "answer" }),
    withdrawn: () => ({ is: "withdrawn", do: "withdraw" }),
    granted: () => ({ is: "granted" }),
    denied: forget,
    ended: "impossible",
  },
  withdrawn: {
    asked: () => ({ is: "withdrawn", do: "answer or anew" }),
    withdrawn: stay,
    granted: () => ({ is: "granted" }),
    denied: forget,
    ended: "impossible",
  },
  granted: {
    asked: () => ({ is: "granted", do: "answer" }),
    withdrawn: stay,
    granted: "impossible",
    // It was granted, but could not be answered with.
    denied: forget,
    ended: forget,
  },
};

/** What an event makes of a wish. @throws CurvewiseError `TRANSITION_IMPOSSIBLE` */
export const wishAfter = (state: WishState, event: WishEvent): WishStep =>
  transition(TABLE, [state.is, event.type], state, event, undefined);
