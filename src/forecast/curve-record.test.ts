import { describe, expect, it } from "vitest";
import type { GoalReport } from "../core/goal.js";
import type { TransferredTrial } from "../core/study.js";
import { comparisonSteps, createCurveRecord, takeReports } from "./curve-record.js";

const goal = { metric: "loss", direction: "minimize" } as const;

const trialOf = (
  steps: readonly number[],
  losses: readonly (number | null)[],
  inherited?: number,
): TransferredTrial => ({
  number: 3,
  params: {},
  state: "running",
  curve: { steps, metrics: new Map([["loss", losses]]) },
  inheritances:
    inherited === undefined
      ? []
      : [{ at: 1, reached: 1, parent: 0, parentInheritances: 0, step: inherited, value: 1, before: {} }],
});

describe("the steps at which curves are compared", () => {
  it("are all of a short training", () => {
    expect(comparisonSteps(5, [1, 4, 5])).toEqual([1, 2, 3, 4, 5]);
  });

  it("are a hundred and the rungs of a long one", () => {
    const steps = comparisonSteps(1000, [1, 4, 16, 64, 256, 1000]);
    const even = Array.from({ length: 100 }, (_, place) => 10 * (place + 1));
    expect(steps).toEqual([
      1,
      4,
      ...even.slice(0, 1),
      16,
      ...even.slice(1, 6),
      64,
      ...even.slice(6, 25),
      256,
      ...even.slice(25),
    ]);
  });
});

describe("a curve's record", () => {
  const recorded = { rungs: [2, 4, 8], steps: [1, 2, 3, 4, 5, 6, 7, 8] };
  const recordOf = (trial: TransferredTrial, of: GoalReport = "last") => {
    const record = createCurveRecord(3, 8);
    const isTaken = takeReports(record, trial, { ...goal, of }, recorded);
    return { record, isTaken, points: [...record.points] };
  };

  it("is empty at first", () => {
    expect(createCurveRecord(3, 2)).toEqual({
      trial: 3,
      hasValue: false,
      firstRung: -1,
      rung: -1,
      arrival: 0,
      atRungs: [],
      points: Float64Array.of(Number.NaN, Number.NaN),
      reached: 0,
      latest: Number.NaN,
      minimum: Number.POSITIVE_INFINITY,
      present: Number.POSITIVE_INFINITY,
      diverged: false,
      reports: 0,
    });
  });

  it("keeps what was known before a step at the steps that reports jump over", () => {
    const trial = trialOf([1, 3, 7], [5, 3, 4]);
    const { record, isTaken, points } = recordOf(trial);
    expect(isTaken).toBe(true);
    expect(points).toEqual([5, 5, 3, 3, 3, 3, 4, Number.NaN]);
    expect(record).toMatchObject({ rung: 1, arrival: 7, atRungs: [5, 3], reached: 7, reports: 3 });
    expect(record).toMatchObject({ latest: 4, minimum: 3, present: 4 });
    expect(recordOf(trial, "best").record.present).toBe(3);
    expect(takeReports(record, trial, goal, recorded)).toBe(false);
  });

  it("tells apart whether the last or the best report counts", () => {
    const trial = trialOf([1, 2, 3, 4], [5, 3, 6, 7]);
    expect(recordOf(trial, "last").record).toMatchObject({ atRungs: [3, 7], present: 7 });
    expect(recordOf(trial, "best").record).toMatchObject({ atRungs: [3, 3], present: 3 });
    const diverged = trialOf([1, 2, 3, 4], [5, Number.NaN, 6, 7]);
    expect(recordOf(diverged, "last").record).toMatchObject({
      atRungs: [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
      diverged: true,
      latest: 7,
      present: Number.POSITIVE_INFINITY,
    });
    expect(recordOf(diverged, "best").record).toMatchObject({ atRungs: [5, 5], diverged: true, present: 5 });
  });

  it("begins with the first value, and with the rung that it tells of", () => {
    const { record, points } = recordOf(trialOf([1, 3, 5, 6], [null, null, 6, null]));
    expect(record).toMatchObject({ hasValue: true, firstRung: 1, rung: 1, arrival: 5, reached: 6 });
    expect(record.atRungs).toEqual([Number.POSITIVE_INFINITY, 6]);
    // It stands for the rung at 4, as for those that a report follows.
    expect(points.slice(2)).toEqual([Number.NaN, 6, 6, 6, Number.NaN, Number.NaN]);
    const silent = recordOf(trialOf([1, 2], [null, null]));
    expect(silent.isTaken).toBe(false);
    expect(silent.record).toMatchObject({ hasValue: false, rung: -1, reached: 0, reports: 2 });
  });

  it("stands where the model stands that it was given", () => {
    const { record } = recordOf(trialOf([1], [5], 8));
    expect(record).toMatchObject({ rung: 2, arrival: 8, atRungs: [5, 5, 5], reached: 8 });
  });
});
