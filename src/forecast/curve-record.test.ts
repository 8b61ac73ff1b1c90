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
    expect(createCurveRecord(3, 2)).toEqual({
      trial: 3,
      rung: -1,
      least: [],
      points: Float64Array.of(Number.NaN, Number.NaN),
      reached: 0,
      latest: Number.NaN,
      minimum: Number.POSITIVE_INFINITY,
      diverged: false,
      reports: 0,
    });
  });

  it("keeps what was known before a step at the steps that reports jump over", () => {
    const record = createCurveRecord(3, 8);
    const curve = trialOf([1, 3, 7], [5, 3, 4]);
    expect(takeReports(record, curve, goal, rungs, steps)).toBe(true);
    expect([...record.points]).toEqual([5, 5, 3, 3, 3, 3, 4, Number.NaN]);
    expect(record).toMatchObject({ rung: 1, least: [5, 3], reached: 7, latest: 4, minimum: 3, reports: 3 });
    expect(takeReports(record, curve, goal, rungs, steps)).toBe(false);
  });

  it("has no value where none was reported, and knows a training that diverged", () => {
    const record = createCurveRecord(3, 8);
    takeReports(record, trialOf([1, 2, 3, 4], [null, 6, Number.NaN, null]), goal, rungs, steps);
    expect([...record.points].slice(0, 5)).toEqual([Number.NaN, 6, 6, 6, Number.NaN]);
    expect(record).toMatchObject({ rung: 1, least: [6, 6], diverged: true, minimum: 6 });
    const silent = createCurveRecord(3, 8);
    const other = { ...trialOf([1, 2], []), curve: { steps: [1, 2], metrics: new Map() } };
    takeReports(silent, other, goal, rungs, steps);
    expect(silent).toMatchObject({ rung: 0, least: [Number.POSITIVE_INFINITY], reached: 2, diverged: false });
  });

  it("stands where the model stands that it was given", () => {
    const record = createCurveRecord(3, 8);
    takeReports(record, trialOf([1], [5], 8), goal, rungs, steps);
    expect(record).toMatchObject({ rung: 2, least: [5, 5, 5], reached: 8 });
  });
});
