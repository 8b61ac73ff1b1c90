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

  it("has a row per trial", () => {
    expect([...trialRows(study())]).toEqual([
      "number,state,value,step,lr,kind,param.step,loss,metric.lr",
      '0,complete,NaN,3,0.5,"a""b",,NaN,0.25',
      '1,waiting,,0,1,"c,d",2,,',
    ]);
  });

  it("has a row per report", () => {
    expect([...reportRows(study())]).toEqual([
      "number,state,step,lr,kind,param.step,loss,metric.lr",
      '0,complete,1,0.5,"a""b",,2,',
      '0,complete,3,0.5,"a""b",,NaN,0.25',
    ]);
  });
});
