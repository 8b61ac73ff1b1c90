import { CurvewiseError } from "./errors.js";

/** One of several states, told apart by `is`; `States` maps each name to what is known in that state. */
export type StateOf<States, Name extends keyof States = keyof States> = {
  [Each in Name]: { readonly is: Each } & States[Each];
}[Name];

/** One of several things that may happen, told apart by `type`; `Events` maps each name to what it brings. */
export type EventOf<Events, Name extends keyof Events = keyof Events> = {
  [Each in Name]: { readonly type: Each } & Events[Each];
}[Name];

/** What an event makes of a state. `impossible`: whoever uses the table never lets it happen there. */
export type Transition<
  States,
  Events,
  State extends keyof States,
  Event extends keyof Events,
  Context,
  Next,
> = ((state: StateOf<States, State>, event: EventOf<Events, Event>, context: Context) => Next) | "impossible";

/**
 * What every event makes of every state: the compiler refuses a table with a hole.
 *
 * `Context` is what transitions are told besides, such as the time; `Next` is what they come to.
 */
export type StateTable<States, Events, Context, Next> = {
  readonly [State in keyof States]: {
    readonly [Event in keyof Events]: Transition<States, Events, State, Event, Context, Next>;
  };
};

/**
 * What an event makes of a state. The names come first, so that the compiler can see which entry they choose.
 *
 * @throws CurvewiseError `TRANSITION_IMPOSSIBLE`: the program that uses the table is wrong
 */
export function transition<States, Events, Context, Next, Is extends keyof States, Type extends keyof Events>(
  table: StateTable<States, Events, Context, Next>,
  [is, type]: readonly [Is, Type],
  state: StateOf<States, Is>,
  event: EventOf<Events, Type>,
  context: Context,
): Next {
  const act: Transition<States, Events, Is, Type, Context, Next> = table[is][type];
  if (act !== "impossible") return act(state, event, context);
  throw new CurvewiseError(
    "TRANSITION_IMPOSSIBLE",
    `"${String(type)}" cannot happen while the state is "${String(is)}"`,
    { kind: "failure" },
  );
}
