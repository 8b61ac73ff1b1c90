import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { StudyEvent } from "../core/events.js";
import { choice, float } from "../core/param.js";
import type { Study } from "../core/study.js";
import { applyEvent, beginStudy } from "../core/study-fold.js";
import { csvRow, reportRows, trialRows } from "./csv.js";

/** A reader of RFC 4180 by a state machine, independent of the writer. */
function readCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  let cell = "";
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const letter = text[i];
    if (quoted) {
      if (letter !== '"') cell += letter;
      else if (text[i + 1] === '"') {
        cell += '"';
        i += 1;
      } else quoted = false;
    } else if (letter === '"') quoted = true;
    else if (letter === "," || letter === "\n") {
      rows.at(-1)?.push(cell);
      cell = "";
      if (letter === "\n") rows.push([]);
    } else cell += letter;
  }
  rows.at(-1)?.push(cell);
  return rows;
}

function study(): Study {
  const events: StudyEvent[] = [
    {
      type: "study-created",
      time: 1,
      definition: {
        name: "s",
        goal: { metric: "loss", direction: "minimize" },
        space: {
          lr: float(0, 1),
          kind: choice(['a"b', "c,d"]),
          step: choice([1, 2], { when: { kind: "c,d" } }),
        },
        constraints: [],
        sampler: { name: "random", options: {} },
        scheduler: { name: "none", options: {} },
        budget: {},
        seed: 1,
        retries: 0,
      },
    },
    { type: "trial-asked", time: 2, trial: 0, params: { lr: 0.5, kind: 'a"b' }, seed: 3, sampler: "random" },
    { type: "attempt-started", time: 3, trial: 0, attempt: 1, worker: "w", fromStep: 0 },
    { type: "reported", time: 4, trial: 0, attempt: 1, step: 1, metrics: { loss: 2 } },
    { type: "reported", time: 5, trial: 0, attempt: 1, step: 3, metrics: { loss: Number.NaN, lr: 0.25 } },
    { type: "finished", time: 6, trial: 0, attempt: 1, state: "complete" },
    {
      type: "trial-asked",
      time: 7,
      trial: 1,
      params: { lr: 1, kind: "c,d", step: 2 },
      seed: 3,
      sampler: "random",
    },
  ];
  const [first, ...rest] = events;
  if (first === undefined) throw new Error("no events");
  const record = beginStudy(first);
  for (const event of rest) applyEvent(record, event);
  return record;
}

describe("csv", () => {
  it("reads back as what was written", () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.string({ unit: "binary" }), { minLength: 2 }), { minLength: 1 }),
        (rows) => {
          expect(readCsv(rows.map(csvRow).join("\n"))).toEqual(rows);
        },
      ),
    );
  });

  it("defuses what a spreadsheet would run, if asked to, and no numbers", () => {
    const texts = [
      "=1+1",
      "+a",
      "-a",
      "@a",
      "\ta",
      "\ra",
      "\na",
      "\uFF1D1",
      "-1.5",
      "+2",
      "-1e-7",
      "a=1",
      "",
      "'=",
    ];
    const record = study();
    const [trial] = record.trials;
    if (trial === undefined) throw new Error("no trial");
    const cells = (formulas: boolean): string[] =>
      texts.map((kind) => {
        const trials = [{ ...trial, params: { lr: -0.5, kind } }];
        const [, row = ""] = [...trialRows({ ...record, trials }, { formulas })];
        return readCsv(row)[0]?.[5] ?? "";
      });
    expect(cells(true)).toEqual(texts);
    expect(cells(false)).toEqual(texts.map((text, index) => (index < 8 ? `'${text}` : text)));
    const metrics = new Map([["=cmd", [-1, -2]]]);
    const named = { ...record, trials: [{ ...trial, curve: { steps: [1, 2], metrics } }] };
    const rows = [trialRows, reportRows].map((write) => [...write(named, { formulas: false })]);
    expect(rows.map(([head]) => head?.split(",").at(-1))).toEqual(["'=cmd", "'=cmd"]);
    expect(rows.map((lines) => lines.at(-1)?.split(",").at(-1))).toEqual(["-2", "-2"]);
  });

  it("writes null, lists and mappings as JSON, and nothing where a param is off", () => {
    const record = study();
    const trials = record.trials.map((trial) => ({ ...trial, params: { lr: null, kind: [1, { a: "b" }] } }));
    const [, row = ""] = [...trialRows({ ...record, trials }, { formulas: false })];
    expect(readCsv(row)[0]?.slice(4, 7)).toEqual(["null", '[1,{"a":"b"}]', ""]);
  });

  it("has a row per trial", () => {
    expect([...trialRows(study(), { formulas: true })]).toEqual([
      "number,state,value,step,lr,kind,param.step,loss,metric.lr",
      '0,complete,NaN,3,0.5,"a""b",,NaN,0.25',
      '1,waiting,,0,1,"c,d",2,,',
    ]);
  });

  it("has a row per report", () => {
    expect([...reportRows(study(), { formulas: true })]).toEqual([
      "number,state,step,lr,kind,param.step,loss,metric.lr",
      '0,complete,1,0.5,"a""b",,2,',
      '0,complete,3,0.5,"a""b",,NaN,0.25',
    ]);
  });
});
