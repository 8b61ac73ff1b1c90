import { describe, expect, it } from "vitest";
import type { EventBody } from "../../core/events.js";
import { applyEvent } from "../../core/study-fold.js";
import { type TrialRecord } from "../../core/study-record.js";
import { recordStudy } from "../../testing/recorded-study.js";
import { createRounds } from "./rounds.js";

const explanation = { rule: "pbt", reason: "It waits.", values: {} };
const goal = { metric: "loss", direction: "minimize" } as const;

/** A synchronous population that decides every 10 steps, and selects from a step on. */
function population(burnIn = 20) {
  const recorded = recordStudy(goal, { restore() {}, observe() {}, decide: () => ({ action: "continue" }) });
  const { study } = recorded;
  const push = (event: EventBody): void => applyEvent(study, { ...event, time: study.events });
  const rounds = createRounds({ goal, interval: 10, burnIn });
  return {
    ...recorded,
    find: () => {
      const round = rounds.find(study);
      if (round === undefined) return undefined;
      const numbers = (members: typeof round.due): number[] => members.map(({ trial }) => trial.number);
      return { ...round, ranking: numbers(round.ranking), due: numbers(round.due) };
    },
    /** What members are ranked by, fittest first. */
    values: () => rounds.find(study)?.ranking.map(({ value }) => value),
    /** A paused member is to go on with another's model. */
    replace: ({ number }: TrialRecord, parent: number, step: number): void => {
      const snapshot = { step, path: "p", digest: "00" };
      push({
        type: "resumed",
        trial: number,
        exploit: { parent, snapshot, value: 1, params: { rate: 0.1 } },
      });
    },
    /** A member that is paused after these losses, by step. */
    paused: (losses: Readonly<Record<number, number | null>>): TrialRecord => {
      const rows = Object.entries(losses).map(([step, loss]) => [step, loss === null ? {} : { loss }]);
      const trial = recorded.start(Object.fromEntries(rows));
      recorded.pause(trial);
      return trial;
    },
    tellToPause: ({ number, attempt }: TrialRecord, step: number): void =>
      push({ type: "decided", trial: number, attempt, step, action: "pause", explanation }),
    copy: ({ number }: TrialRecord, parent: number, step: number): void =>
      push({
        type: "exploited",
        trial: number,
        parent,
        step,
        value: 1,
        path: "p",
        digest: "00",
        params: { rate: 0.1 },
      }),
    fail: ({ number, attempt }: TrialRecord): void =>
      push({
        type: "failed",
        trial: number,
        attempt,
        error: { code: "PROGRAM_FAILED", message: "boom" },
        output: [],
        retry: false,
      }),
  };
}

describe("the round of a synchronous population", () => {
  it("is none without members", () => {
    const { find, start, complete } = population();
    expect(find()).toBeUndefined();
    complete(start({ 10: { loss: 1 } }));
    expect(find()).toBeUndefined();
  });

  it("is the last that all members have completed: those that wait there go on, least fit first", () => {
    const { find, paused } = population();
    paused({ 10: 3, 20: 3 });
    paused({ 10: 1, 20: 1 });
    paused({ 10: 2, 20: 2 });
    expect(find()).toEqual({ step: 20, isSelecting: true, ranking: [1, 2, 0], due: [0, 2, 1] });
  });

  it("has nobody due while the last one is still on its way, though others have arrived", () => {
    const { find, paused, start } = population();
    paused({ 10: 3, 20: 3 });
    start({ 10: { loss: 1 }, 19: { loss: 1 } });
    expect(find()).toMatchObject({ step: 10, due: [] });
  });

  it("is not yet found while a member has been told to pause there but has not", () => {
    const { find, paused, start, pause, tellToPause } = population();
    paused({ 20: 3 });
    const last = start({ 20: { loss: 1 } });
    tellToPause(last, 20);
    expect(find()).toBeUndefined();
    pause(last);
    expect(find()).toMatchObject({ step: 20, due: [0, 1] });
  });

  it("does not wait for a member that trained on instead of pausing when it was told to", () => {
    const { find, paused, start, report, tellToPause } = population();
    paused({ 20: 3 });
    const last = start({ 20: { loss: 1 } });
    tellToPause(last, 20);
    report(last, 21, { loss: 1 });
    expect(find()).toMatchObject({ step: 20, due: [0] });
  });

  it("does not wait for a member that is about to pause in a later round", () => {
    const { find, paused, start, tellToPause } = population();
    paused({ 20: 3 });
    tellToPause(start({ 20: { loss: 1 }, 30: { loss: 1 } }), 30);
    expect(find()).toMatchObject({ step: 20, due: [0] });
  });

  it("selects from the burn-in on, never at the beginning", () => {
    const { find, start, report, pause } = population();
    const member = start();
    pause(member);
    expect(find()).toMatchObject({ step: 0, isSelecting: false, due: [0] });
    report(member, 10, { loss: 1 });
    expect(find()).toMatchObject({ step: 10, isSelecting: false });
    report(member, 20, { loss: 1 });
    expect(find()).toMatchObject({ step: 20, isSelecting: true });
  });

  it("does not select at the beginning without a burn-in either, but after one interval", () => {
    const { find, start, report, pause } = population(0);
    const member = start();
    pause(member);
    expect(find()).toMatchObject({ step: 0, isSelecting: false });
    report(member, 10, { loss: 1 });
    expect(find()).toMatchObject({ step: 10, isSelecting: true });
  });

  it("ranks by the first loss at or after its step, whatever came before and later", () => {
    const { find, values, paused } = population();
    paused({ 10: 9, 20: 2, 25: 1 });
    paused({ 10: 0, 21: 3 });
    // At step 20 it reported something else.
    paused({ 10: 0, 20: null, 22: 1, 29: 9 });
    // It has no loss yet: last.
    paused({ 10: 0, 20: null });
    expect(find()?.ranking).toEqual([2, 0, 1, 3]);
    expect(values()).toEqual([1, 2, 3, Number.NaN]);
  });

  it("ranks trials that ended after it, but not those that ended before", () => {
    const { find, paused, start, complete } = population();
    paused({ 20: 3 });
    complete(start({ 20: { loss: 2 }, 100: { loss: 1 } }));
    complete(start({ 10: { loss: 0 } }));
    // It ended on its way there, so it is not in this round.
    complete(start({ 20: { loss: 0 } }));
    expect(find()).toMatchObject({ ranking: [1, 0], due: [0] });
  });

  it("ranks a member last once it has been replaced in this round", () => {
    const { find, paused, copy } = population();
    const replaced = paused({ 20: 1 });
    paused({ 20: 5 });
    expect(find()?.ranking).toEqual([0, 1]);
    copy(replaced, 1, 20);
    expect(find()?.ranking).toEqual([1, 0]);
  });

  it("ranks a member last as soon as it is to be replaced", () => {
    const { find, paused, replace } = population();
    const replaced = paused({ 20: 1 });
    paused({ 20: 5 });
    replace(replaced, 1, 20);
    expect(find()).toMatchObject({ ranking: [1, 0], due: [1] });
  });

  it("ranks a member by what it reported if it was replaced in earlier rounds only", () => {
    const { find, paused, report, copy } = population();
    const replaced = paused({ 10: 9 });
    paused({ 10: 5, 20: 5, 30: 5 });
    copy(replaced, 1, 10);
    report(replaced, 20, { loss: 1 });
    expect(find()).toMatchObject({ step: 20, ranking: [0, 1] });
    // Then once more.
    copy(replaced, 1, 20);
    expect(find()).toMatchObject({ step: 20, ranking: [1, 0] });
    report(replaced, 30, { loss: 1 });
    expect(find()).toMatchObject({ step: 30, ranking: [0, 1] });
  });

  it("does not wait for members that failed", () => {
    const { find, paused, start, fail } = population();
    paused({ 20: 3 });
    fail(start({ 5: { loss: 1 } }));
    expect(find()).toMatchObject({ step: 20, ranking: [0], due: [0] });
  });
});
