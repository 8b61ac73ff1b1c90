import { describe, expect, it } from "vitest";
import type { EventBody } from "../../core/events.js";
import { applyEvent } from "../../core/study-fold.js";
import { type TrialRecord } from "../../core/study-record.js";
import { recordStudy } from "../../testing/recorded-study.js";
import {
  canBeParent,
  compareMembers,
  fitnessOfSnapshot,
  hasReportedSince,
  quantileSize,
  takesPart,
} from "./members.js";

const goal = { metric: "loss", direction: "minimize" } as const;

function population() {
  const recorded = recordStudy(goal, { restore() {}, observe() {}, decide: () => ({ action: "continue" }) });
  const push = (event: EventBody): void =>
    applyEvent(recorded.study, { ...event, time: recorded.study.events });
  return {
    ...recorded,
    save: ({ number, attempt }: TrialRecord, step: number): void =>
      push({
        type: "snapshot-saved",
        trial: number,
        attempt,
        step,
        path: `t${number}`,
        digest: "00",
        bytes: 1,
      }),
    /** The trial goes on with another's model of a step, for which that one had reported a loss. */
    copy: ({ number }: TrialRecord, parent: TrialRecord, step: number, value: number): void =>
      push({
        type: "exploited",
        trial: number,
        parent: parent.number,
        step,
        value,
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

const memberOf = (trial: TrialRecord, value: number) => ({ trial, value, cost: value });

describe("members of a population", () => {
  it("take part until they end, and after a failure if there was something to show since the last model", () => {
    const { start, report, pause, resume, complete, stop, fail, copy } = population();
    const other = start({ 5: { loss: 1 } });
    const trial = start();
    expect(takesPart(trial)).toBe(true);
    pause(trial);
    expect(takesPart(trial)).toBe(true);
    resume(trial);
    fail(trial);
    // It has its own model still.
    expect(takesPart(trial)).toBe(true);
    const heir = start({ 9: { loss: 3 } });
    copy(heir, other, 5, 1);
    fail(heir);
    expect(takesPart(heir)).toBe(false);
    const busyHeir = start({ 9: { loss: 3 } });
    copy(busyHeir, other, 5, 1);
    report(busyHeir, 6, { loss: 2 });
    expect(takesPart(busyHeir)).toBe(true);
    complete(other);
    expect(takesPart(other)).toBe(false);
    fail(busyHeir);
    expect(takesPart(busyHeir)).toBe(true);
    const last = start();
    stop(last);
    expect(takesPart(last)).toBe(false);
  });

  it("have trained a model that they were given once they report a later step than its own", () => {
    const { start, report, copy } = population();
    const parent = start({ 5: { loss: 1 } });
    const trial = start();
    expect(hasReportedSince(trial)).toBe(false);
    report(trial, 1, { loss: 4 });
    expect(hasReportedSince(trial)).toBe(true);
    report(trial, 9, { loss: 3 });
    copy(trial, parent, 5, 1);
    expect(hasReportedSince(trial)).toBe(false);
    report(trial, 6, { loss: 1 });
    expect(hasReportedSince(trial)).toBe(true);
    // What it had reported for a model of its own at that step says nothing.
    copy(trial, parent, 6, 1);
    expect(hasReportedSince(trial)).toBe(false);
    // The newest model counts.
    copy(trial, parent, 12, 0.5);
    expect(hasReportedSince(trial)).toBe(false);
    report(trial, 13, { loss: 0.4 });
    expect(hasReportedSince(trial)).toBe(true);
  });

  it("that are equally fit rank by trial number", () => {
    const { start } = population();
    const [first, second] = [memberOf(start(), 1), memberOf(start(), 1)];
    expect([second, first].sort(compareMembers)).toEqual([first, second]);
    const better = memberOf(start(), 0.5);
    expect([first, better].sort(compareMembers)).toEqual([better, first]);
  });
});

describe("the fitness of a member's newest snapshot", () => {
  it("is what was reported at its step, not since", () => {
    const { start, save, report } = population();
    const trial = start({ 1: { loss: 5 }, 2: { loss: 4 } });
    expect(fitnessOfSnapshot(trial, goal)).toBeUndefined();
    save(trial, 2);
    report(trial, 3, { loss: 3 });
    expect(fitnessOfSnapshot(trial, goal)).toBe(4);
  });

  it("is the newest loss where that step has none, and unknown if it diverged or none was ever reported", () => {
    const { start, save } = population();
    const quiet = start({ 1: { loss: 5 }, 2: {} });
    save(quiet, 2);
    expect(fitnessOfSnapshot(quiet, goal)).toBe(5);
    const diverged = start({ 2: { loss: Number.NaN } });
    save(diverged, 2);
    expect(fitnessOfSnapshot(diverged, goal)).toBeUndefined();
    const silent = start({ 2: {} });
    save(silent, 2);
    expect(fitnessOfSnapshot(silent, goal)).toBeUndefined();
  });

  it("is the parent's loss for a model that was taken over and not yet saved again", () => {
    const { start, copy, report } = population();
    const trial = start({ 1: { loss: 9 } });
    copy(trial, start({ 5: { loss: 1 } }), 5, 1);
    report(trial, 6, { loss: 2 });
    expect(fitnessOfSnapshot(trial, goal)).toBe(1);
    copy(trial, start({ 12: { loss: 0.5 } }), 12, 0.5);
    report(trial, 13, { loss: 3 });
    expect(fitnessOfSnapshot(trial, goal)).toBe(0.5);
  });
});

describe("the model of a fitter member", () => {
  const fit = () => {
    const all = population();
    const parent = all.start({ 5: { loss: 1 } });
    all.save(parent, 5);
    return { ...all, parent };
  };

  it("can be taken if it was saved and did not diverge", () => {
    const { parent, start, report, save } = fit();
    const heir = start({ 5: { loss: 9 } });
    expect(canBeParent(memberOf(parent, 1), heir, goal)).toBe(true);
    expect(canBeParent(memberOf(parent, Number.POSITIVE_INFINITY), heir, goal)).toBe(false);
    expect(canBeParent(memberOf(start({ 5: { loss: 1 } }), 1), heir, goal)).toBe(false);
    // This one has recovered, but its snapshot is from before.
    const recovered = start({ 5: { loss: Number.NaN } });
    save(recovered, 5);
    report(recovered, 6, { loss: 1 });
    expect(canBeParent(memberOf(recovered, 1), heir, goal)).toBe(false);
  });

  it("may lie behind the heir's, but each time later than the last one that did", () => {
    const { parent, start, copy, report, save } = fit();
    const heir = start({ 9: { loss: 9 } });
    expect(canBeParent(memberOf(parent, 1), heir, goal)).toBe(true);
    copy(heir, parent, 5, 1);
    report(heir, 9, { loss: 9 });
    // The same step again: the two could go on so forever.
    expect(canBeParent(memberOf(parent, 1), heir, goal)).toBe(false);
    report(parent, 6, { loss: 1 });
    save(parent, 6);
    expect(canBeParent(memberOf(parent, 1), heir, goal)).toBe(true);
  });

  it("may be of the step that the heir has reached, or lie ahead", () => {
    const { parent, start, copy, report } = fit();
    const heir = start({ 9: { loss: 9 } });
    copy(heir, parent, 5, 1);
    expect(canBeParent(memberOf(parent, 1), heir, goal)).toBe(true);
    // Taking one of the same step is not going back.
    const level = start({ 5: { loss: 9 } });
    copy(level, parent, 5, 1);
    report(level, 8, { loss: 9 });
    expect(canBeParent(memberOf(parent, 1), level, goal)).toBe(true);
    // It may go back now although it went ahead before.
    const behind = start({ 2: { loss: 9 } });
    copy(behind, parent, 5, 1);
    report(behind, 8, { loss: 9 });
    expect(canBeParent(memberOf(parent, 1), behind, goal)).toBe(true);
  });
});

describe("the number of members that are replaced", () => {
  it.each([
    [1, 0.25, 0],
    [2, 0.25, 1],
    [3, 0.5, 1],
    [4, 0.25, 1],
    [5, 0.25, 2],
    [8, 0.25, 2],
    [9, 0.5, 4],
    [100, 0.07, 7],
  ])("of %d members and a quantile of %d is %d", (members, quantile, size) => {
    expect(quantileSize(members, quantile)).toBe(size);
  });
});
