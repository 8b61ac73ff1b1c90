import { type EventOf, type StateOf, type StateTable, transition } from "../../core/state-table.js";
import type { Order } from "../messages.js";

/** The way to a worker while it is connected. */
export interface WorkerLink {
  send(order: Order): void;
  close(code: number, reason: string): void;
}

/** Why what a worker has is taken from it. */
export type FenceReason = "interrupted" | "lost";

/** How a worker stands with its coordinator. */
export interface Standings {
  /** It has no connection at the moment. */
  readonly away: object;
  readonly linked: { readonly link: WorkerLink };
  /** It was given up, or left: nothing is its own any more, whether or not it is connected. */
  readonly fenced: { readonly reason: FenceReason; readonly link: WorkerLink | undefined };
}

/** What may happen to it. */
export interface StandingEvents {
  readonly attached: { readonly link: WorkerLink };
  /** A connection is gone; it may be an older one. */
  readonly detached: { readonly link: WorkerLink };
  readonly fenced: { readonly reason: FenceReason };
}

/**
 * What has to be done: a former connection is closed; the worker's wishes are withdrawn, since nobody waits any more for
 * their answers; its attempts are taken from it.
 */
export type StandingEffect =
  | { readonly do: "close"; readonly link: WorkerLink }
  | { readonly do: "withdraw" }
  | { readonly do: "release"; readonly reason: FenceReason };

/** How a worker stands. */
export type Standing = StateOf<Standings>;
/** Something that happens to how it stands. */
export type StandingEvent = EventOf<StandingEvents>;

/** What something comes to. */
export interface StandingStep {
  readonly state: Standing;
  readonly effects: readonly StandingEffect[];
}

const stepTo = (state: Standing, ...effects: readonly StandingEffect[]): StandingStep => ({
  state,
  effects,
});

const TABLE: StateTable<Standings, StandingEvents, undefined, StandingStep> = {
  away: {
    attached: (_away, { link }) => stepTo({ is: "linked", link }, { do: "withdraw" }),
    detached: (state) => stepTo(state),
    fenced: (_away, { reason }) =>
      stepTo({ is: "fenced", reason, link: undefined }, { do: "withdraw" }, { do: "release", reason }),
  },
  linked: {
    attached: (former, { link }) =>
      stepTo({ is: "linked", link }, { do: "close", link: former.link }, { do: "withdraw" }),
    detached: (state, { link }) =>
      link === state.link ? stepTo({ is: "away" }, { do: "withdraw" }) : stepTo(state),
    fenced: ({ link }, { reason }) =>
      stepTo({ is: "fenced", reason, link }, { do: "withdraw" }, { do: "release", reason }),
  },
  fenced: {
    attached: ({ reason, link: former }, { link }) =>
      stepTo(
        { is: "fenced", reason, link },
        ...(former === undefined ? [] : [{ do: "close", link: former } as const]),
      ),
    detached: (state, { link }) => stepTo(link === state.link ? { ...state, link: undefined } : state),
    fenced: (state) => stepTo(state),
  },
};

/** What an event makes of how a worker stands. */
export const standingAfter = (state: Standing, event: StandingEvent): StandingStep =>
  transition(TABLE, [state.is, event.type], state, event, undefined);

/** The way to the worker, if it has one. */
export const linkOf = (state: Standing): WorkerLink | undefined =>
  state.is === "away" ? undefined : state.link;
