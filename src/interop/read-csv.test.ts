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

describe("a table of 200,000 rows", () => {
  const places = Array.from({ length: 200_000 }, (_, place) => place);

  it("may have as many trials, some of which lack a param", () => {
    const lines = places.map((place) => (place % 10 === 0 ? `${place / 8},1,,1` : `${place / 8},2,3,1`));
    const { space, trials } = read(["lr,layers,depth,loss", ...lines]);
    expect(trials).toHaveLength(places.length);
    expect(space["lr"]).toMatchObject({ kind: "float", low: 0, high: 24_999.875 });
    expect(space["depth"]).toMatchObject({ when: { layers: { min: 2 } } });
  }, 60_000);

  it("may be the curve of one trial", () => {
    const { trials } = read(["number,step,lr,loss", ...places.map((place) => `0,${place + 1},0.5,${place}`)]);
    expect(trials[0]?.reports.at(-1)).toEqual({ step: places.length, metrics: { loss: places.length - 1 } });
  }, 60_000);
});

describe("a CSV file", () => {
  it("is refused where several columns have a name", () => {
    expect(() => read(["lr,loss,lr", "1,2,3"])).toThrow(
      refusalOf('t.csv: several columns are called "lr"', "name of its own"),
    );
  });

  it("is refused where a column is called __proto__", () => {
    expect(() => read(["lr,loss,__proto__", "1,2,3"])).toThrow(
      refusalOf("t.csv: a column is called __proto__", "another name"),
    );
  });

  it("is refused where no value of the goal is a number", () => {
    expect(() => read(["lr,loss", "1,", '2,"0,5"', '3,"0,25"'])).toThrow(
      refusalOf('t.csv: no value in the column "loss" is a number: "0,5" at line 3', "decimal point"),
    );
  });

  it("has a warning for values of the goal that are not numbers", () => {
    const { trials, warnings } = read(["lr,loss", "1,n/a", "2,0.5", "3,"]);
    expect(trials.map(({ state }) => state)).toEqual(["failed", "complete", "failed"]);
    expect(warnings).toContain(
      'The column "loss" has 1 cell without a number, such as "n/a" at line 2: left out.',
    );
  });

  it.each(["constructor", "__proto__", "toString"])("has no state for the word %s", (word) => {
    expect(read(["lr,state,loss", `1,${word},2`, `2,${word},`]).trials.map(({ state }) => state)).toEqual([
      "complete",
      "failed",
    ]);
  });

  it("may name its goal as JavaScript names what all objects have", () => {
    const goal = { metric: "constructor", direction: "minimize" } as const;
    const text = "lr,other,constructor\n1,2,\n";
    const { trials } = foreignFromCsv(text, "t.csv", { name: "t", goal, params: ["lr"] });
    expect(trials.map(({ state }) => state)).toEqual(["failed"]);
  });
});
