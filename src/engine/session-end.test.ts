import { describe, expect, it } from "vitest";
import {
  createSessionEnd,
  isKeptFromMore,
  type SessionEvent,
  type SessionState,
  sessionAfter,
} from "./session-end.js";

const [first, second] = [new Error("first"), new Error("second")];
const STATES: readonly SessionState[] = [
  { is: "open" },
  { is: "interrupted" },
  { is: "spent" },
  { is: "failed", error: first, isSpent: false },
];

describe("every event in every state of a session", () => {
  const failed = (error: Error, isSpent: boolean): SessionState => ({ is: "failed", error, isSpent });
  const [, interrupted, spent, broken] = STATES;
  it.each([
    [{ type: "interrupted" }, [interrupted, interrupted, spent, broken]],
    [{ type: "killed" }, [interrupted, interrupted, spent, broken]],
    [{ type: "spent" }, [spent, spent, spent, failed(first, true)]],
    [
      { type: "hopeless", error: second },
      [failed(second, false), failed(second, false), failed(second, true), broken],
    ],
    [
      { type: "broken", error: second },
      [failed(second, false), failed(second, false), failed(second, true), broken],
    ],
  ] satisfies [SessionEvent, unknown[]][])("$type", (event, expected) => {
    expect(STATES.map((state) => sessionAfter(state, event))).toEqual(expected);
  });

  it("tells whether something is left that it is kept from", () => {
    expect(STATES.map(isKeptFromMore)).toEqual([false, true, false, true]);
    expect(isKeptFromMore(failed(first, true))).toBe(false);
  });
});

describe("the signals of a session", () => {
  const firedBy = (event: SessionEvent): [boolean, boolean] => {
    const { interrupted, killed, take } = createSessionEnd(undefined, undefined);
    take(event);
    return [interrupted.aborted, killed.aborted];
  };

  it("have trainings save and end, or end at once", () => {
    expect(firedBy({ type: "interrupted" })).toEqual([true, false]);
    expect(firedBy({ type: "spent" })).toEqual([true, false]);
    expect(firedBy({ type: "hopeless", error: first })).toEqual([true, false]);
    expect(firedBy({ type: "killed" })).toEqual([true, true]);
    expect(firedBy({ type: "broken", error: first })).toEqual([true, true]);
  });

  it("follow those from outside, whenever these fire", () => {
    const [interrupt, kill] = [new AbortController(), new AbortController()];
    const end = createSessionEnd(interrupt.signal, kill.signal);
    expect([end.state.is, end.interrupted.aborted]).toEqual(["open", false]);
    interrupt.abort();
    expect([end.state.is, end.interrupted.aborted, end.killed.aborted]).toEqual(["interrupted", true, false]);
    kill.abort();
    expect(end.killed.aborted).toBe(true);
    expect(createSessionEnd(undefined, kill.signal).state.is).toBe("interrupted");
    expect(createSessionEnd(interrupt.signal, undefined).killed.aborted).toBe(false);
  });
});
