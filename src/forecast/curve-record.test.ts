import { describe, expect, it } from "vitest";
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
  const rungs = [2, 4, 8];
  const steps = [1, 2, 3, 4, 5, 6, 7, 8];

  it("is empty at first", () => {
    expect(createCurveRecord(3, 0)).toEqual({
      trial: 3,
      inheritances: 0,
      hasValue: false,
      firstRung: -1,
      rung: -1,
      arrival: 0,
      atRungs: [],
      points: new Float64Array(0),
      reached: 0,
      latest: Number.NaN,
      minimum: Number.POSITIVE_INFINITY,
      present: Number.POSITIVE_INFINITY,
      diverged: false,
      reports: 0,
    });
  });

  it("keeps what was known before a step at the steps that reports jump over", () => {
    const record = createCurveRecord(3, 0);
    const curve = trialOf([1, 3, 7], [5, 3, 4]);
    expect(takeReports(record, curve, goal, { rungs, steps })).toBe(true);
    expect([...record.points]).toEqual([5, 5, 3, 3, 3, 3, 4]);
    expect(record.arrival).toBe(7);
    expect(record).toMatchObject({ rung: 1, atRungs: [5, 3], reached: 7, latest: 4, minimum: 3, reports: 3 });
    expect(takeReports(record, curve, goal, { rungs, steps })).toBe(false);
  });

  it("has no value where none was reported, and knows a training that diverged", () => {
    const record = createCurveRecord(3, 0);
    takeReports(record, trialOf([1, 2, 3, 4], [null, 6, Number.NaN, null]), goal, { rungs, steps });
    expect([...record.points].slice(0, 5)).toEqual([Number.NaN, 6, 6, 6, Number.NaN]);
    expect(record).toMatchObject({ rung: 1, atRungs: [6, 6], diverged: true, minimum: 6 });
    const silent = createCurveRecord(3, 0);
    const other = { ...trialOf([1, 2], []), curve: { steps: [1, 2], metrics: new Map() } };
    expect(takeReports(silent, other, goal, { rungs, steps })).toBe(false);
    expect(silent).toMatchObject({ hasValue: false, rung: -1, atRungs: [], reached: 0, diverged: false });
  });

  it("begins with its first value, which tells of the highest rung at or below it", () => {
    const record = createCurveRecord(3, 0);
    takeReports(record, trialOf([1, 4, 5, 7], [null, null, 6, null]), goal, { rungs, steps });
    const { NaN: none, POSITIVE_INFINITY: never } = Number;
    expect([...record.points]).toEqual([none, none, none, 6, 6, 6, 6]);
    expect(record).toMatchObject({ firstRung: 1, rung: 1, atRungs: [never, 6], arrival: 5, reached: 7 });
  });

  it("counts the last value or the best one, as the goal says", () => {
    const values = [3, 1, 2, Number.NaN];
    const recorded = (of: "last" | "best") => {
      const record = createCurveRecord(3, 0);
      for (const length of [2, 3, 4]) {
        takeReports(
          record,
          trialOf([2, 3, 4, 8].slice(0, length), values),
          { ...goal, of },
          { rungs, steps },
        );
      }
      return record;
    };
    expect(recorded("best")).toMatchObject({ atRungs: [3, 1, 1], present: 1, diverged: true });
    expect(recorded("last")).toMatchObject({
      atRungs: [3, 2, Number.POSITIVE_INFINITY],
      present: Number.POSITIVE_INFINITY,
      diverged: true,
    });
  });

  it("stands where the model stands that it was given", () => {
    const record = createCurveRecord(3, 0);
    takeReports(record, trialOf([1], [5], 8), goal, { rungs, steps });
    expect(record).toMatchObject({ rung: 2, atRungs: [5, 5, 5], reached: 8 });
  });
});
