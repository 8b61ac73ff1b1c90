import { describe, expect, it } from "vitest";
import { type HandMadeTrial, handMadeStudy } from "../../tests/page/hand-made-study.js";
import type { Direction } from "../core/goal.js";
import type { Study } from "../core/study.js";
import { edf } from "./index.js";

const ended = (value: number): HandMadeTrial => ({ loss: [9, value, value, value] });
const studyOf = (trials: readonly HandMadeTrial[], direction: Direction = "minimize"): Study =>
  handMadeStudy(trials, { direction }).study;
const linesOf = (study: Study, ...against: readonly Study[]) =>
  edf
    .render({ study, reports: [], against: against.map((each) => ({ study: each, reports: [] })) })
    .data.flatMap((trace) =>
      trace.type === "scatter" ? [{ name: trace.name, x: trace.x, y: trace.y }] : [],
    );

describe("the distribution of final values", () => {
  it("counts how many trials are at least as good, equal ones at once", () => {
    const [line] = linesOf(studyOf([3, 1, 2, 2].map(ended)));
    expect(line).toEqual({ name: "by hand (4 trials)", x: [1, 1, 2, 3], y: [0, 0.25, 0.75, 1] });
  });

  it("counts from the greatest value down if more is better", () => {
    const [line] = linesOf(studyOf([3, 1, 2].map(ended), "maximize"));
    expect(line?.x).toEqual([3, 3, 2, 1]);
    expect(line?.y).toEqual([0, 1 / 3, 2 / 3, 1]);
  });

  it("lets failed and diverged trials be worse than any value", () => {
    const trials = [ended(1), ended(Number.NaN), { ...ended(2), state: "failed" as const }, ended(4)];
    expect(linesOf(studyOf(trials))[0]?.y).toEqual([0, 0.25, 0.5]);
  });

  it("counts trials that were cut short by their forecasts, and says so", () => {
    const [line] = linesOf(studyOf([ended(1), ended(2), { loss: [9, 3], state: "stopped" }]));
    expect(line?.name).toBe("by hand (3 trials, 1 forecast)");
    expect(line?.y.at(-1)).toBe(1);
  });

  it("has a line for each study that has a value", () => {
    expect(linesOf(studyOf([ended(1)]), studyOf([ended(2)]), studyOf([])).map(({ x }) => x)).toEqual([
      [1, 1],
      [2, 2],
    ]);
    expect(linesOf(studyOf([]))).toEqual([]);
  });
});
