import { CurvewiseError, isCurvewiseError, messageOf } from "../../core/errors.js";
import { type StateTable, transition } from "../../core/state-table.js";
import type {
  ConnectionContext,
  ConnectionEffect,
  ConnectionEvent,
  ConnectionEvents,
  ConnectionState,
  ConnectionStates,
  ConnectionStep,
  Past,
} from "./connection-state.js";

/** The longest pause between two attempts to connect, in milliseconds; less where the lease is short. */
const LONGEST_PAUSE = 10_000;
/** The first pause is at most this long, in milliseconds; every further one may be twice as long. */
const FIRST_PAUSE = 250;
/** A worker that has said nothing for this share of the lease sends a heartbeat. */
const SILENCE = 1 / 4;
/** The lease before the coordinator has told it, in seconds. */
const USUAL_LEASE = 30;

/** The states in which there is a way to the coordinator, or one is being opened. */
type OnTheWay = ConnectionState<"greeting" | "joining" | "joined">;

const stepTo = (state: ConnectionState, ...effects: readonly ConnectionEffect[]): ConnectionStep => ({
  state,
  effects,
});
const stay = (state: ConnectionState): ConnectionStep => stepTo(state);

const pastOf = ({ round, lease, wasWelcome, lastThere, tries, told }: Past): Past => ({
  round,
  lease,
  wasWelcome,
  lastThere,
  tries,
  told,
});

/** What a worker cannot work with. A rendezvous may still come. */
const isFinal = (error: unknown): boolean => isCurvewiseError(error) && error.code !== "RENDEZVOUS_NOT_FOUND";

function refusedToken(url: string): CurvewiseError {
  return new CurvewiseError("TOKEN_REFUSED", `the coordinator at ${url} refused the token`, {
    hint: "Give the token of this study: the file `token` in the folder of the study.",
  });
}

const REACH =
  "Start it with `curvewise run study.yaml --listen`, and see that this host can reach it. --advertise has workers use another name or address.";
const RESOLVE =
  "Start the coordinator with --advertise and a name or an address of its host that this host can resolve.";

function unreachable(reconnectFor: number, last: string, hint: string): CurvewiseError {
  return new CurvewiseError(
    "COORDINATOR_UNREACHABLE",
    `no coordinator could be reached for ${reconnectFor} s; the last trouble: ${last}`,
    { hint, kind: "failure" },
  );
}

/** Whether this host does not know the name by which the coordinator is reached. */
function isUnknownName(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  return code === "ENOTFOUND" || code === "EAI_AGAIN";
}

/** The end of it. Who waits for the end of a connection hears of it where there was one. */
function end(
  state: ConnectionState,
  way: "part" | "cut",
  error: unknown,
  isFailure: boolean,
): ConnectionStep {
  return stepTo(
    { is: "over", ...pastOf(state), error },
    { do: "end", error, isFailure },
    { do: way },
    ...(state.is === "joined" ? [{ do: "interrupt" } as const] : []),
  );
}

/** Whatever there was is gone, or never came about: after a rest there is another attempt, unless it was too long. */
function lose(
  state: ConnectionState,
  trouble: string,
  { now, reconnectFor }: ConnectionContext,
  hint?: string,
): ConnectionStep {
  const wasThere = state.is === "joined";
  const before = pastOf(state);
  const past = wasThere ? { ...before, told: "", tries: 0, lastThere: now } : before;
  const told: ConnectionEffect[] = [
    { do: "cut" },
    ...(wasThere ? [{ do: "interrupt" } as const] : []),
    ...(trouble === past.told
      ? []
      : [{ do: "tell", text: `${trouble}; trying again${hint === undefined ? "" : `. ${hint}`}` } as const]),
  ];
  if (now - past.lastThere > reconnectFor * 1000) {
    const { state: over, effects } = end(
      { is: "locating", ...past },
      "cut",
      unreachable(reconnectFor, trouble, hint ?? REACH),
      true,
    );
    return stepTo(over, ...told, ...effects);
  }
  const longest = Math.min(LONGEST_PAUSE, (past.lease * 1000) / 3, FIRST_PAUSE * 2 ** past.tries);
  return stepTo(
    { is: "resting", ...past, round: past.round + 1, told: trouble, tries: past.tries + 1, longest },
    ...told,
  );
}

function fail(
  state: ConnectionState,
  { error }: ConnectionEvent<"failed">,
  context: ConnectionContext,
): ConnectionStep {
  if (isFinal(error)) return end(state, "part", error, true);
  return lose(state, messageOf(error), context, isUnknownName(error) ? RESOLVE : undefined);
}

const ANY_TIME = {
  ended: (state: ConnectionState, { error }: ConnectionEvent<"ended">): ConnectionStep =>
    end(state, "part", error, false),
};

/** Of states without a way to the coordinator: requests wait for the next one. */
const NO_WAY = {
  ...ANY_TIME,
  opened: "impossible",
  denied: "impossible",
  welcomed: "impossible",
  ready: "impossible",
  heard: "impossible",
  closed: "impossible",
  asked: stay,
  dropped: stay,
} as const;

const ON_THE_WAY = {
  ...ANY_TIME,
  located: "impossible",
  asked: stay,
  heard: stay,
  failed: fail,
  closed: (
    state: OnTheWay,
    { code, reason }: ConnectionEvent<"closed">,
    context: ConnectionContext,
  ): ConnectionStep => {
    if (state.is === "joined") return lose(state, "the connection was closed", context);
    return lose(state, `${state.url} closed the connection (${code}) ${reason}`, context);
  },
  dropped: (state: ConnectionState): ConnectionStep => stepTo(state, { do: "part" }),
} as const;

/** What every event does in every state of a connection that reconnects by itself. */
const TABLE: StateTable<ConnectionStates, ConnectionEvents, ConnectionContext, ConnectionStep> = {
  locating: {
    ...NO_WAY,
    located: (state, { address }, { now }) =>
      stepTo({ ...state, is: "greeting", url: address.url, said: now }, { do: "open", address }),
    timed: "impossible",
    failed: fail,
  },
  greeting: {
    ...ON_THE_WAY,
    opened: (state, _event, { now }) => stepTo({ ...state, said: now }),
    denied: (state, { status }, context) => {
      const { url, wasWelcome } = state;
      if (status !== 401) return lose(state, `${url} answers with status ${status}`, context);
      // A coordinator that comes back may have a new token, and write it down later.
      if (wasWelcome) return lose(state, refusedToken(url).message, context);
      return end(state, "cut", refusedToken(url), true);
    },
    // Who welcomes a worker is there, even where the connection breaks before the worker is ready.
    welcomed: ({ is: _greeting, ...rest }, { welcome }, { now }) =>
      stepTo(
        { ...rest, is: "joining", lease: welcome.lease, wasWelcome: true, lastThere: now },
        { do: "prepare", welcome, url: rest.url },
      ),
    ready: "impossible",
    timed: (state, _event, context) =>
      lose(state, `the coordinator at ${state.url} does not answer`, context),
  },
  joining: {
    ...ON_THE_WAY,
    opened: "impossible",
    denied: "impossible",
    welcomed: stay,
    ready: (state, { isAsking }, { now }) =>
      stepTo(
        {
          ...state,
          is: "joined",
          lastThere: now,
          said: isAsking ? now : state.said,
          heard: now,
        },
        { do: "ask", id: "all" },
      ),
    timed: "impossible",
  },
  joined: {
    ...ON_THE_WAY,
    opened: "impossible",
    denied: "impossible",
    welcomed: stay,
    ready: "impossible",
    heard: (state, _event, { now }) => stepTo({ ...state, heard: now }),
    asked: (state, { id }, { now }) => stepTo({ ...state, said: now }, { do: "ask", id }),
    timed: (state, _event, context) => {
      const { now } = context;
      const lease = state.lease * 1000;
      if (now - state.heard > lease) {
        const { state: lost, effects } = lose(state, "the connection was closed", context);
        const text = "the coordinator is silent: reconnecting";
        return stepTo(lost, { do: "tell", text }, ...effects);
      }
      // Every other message keeps the lease as well.
      if (now - state.said < lease * SILENCE) return stay(state);
      return stepTo({ ...state, said: now }, { do: "beat" });
    },
  },
  resting: {
    ...NO_WAY,
    located: "impossible",
    timed: (state) => stepTo({ is: "locating", ...pastOf(state) }, { do: "locate" }),
    failed: "impossible",
  },
  over: {
    ...NO_WAY,
    located: "impossible",
    timed: "impossible",
    failed: "impossible",
    asked: "impossible",
    ended: stay,
  },
};

/** A connection at its beginning, when the coordinator is about to be located. */
export const openedConnection = (now: number): ConnectionState<"locating"> => ({
  is: "locating",
  round: 1,
  lease: USUAL_LEASE,
  wasWelcome: false,
  lastThere: now,
  tries: 0,
  told: "",
});

/** What an event makes of a connection. @throws CurvewiseError `TRANSITION_IMPOSSIBLE` */
export const stepOf = (
  state: ConnectionState,
  event: ConnectionEvent,
  context: ConnectionContext,
): ConnectionStep => transition(TABLE, [state.is, event.type], state, event, context);
