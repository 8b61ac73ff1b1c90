import { describe, expect, it } from "vitest";
import { isCurvewiseError } from "../core/errors.js";
import { parseRecordedCurves } from "./recorded-curves.js";

const curves = [
  { config: { rate: 0.1, kind: "a" }, loss: [3, 2, 1], note: "ignored" },
  { config: { rate: 0.2, kind: null }, loss: [4, null, "NaN"] },
];
const file = { task: "t", metric: "loss", direction: "min", unit: "epoch", curves };

function problemOf(json: unknown): string {
  try {
    parseRecordedCurves(json, "t.json");
  } catch (error) {
    if (isCurvewiseError(error) && error.code === "CURVES_INVALID" && error.hint !== undefined)
      return error.message;
    throw error;
  }
  throw new Error("it was not refused");
}

describe("recorded curves", () => {
  it("are read with null as a diverged point, and params that are null left out", () => {
    const read = parseRecordedCurves(file, "t.json");
    expect({ ...read, curves: read.curves.map((curve) => [...curve]) }).toEqual({
      task: "t",
      metric: "loss",
      direction: "minimize",
      unit: "epoch",
      configurations: [{ rate: 0.1, kind: "a" }, { rate: 0.2 }],
      curves: [
        [3, 2, 1],
        [4, Number.NaN, Number.NaN],
      ],
    });
  });

  it("lose their first point if the unit says that it belongs to the untrained model", () => {
    const lengthWith = (unit: string) => parseRecordedCurves({ ...file, unit }, "t").curves[0]?.length;
    expect(lengthWith("evaluation (51 per run, 0..10000 steps)")).toBe(2);
    expect(lengthWith("epochs 10..20")).toBe(3);
    expect(lengthWith("part of 1.0..2.0")).toBe(3);
    expect(parseRecordedCurves({ ...file, unit: undefined }, "t").unit).toBe("step");
  });

  it("may have a metric that is maximized", () => {
    expect(parseRecordedCurves({ ...file, direction: "max" }, "t").direction).toBe("maximize");
  });

  it.each([
    [[], "t.json: these are not recorded curves: Invalid input: expected object, received array"],
    [{ ...file, direction: "up" }, /these are not recorded curves at direction: /],
    [{ ...file, curves: [] }, "t.json: these are not recorded curves at curves: there are no curves"],
    [{ ...file, metric: "accuracy" }, 't.json: curve 1 has no "accuracy"'],
    [{ ...file, metric: "config" }, 't.json: a metric cannot be called "config"'],
    [
      { ...file, curves: [{ config: {}, loss: [1, "x"] }] },
      't.json: "loss"[1] of curve 1 is neither a number nor null',
    ],
    [{ ...file, curves: [{ config: {}, loss: [] }] }, "t.json: curve 1 has no points"],
    [{ ...file, unit: "0..10", curves: [{ config: {}, loss: [1] }] }, "t.json: curve 1 has no points"],
    [
      { ...file, unit: "0..10", curves: [...curves, { config: {}, loss: [1, 2] }] },
      "t.json: curve 3 has 2 points, but curve 1 has 3",
    ],
    [{ ...file, curves: [{ config: {}, loss: [null] }] }, "t.json: no curve has a single number"],
    [{ ...file, curves: [{ config: "a", loss: [1] }] }, /at curves\.0\.config: /],
  ])("that cannot be read are refused with the place of the error: %#", (json, message) => {
    expect(problemOf(json)).toMatch(message);
  });
});
