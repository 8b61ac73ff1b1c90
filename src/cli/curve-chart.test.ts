import { describe, expect, it, vi } from "vitest";
import { handMadeStudy } from "../../tests/page/hand-made-study.js";
import { pictureDecision } from "../plots/decision-curves.js";
import { curveChart } from "./curve-chart.js";
import { isUnicodeLocale } from "./output.js";

const { study } = handMadeStudy(
  [{ loss: [4, 3, 2, 1] }, { loss: [5, 5, 5, 5] }, { loss: [4, 3], state: "stopped" }],
  { maxSteps: 4 },
);
const picture = pictureDecision(study, {
  trial: 2,
  step: 2,
  action: "stop",
  neighbours: [0, 1].map((trial) => ({ trial, distance: 1, performance: 1 })),
});

function chart(width: number, isUnicode: boolean): string[] {
  if (picture === undefined) throw new Error("no picture");
  return curveChart(picture, { width, isUnicode, direction: undefined })?.split("\n") ?? [];
}

describe("a chart of curves", () => {
  // 36 columns: 6 for the labels and their axis, 30 for steps 0 to 4, so that these are at 0, 7, 15, 22 and 29; the rows
  // 0 to 14 are the losses 5 to 1.
  it("puts points where they belong, and lines between them", () => {
    const lines = chart(36, false);
    expect(lines[0]).toBe("     loss by step");
    const rows = lines.slice(1, 16).map((line) => line.slice(6));
    expect(rows[0]?.trimEnd()).toBe(`${" ".repeat(7)}${"b".repeat(23)}`);
    expect(rows[14]?.[29]).toBe("a");
    // Loss 3 at step 2 is half way up; the trial's own sign hides its neighbour's and the broken line.
    expect(rows[7]?.[15]).toBe("*");
    expect(rows[10]?.[15]).toBe(":");
    expect(rows.join("\n").match(/\*/g)?.length).toBe(9);
    expect(lines[1]).toMatch(/^ {3}5 \+/);
    expect(lines[15]).toMatch(/^ {3}1 \+/);
    expect(lines[17]).toBe("      0      1       2      3      4");
    expect(lines.slice(18)).toEqual([
      "  * trial 2, stopped at loss 3",
      "  a trial 0 ended at loss 1",
      "  b trial 1 ended at loss 5",
      "  : stop at step 2",
    ]);
  });

  it("draws finer lines where Unicode is shown, with a letter in each", () => {
    const lines = chart(60, true);
    const rows = lines.slice(1, 16).join("\n");
    expect(rows).toMatch(/[\u2801-\u28ff]/);
    for (const letter of ["a", "b", "●", "┊"]) expect(rows).toContain(letter);
  });

  it.each([36, 60, 100])("keeps within %d columns, and writes ASCII alone without Unicode", (width) => {
    for (const isUnicode of [true, false]) {
      for (const line of chart(width, isUnicode)) expect(line.length).toBeLessThanOrEqual(width);
    }
    expect(chart(width, false).join("\n")).toMatch(/^[\n\u0020-\u007e]*$/);
  });

  it("grows to 100 columns and no further, and shows nothing where there is no room", () => {
    expect(Math.max(...chart(500, false).map(({ length }) => length))).toBe(100);
    expect(chart(35, false)).toEqual([]);
  });

  it("draws one flat point", () => {
    const made = handMadeStudy([{ loss: [2], state: "stopped" }]);
    const flat = pictureDecision(made.study, { trial: 0, step: 1, action: "stop" });
    if (flat === undefined) throw new Error("no picture");
    const text = curveChart(flat, { width: 40, isUnicode: false, direction: "minimize" });
    expect(text?.split("\n").slice(1, 16).join("").match(/\*/g)).toHaveLength(1);
  });
});

describe("isUnicodeLocale", () => {
  it.each([
    [{ LC_ALL: "", LC_CTYPE: "", LANG: "de_DE.UTF-8" }, true],
    [{ LC_ALL: "C", LC_CTYPE: "", LANG: "de_DE.UTF-8" }, false],
    [{ LC_ALL: "", LC_CTYPE: "en_US.utf8", LANG: "C" }, true],
    [{ LC_ALL: "", LC_CTYPE: "", LANG: "POSIX" }, false],
  ])("of %j is %s", (environment, expected) => {
    for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
    expect(isUnicodeLocale()).toBe(expected);
    vi.unstubAllEnvs();
  });
});
