import { describe, expect, it } from "vitest";
import { CurvewiseError, isCurvewiseError } from "../../core/errors.js";
import type {
  ConnectionContext,
  ConnectionEffect,
  ConnectionEvent,
  ConnectionEvents,
  ConnectionState,
  ConnectionStates,
  Past,
  Welcome,
} from "./connection-state.js";
import { openedConnection, stepOf } from "./connection-table.js";

const past: Past = { round: 3, lease: 12, wasWelcome: true, lastThere: 1000, tries: 2, told: "" };
const url = "http://c";
const context: ConnectionContext = { now: 2000, reconnectFor: 10 };
const welcome: Welcome = { type: "welcome", coordinator: "c", study: "s", lease: 8, folder: "/s", over: [] };

const STATES: { readonly [Each in keyof ConnectionStates]: ConnectionState<Each> } = {
  locating: { is: "locating", ...past },
  greeting: { is: "greeting", ...past, url, said: 1500 },
  joining: { is: "joining", ...past, url, said: 1500 },
  joined: { is: "joined", ...past, url, said: 1500, heard: 1500 },
  resting: { is: "resting", ...past, longest: 500 },
  over: { is: "over", ...past, error: "gone" },
};
const EVENTS: { readonly [Each in keyof ConnectionEvents]: ConnectionEvent<Each> } = {
  located: { type: "located", address: { url, token: "t" } },
  opened: { type: "opened" },
  denied: { type: "denied", status: 503 },
  welcomed: { type: "welcomed", welcome },
  ready: { type: "ready", isAsking: true },
  heard: { type: "heard" },
  timed: { type: "timed" },
  asked: { type: "asked", id: 7 },
  failed: { type: "failed", error: new Error("ECONNRESET") },
  closed: { type: "closed", code: 1006, reason: "" },
  dropped: { type: "dropped" },
  ended: { type: "ended", error: "no use" },
};

/** Where each event leads from each state, and what is done then. */
const GRID = `
         | locating          | greeting               | joining            | joined                       | resting         | over
located  | greeting: open    | -                      | -                  | -                            | -               | -
opened   | -                 | greeting               | -                  | -                            | -               | -
denied   | -                 | resting: cut tell      | -                  | -                            | -               | -
welcomed | -                 | joining: prepare       | joining            | joined                       | -               | -
ready    | -                 | -                      | joined: ask        | -                            | -               | -
heard    | -                 | greeting               | joining            | joined                       | -               | -
timed    | -                 | resting: cut tell      | -                  | joined                       | locating: locate | -
asked    | locating          | greeting               | joining            | joined: ask                  | resting         | -
failed   | resting: cut tell | resting: cut tell      | resting: cut tell  | resting: cut interrupt tell  | -               | -
closed   | -                 | resting: cut tell      | resting: cut tell  | resting: cut interrupt tell  | -               | -
dropped  | locating          | greeting: part         | joining: part      | joined: part                 | resting         | over
ended    | over: end part    | over: end part         | over: end part     | over: end part interrupt     | over: end part  | over
`;
const [[, ...names] = [], ...rows] = GRID.trim()
  .split("\n")
  .map((line) => line.split("|").map((cell) => cell.trim()));

function leadsTo(state: ConnectionState, event: ConnectionEvent): string {
  try {
    const { state: next, effects } = stepOf(state, event, context);
    const done = effects.map((effect) => effect.do).join(" ");
    return done === "" ? next.is : `${next.is}: ${done}`;
  } catch (error) {
    if (isCurvewiseError(error) && error.code === "TRANSITION_IMPOSSIBLE") return "-";
    throw error;
  }
}

describe("every event in every state of a connection", () => {
  it("is in the grid", () => {
    expect(rows.map(([name]) => name)).toEqual(Object.keys(EVENTS));
    expect(names).toEqual(Object.keys(STATES));
  });

  it.each(Object.values(EVENTS).map((event) => [event.type, event] as const))("%s", (type, event) => {
    const [, ...expected] = rows.find(([name]) => name === type) ?? [];
    expect(Object.values(STATES).map((state) => leadsTo(state, event))).toEqual(expected);
  });
});

/** Follows a connection through events, each at a time in milliseconds; gives its last state and what was done. */
function follow(
  state: ConnectionState,
  events: readonly (readonly [now: number, event: ConnectionEvent])[],
  reconnectFor = 10,
) {
  const done: ConnectionEffect[] = [];
  const last = events.reduce((before, [now, event]) => {
    const { state: next, effects } = stepOf(before, event, { now, reconnectFor });
    done.push(...effects);
    return next;
  }, state);
  const told = done.flatMap((effect) => (effect.do === "tell" ? [effect.text] : []));
  const ends = done.flatMap((effect) => (effect.do === "end" ? [effect] : []));
  return { last, done, told, ends };
}

describe("a connection", () => {
  it("looks for as long as it may, more and more rarely, and tells each trouble once", () => {
    let state: ConnectionState = openedConnection(0);
    const pauses: number[] = [];
    const told: string[] = [];
    for (let now = 0; state.is !== "over"; now += 1000) {
      const turn = follow(
        state,
        [
          [now, EVENTS.located],
          [now, { type: "closed", code: 1006, reason: "x" }],
        ],
        7,
      );
      told.push(...turn.told);
      state = turn.last;
      if (state.is === "resting") {
        pauses.push(state.longest);
        state = follow(state, [[now, EVENTS.timed]]).last;
      }
    }
    expect(pauses).toEqual([250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
    expect(told).toEqual(["http://c closed the connection (1006) x; trying again"]);
    expect(state.error).toMatchObject({ code: "COORDINATOR_UNREACHABLE" });
  });

  it("counts the time without one from the last moment of a connection, however it was lost", () => {
    for (const event of [EVENTS.failed, EVENTS.closed]) {
      // It was there for an hour.
      const { last } = follow(STATES.joined, [[3_600_000, event]]);
      expect(last).toMatchObject({ is: "resting", tries: 1, lastThere: 3_600_000 });
    }
    expect(follow(STATES.joining, [[3_600_000, EVENTS.closed]]).ends).toMatchObject([{ isFailure: true }]);
  });

  it("does not give up a coordinator that welcomes it, though each connection breaks before the worker is ready", () => {
    let state: ConnectionState = openedConnection(0);
    for (let now = 0; now < 60_000; now += 6000) {
      state = follow(state, [
        [now, EVENTS.located],
        [now, EVENTS.opened],
        [now + 10, EVENTS.welcomed],
        [now + 20, EVENTS.closed],
        [now + 6000, EVENTS.timed],
      ]).last;
    }
    expect(state).toMatchObject({ is: "locating", tries: 10, wasWelcome: true, lastThere: 54_010 });
  });

  it("sends a request again that had no answer when the connection was lost, and new ones that came meanwhile", () => {
    const { last, done } = follow(STATES.joined, [
      [2000, EVENTS.asked],
      [2000, EVENTS.closed],
      [2000, { type: "asked", id: 8 }],
      [2200, EVENTS.timed],
      [2200, { type: "asked", id: 9 }],
      [2200, EVENTS.located],
      [2200, EVENTS.opened],
      [2200, EVENTS.welcomed],
      [2250, { type: "asked", id: 10 }],
      [2300, EVENTS.ready],
    ]);
    expect(done.filter((effect) => effect.do === "ask")).toEqual([
      { do: "ask", id: 7 },
      { do: "ask", id: "all" },
    ]);
    expect(last).toMatchObject({
      is: "joined",
      round: 4,
      lease: 8,
      said: 2300,
      heard: 2300,
      lastThere: 2300,
    });
  });

  it("beats when it has said nothing for a quarter of the lease, and gives up what is silent for all of it", () => {
    const heard = { ...STATES.joined, said: 2000, heard: 2000 };
    expect(follow(heard, [[4999, EVENTS.timed]]).done).toEqual([]);
    const beaten = follow(heard, [[5000, EVENTS.timed]]);
    expect(beaten.done).toEqual([{ do: "beat" }]);
    expect(follow(beaten.last, [[7999, EVENTS.timed]]).done).toEqual([]);
    expect(
      follow(heard, [
        [4000, EVENTS.asked],
        [6999, EVENTS.timed],
      ]).done,
    ).toEqual([{ do: "ask", id: 7 }]);
    expect(follow(heard, [[14_000, EVENTS.timed]]).last.is).toBe("joined");
    const silent = follow(heard, [[14_001, EVENTS.timed]]);
    expect(silent.last.is).toBe("resting");
    expect(silent.told).toEqual([
      "the coordinator is silent: reconnecting",
      "the connection was closed; trying again",
    ]);
    expect(
      follow(heard, [
        [14_000, EVENTS.heard],
        [14_001, EVENTS.timed],
      ]).last.is,
    ).toBe("joined");
  });

  it("ends by a token that was never right, and not by one that was", () => {
    const denied: ConnectionEvent = { type: "denied", status: 401 };
    expect(follow(STATES.greeting, [[2000, denied]]).last.is).toBe("resting");
    const { last, ends } = follow({ ...STATES.greeting, wasWelcome: false }, [[2000, denied]]);
    expect(last.is).toBe("over");
    expect(ends).toMatchObject([{ isFailure: true, error: { code: "TOKEN_REFUSED" } }]);
  });

  it("ends by what the worker cannot work with, but waits for a rendezvous", () => {
    const changed = new CurvewiseError("STUDY_CHANGED", "another study");
    for (const state of [STATES.locating, STATES.greeting, STATES.joining, STATES.joined]) {
      const final = follow(state, [[2000, { type: "failed", error: changed }]]);
      expect(final.ends).toEqual([{ do: "end", error: changed, isFailure: true }]);
      const none = new CurvewiseError("RENDEZVOUS_NOT_FOUND", "not yet");
      expect(follow(state, [[2000, { type: "failed", error: none }]]).last.is).toBe("resting");
    }
  });

  it("has no failure when the worker has no more use for it, whenever that is and however often", () => {
    for (const state of Object.values(STATES)) {
      const { last, ends } = follow(state, [
        [2000, EVENTS.ended],
        [2000, EVENTS.dropped],
        [2000, { type: "ended", error: "again" }],
      ]);
      expect(last).toMatchObject({ is: "over", error: state.is === "over" ? "gone" : "no use" });
      expect(ends.map(({ isFailure }) => isFailure)).toEqual(state.is === "over" ? [] : [false]);
    }
  });
});
