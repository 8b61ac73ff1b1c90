import { describe, expect, it } from "vitest";
import { applyEvent } from "../../core/study-fold.js";
import { type TrialRecord } from "../../core/study-record.js";
import { recordStudy } from "../../testing/recorded-study.js";
import { createSortedStandings } from "./sorted-standings.js";
import { compareStandings, type Standing, standingOf } from "./standing.js";

const goal = { metric: "loss", direction: "minimize" } as const;

const record = () =>
  recordStudy(goal, { restore() {}, observe() {}, decide: () => ({ action: "continue" }) });

const fail = ({ study }: ReturnType<typeof record>, trial: TrialRecord): void => {
  const error = { code: "PROGRAM_FAILED", message: "exit code 1" };
  const { number, attempt } = trial;
  applyEvent(study, { type: "failed", trial: number, attempt, error, output: [], retry: false, time: 1 });
};

describe("the standing of a trial", () => {
  it("begins when its training halts, and stays while a paused trial goes on", () => {
    const recorded = record();
    const trial = recorded.start({ 1: { loss: 0.5 } });
    expect(standingOf(trial, goal)).toBeUndefined();
    recorded.pause(trial);
    expect(standingOf(trial, goal)).toMatchObject({ cost: 0.5, depth: 1, haltedAt: trial.endedAt });
    recorded.resume(trial);
    recorded.report(trial, 2, { loss: 0.4 });
    const goingOn = { trial: 0, cost: 0.4, depth: 2, haltedAt: Number.POSITIVE_INFINITY };
    expect(standingOf(trial, goal)).toEqual(goingOn);
    recorded.complete(trial);
    expect(standingOf(trial, goal)).toMatchObject({ cost: 0.4, depth: Number.POSITIVE_INFINITY });
  });

  it("is none of a trial without a value, until that is over", () => {
    const recorded = record();
    const trial = recorded.start({ 1: { other: 1 } });
    recorded.pause(trial);
    expect(standingOf(trial, goal)).toBeUndefined();
    recorded.resume(trial);
    recorded.report(trial, 2, { other: 1 });
    expect(standingOf(trial, goal)).toBeUndefined();
    recorded.stop(trial);
    expect(standingOf(trial, goal)).toMatchObject({ cost: Number.POSITIVE_INFINITY, depth: 2 });
  });

  it("ranks complete trials first, then deeper ones, then lower costs, and diverged and failed ones last", () => {
    const recorded = record();
    const complete = [{ 9: { loss: 0.9 } }, { 9: { loss: 0.8 } }, { 5: { loss: 0.85 } }].map((curve) => {
      const trial = recorded.start(curve);
      recorded.complete(trial);
      return trial;
    });
    const stopped = recorded.start({ 3: { loss: 0.1 } });
    recorded.stop(stopped);
    const paused = recorded.start({ 1: { loss: 0.05 } });
    recorded.pause(paused);
    const younger = recorded.start({ 3: { loss: 0.1 } });
    recorded.pause(younger);
    const diverged = recorded.start({ 9: { loss: Number.NaN } });
    recorded.complete(diverged);
    const silent = recorded.start();
    recorded.complete(silent);
    const failed = recorded.start({ 9: { loss: 0.01 } });
    fail(recorded, failed);
    const ranked = recorded.study.trials
      .map((trial) => standingOf(trial, goal))
      .filter((standing) => standing !== undefined)
      .sort(compareStandings)
      .map(({ trial }) => trial);
    const [first, second, third] = complete.map(({ number }) => number);
    expect(ranked.slice(0, 6)).toEqual([second, third, first, younger.number, stopped.number, paused.number]);
    expect(new Set(ranked.slice(6))).toEqual(new Set([diverged.number, silent.number, failed.number]));
  });

  it("negates the metric when higher is better", () => {
    const recorded = record();
    const trial = recorded.start({ 1: { loss: 3 } });
    recorded.stop(trial);
    expect(standingOf(trial, { metric: "loss", direction: "maximize" })?.cost).toBe(-3);
  });
});

describe("sorted standings", () => {
  it("stay in order while standings change and are removed", () => {
    const sorted = createSortedStandings(compareStandings);
    const standing = (trial: number, cost: number): Standing => ({ trial, cost, depth: 1, haltedAt: 0 });
    const costs = [5, 3, 8, 1, 9, 2];
    for (const [trial, cost] of costs.entries()) sorted.set(trial, standing(trial, cost));
    sorted.set(2, standing(2, 0));
    sorted.set(3, undefined);
    sorted.set(3, undefined);
    const order = Array.from({ length: sorted.size }, (_, place) => sorted.at(place)?.trial);
    expect(order).toEqual([2, 5, 1, 0, 4]);
    expect(sorted.at(5)).toBeUndefined();
  });
});
