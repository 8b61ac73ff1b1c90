import { describe, expect, it } from "vitest";
import { foreignFromCsv } from "./read-csv.js";
import { foreignFromJsonLines } from "./read-json-lines.js";

const reading = (params?: readonly string[]) => ({
  name: "t",
  goal: { metric: "loss", direction: "minimize" } as const,
  params,
});
const read = (lines: readonly string[], params?: readonly string[]) =>
  foreignFromJsonLines(lines.join("\n"), "t.jsonl", reading(params));

describe("a file of JSON lines", () => {
  it("is the study that the same table in CSV is", () => {
    const csv = foreignFromCsv(
      "run,epoch,lr,kind,loss,acc\n7,1,0.5,a,2,0.1\n7,2,0.5,a,1.5,nan\n9,1,0.1,b,,\n",
      "t.csv",
      reading(["lr", "kind"]),
    );
    const json = read(
      [
        '{"run":7,"epoch":1,"lr":0.5,"kind":"a","loss":2,"acc":0.1}',
        '{"run":7,"epoch":2,"lr":0.5,"kind":"a","loss":1.5,"acc":NaN}',
        "",
        '{"run":9,"epoch":1,"lr":0.1,"kind":"b","loss":null}',
      ],
      ["lr", "kind"],
    );
    expect(json).toEqual({ ...csv, tool: "jsonl" });
    expect(json.trials.map(({ state, reports }) => [state, reports.map(({ step }) => step)])).toEqual([
      ["complete", [1, 2]],
      ["failed", []],
    ]);
  });

  it("keeps the kinds of values, those of lists and null within params too", () => {
    const { trials } = read(['{"params":{"size":"1","layers":[64,64],"decay":null,"amp":true},"loss":1}']);
    expect(trials[0]?.params).toEqual({ size: "1", layers: [64, 64], decay: null, amp: true });
  });

  it("may have the reports of a trial under `curve`", () => {
    const { trials } = read([
      '{"state":"paused","params":{"x":1},"curve":[{"step":1,"loss":3},{"step":2,"loss":"Infinity"}]}',
      '{"state":"waiting","params":{"x":2},"curve":[]}',
      '{"state":"complete","params":{"x":3},"curve":[{"step":1,"loss":4}]}',
    ]);
    expect(trials.map(({ state, params, reports }) => [state, params["x"], reports])).toEqual([
      [
        "paused",
        1,
        [
          { step: 1, metrics: { loss: 3 } },
          { step: 2, metrics: { loss: Number.POSITIVE_INFINITY } },
        ],
      ],
      ["waiting", 2, []],
      ["complete", 3, [{ step: 1, metrics: { loss: 4 } }]],
    ]);
  });

  it.each([
    ['{"x":1,"loss":2', "t.jsonl: line 3: "],
    ["[1]", "t.jsonl: line 3 is not a JSON object"],
    ['{"x":1,"__proto__":{},"loss":1}', "t.jsonl: line 3: the name __proto__"],
  ])("is refused with the line that is wrong: %s", (line, message) => {
    expect(() => read(['{"x":1,"loss":2}', "", line])).toThrow(
      expect.objectContaining({ code: "IMPORT_INVALID", message: expect.stringContaining(message) }),
    );
  });

  it.each([
    [[], "IMPORT_EMPTY"],
    [['{"x":1}'], "COLUMN_UNKNOWN"],
  ])("is refused without rows or without the goal: %j", (lines, code) => {
    expect(() => read(lines)).toThrow(expect.objectContaining({ code }));
  });
});

describe("a column called run", () => {
  it("is a param where it is named as one", () => {
    const { trials } = foreignFromCsv("run,loss\n3,1\n3,2\n", "t.csv", reading(["run"]));
    expect(trials.map(({ params }) => params)).toEqual([{ run: 3 }, { run: 3 }]);
  });
});
