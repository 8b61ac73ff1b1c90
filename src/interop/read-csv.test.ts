import { describe, expect, it } from "vitest";
import { foreignFromCsv } from "./read-csv.js";

const read = (lines: readonly string[], params?: readonly string[]) =>
  foreignFromCsv(lines.join("\n"), "t.csv", {
    name: "t",
    goal: { metric: "loss", direction: "minimize" },
    params,
  });
const refusalOf = (message: string, hint: string) =>
  expect.objectContaining({ code: "IMPORT_INVALID", message, hint: expect.stringContaining(hint) });

describe("a row of a CSV file", () => {
  it.each([
    ["", 'line 3: nothing is in the column "step"'],
    ['"1,5"', 'line 3: "1,5" in the column "step" is not a step'],
    ["1.5", 'line 3: "1.5" in the column "step" is not a step'],
    ["-1", 'line 3: "-1" in the column "step" is not a step'],
    ["nan", 'line 3: "nan" in the column "step" is not a step'],
    ["1", "line 3 is another row of the same trial for step 1"],
  ])("is refused with its line for the step %j", (step, message) => {
    expect(() => read(["number,step,lr,loss", "0,1,0.5,2", `0,${step},0.5,3`])).toThrow(
      refusalOf(`t.csv: ${message}`, "column"),
    );
  });

  it("is refused where a trial has several and no column has their steps", () => {
    expect(() => read(["number,lr,loss", "0,0.5,2", "1,0.5,2", "0,0.5,3"])).toThrow(
      refusalOf("t.csv: line 4 is another row of the same trial, and no column has its step", "column"),
    );
  });

  it("needs no step if it has no metric", () => {
    const { trials } = read(["number,step,lr,loss", "0,0,0.5,2", "0,,0.5,", "1,,0.5,"]);
    expect(trials.map(({ state, reports }) => ({ state, reports }))).toEqual([
      { state: "complete", reports: [{ step: 0, metrics: { loss: 2 } }] },
      { state: "failed", reports: [] },
    ]);
  });
});
