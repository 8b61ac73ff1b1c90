import { describe, expect, it } from "vitest";
import { generatePopulation } from "../../tests/page/generated-population.js";
import { generateStudy, reported } from "../../tests/page/generated-study.js";
import { handMadeStudy } from "../../tests/page/hand-made-study.js";
import { copiesOf, historyOf } from "../core/lineage.js";
import { choice, fixed } from "../core/param.js";
import { applyEvent } from "../core/study-fold.js";
import { paramsByImportance } from "../plots/index.js";
import { stepsToCommonBest } from "./comparison-section.js";
import { formatCount, formatDuration, formatShare } from "./format.js";
import { renderReport } from "./render-report.js";
import { reportLog } from "./report-log.js";
import { plottedStudy } from "./study-section.js";
import { studyFigures } from "./study-summary.js";
import { tableData } from "./trial-rows.js";

const generatedAt = Date.UTC(2025, 2, 3, 10);
const MEGABYTE = 1e6;

/** The report without Plotly and its other scripts. */
function ownPart(report: string): string {
  return report.slice(0, report.indexOf("<script>"));
}

/** What the visible part says, without tags. */
function textOf(report: string): string {
  const body = report.slice(report.indexOf("<body>"), report.indexOf('<script type="application/json"'));
  return body.replaceAll(/<[^>]*>/g, " ").replaceAll(/\s+/g, " ");
}

describe("the report", () => {
  it("says what matters first", () => {
    const { study, events } = handMadeStudy([
      { loss: [4, 3, 2, 1.5] },
      { loss: [5, 4], state: "stopped" },
      { loss: [6], state: "failed" },
    ]);
    const text = textOf(renderReport({ ...reported({ study, events }), generatedAt }));
    for (const part of [
      "by hand",
      "Best loss 1.5 trial 0",
      "Steps spent 7",
      "Steps saved 2 22 % of the 9",
      "3 trials",
      "1 complete",
      "1 stopped",
      "1 failed",
      "lr 0.1",
      "exit code 1",
      "out of memory",
      "Made by Curvewise on 2025-03-03 10:00 UTC",
    ]) {
      expect(text).toContain(part);
    }
  });

  it("asks nothing of a network and is the same each time", () => {
    const { study, events } = generateStudy({ trials: 30 });
    const report = renderReport({ ...reported({ study, events }), generatedAt });
    expect(ownPart(report)).not.toMatch(/(src|href)="(?!data:,")|url\(|@import|https?:/);
    expect(report).toContain("default-src 'none'");
    expect(renderReport({ ...reported({ study, events }), generatedAt })).toBe(report);
  });

  it("has exactly its own script elements, whatever users wrote", () => {
    const hostile = `</script><script>alert(1)</script><!--<img src=x onerror=alert(2)>`;
    const { study, events } = generateStudy({
      name: hostile,
      trials: 20,
      failShare: 0.5,
      failure: hostile,
      output: [hostile, "]]>"],
      space: { "lr</script>": choice([hostile, "b"]) },
    });
    const note = { type: "note", code: "NOTE", message: hostile, hint: hostile, time: generatedAt } as const;
    applyEvent(study, note);
    const report = renderReport({ ...reported({ study, events: [...events, note] }), generatedAt });
    expect(report.match(/<script/g)).toHaveLength(5);
    expect(report.match(/<\/script>/g)).toHaveLength(5);
    expect(report).not.toContain("<img");
    expect(report).not.toContain(hostile);
    expect(report).toContain("&lt;img src=x onerror=alert(2)&gt;");
  });

  it.each([
    ["no trials", { trials: 0 }, "none yet"],
    ["only failed trials", { trials: 5, failShare: 1 }, "5 failed"],
    ["one trial", { trials: 1, failShare: 0, divergeShare: 0 }, "1 trial "],
    ["only diverged trials", { trials: 4, failShare: 0, divergeShare: 1, stopping: false }, "4 complete"],
    ["a goal to maximise", { trials: 20, goal: "accuracy" }, "maximize accuracy"],
  ] as const)("works for %s", (_, options, expected) => {
    const made = generateStudy(options);
    expect(textOf(renderReport({ ...reported(made), generatedAt }))).toContain(expected);
  });

  it("shows a population's plots, its best model's history, and its exploits, newest first", () => {
    const { study, events } = generatePopulation();
    const report = renderReport({ ...reported({ study, events }), generatedAt });
    const text = textOf(report);
    const copies = copiesOf(study, events);
    const best = studyFigures(study).best?.trial.number ?? -1;
    const history = historyOf(study, best);
    expect(text).toContain(" Population Param lr &lt;b&gt;kind A param over steps ");
    expect(text).toContain(`How the model of trial ${best}, the best, was trained after step to by trial`);
    for (const { fromStep, toStep, trial } of history)
      expect(text).toContain(`${fromStep} ${toStep} ${trial} `);
    expect(text).toContain(`${copies.length} exploits, the newest first`);
    const newest = copies.at(-1);
    const row = `UTC ${newest?.child} ${newest?.at} ${newest?.reached ?? "-"} ${newest?.parent} ${newest?.step} `;
    expect(text.indexOf(row)).toBeGreaterThan(text.indexOf("the newest first"));
    const failed = events.filter(({ type }) => type === "exploit-failed").length;
    expect(failed).toBeGreaterThan(0);
    expect(text).toContain(`${failed} more could not be carried out`);
    expect(ownPart(report)).not.toContain("<b>kind");
    const rows = tableData(study, reportLog(study, events)).rows;
    const heirs = rows.filter(({ details }) => details?.facts.some(([name]) => name === "exploits"));
    expect(heirs).toHaveLength(study.trials.filter(({ inheritances }) => inheritances.length > 0).length);
  });

  it("has no section on populations for a study without one", () => {
    const text = textOf(renderReport({ ...reported(generateStudy({ trials: 5 })), generatedAt }));
    expect(text).not.toMatch(/Population|exploits/);
  });

  it("offers every metric, the goal's first", () => {
    const report = renderReport({ ...reported(generateStudy({ trials: 5, goal: "accuracy" })), generatedAt });
    expect(report).toContain('<option value="0">accuracy</option><option value="1">loss</option>');
    const alone = renderReport({ ...reported(generateStudy({ trials: 5 })), generatedAt });
    expect(ownPart(alone)).not.toContain("<label>Metric");
  });

  it("has slices and pairs of params, the most important first, and no such section without params", () => {
    const made = generateStudy({ trials: 60 });
    const text = ownPart(renderReport({ ...reported(made), generatedAt }));
    const names = paramsByImportance(made.study);
    expect(text).toContain(`<option value="0">${names[0]}</option>`);
    expect(text).toContain(`<option value="0">${names[0]} and ${names[1]}</option>`);
    for (const plot of ["importance", "slice", "contour"]) expect(text).toContain(`data-plot="${plot}"`);
    const { study, events } = handMadeStudy([{ loss: [1], params: { lr: 1 } }], { space: { lr: fixed(1) } });
    expect(textOf(renderReport({ ...reported({ study, events }), generatedAt }))).not.toContain(
      "Params Slice",
    );
  });

  it("shows the front of metrics if they are named", () => {
    const made = reported(generateStudy({ trials: 40, goal: "accuracy" }));
    const goals = [
      { metric: "loss", direction: "minimize" },
      { metric: "accuracy", direction: "maximize" },
    ] as const;
    const report = ownPart(renderReport({ ...made, goals, generatedAt }));
    for (const plot of ["pareto", "hypervolume"]) expect(report).toContain(`data-plot="${plot}"`);
    expect(ownPart(renderReport({ ...made, generatedAt }))).not.toContain('data-plot="pareto"');
    const unknown = [...goals, { metric: "latency", direction: "minimize" } as const];
    expect(() => renderReport({ ...made, goals: unknown, generatedAt })).toThrow(/latency/);
  });

  it("stays small: 5,000 trials of 50 points in 5 MB beside Plotly", () => {
    const empty = renderReport({ ...reported(generateStudy({ trials: 0 })), generatedAt }).length;
    const made = generateStudy({ trials: 5000, maxSteps: 50, stopping: false });
    expect(empty).toBeLessThan(5.2 * MEGABYTE);
    expect(renderReport({ ...reported(made), generatedAt }).length - empty).toBeLessThan(5 * MEGABYTE);
  });

  it("says what it leaves out of a large study, and leaves nothing out of a small one", () => {
    const large = generateStudy({ trials: 6000, maxSteps: 3, failShare: 0.01, divergeShare: 0 });
    const report = renderReport({ ...reported(large), generatedAt });
    const text = textOf(report);
    const count = (number: number): string => formatCount(number).replaceAll(/\s/g, " ");
    const curves = count(large.study.trials.filter(({ curve }) => curve.metrics.has("loss")).length);
    expect(text).toContain(
      `${count(2000)} of ${curves} curves are drawn: the 500 best and others evenly spaced over the study.`,
    );
    expect(text).toContain(`${count(4000)} of ${curves} trials are drawn: the ${count(1000)} best`);
    expect(text).toContain(
      `All ${count(6000)} trials are in the table; ${count(2000)} have their details here`,
    );
    const small = textOf(renderReport({ ...reported(generateStudy({ trials: 60 })), generatedAt }));
    expect(small).not.toMatch(/are drawn|have their details/);
  });

  it("compares studies with one goal, and refuses different ones", () => {
    const random = generateStudy({ name: "random", stopping: false, totalSteps: 300, seed: 3 });
    const lcm = generateStudy({ name: "lcm", totalSteps: 300, trials: 1000 });
    const report = renderReport({ ...reported(random), comparison: [reported(lcm)], generatedAt });
    expect(textOf(report)).toContain("random and lcm");
    expect(report.match(/<details class="study">/g)).toHaveLength(2);
    const other = generateStudy({ name: "other", goal: "accuracy" });
    expect(() => renderReport({ ...reported(random), comparison: [reported(other)], generatedAt })).toThrow(
      expect.objectContaining({ code: "REPORT_INVALID" }),
    );
  });
});

describe("the figures of a study", () => {
  it("count as saved only what stopping and pausing left out", () => {
    const { study } = handMadeStudy([
      { loss: [3, 2, 1, 1] },
      { loss: [5], state: "stopped" },
      { loss: [6], state: "failed" },
      { loss: [4, 3], state: "running" },
    ]);
    expect(studyFigures(study)).toMatchObject({ spent: 8, saved: 3, trials: 4 });
  });

  it("tell when each study reached the best value that all of them reached", () => {
    const slow = handMadeStudy([{ loss: [9, 8] }, { loss: [9, 5] }]);
    const quick = handMadeStudy([{ loss: [9, 4] }, { loss: [9, 3] }]);
    expect(stepsToCommonBest([slow, quick].map(reported).map(plottedStudy))).toEqual([4, 2]);
    const none = handMadeStudy([{ loss: [1], state: "stopped" }]);
    expect(stepsToCommonBest([slow, none].map(reported).map(plottedStudy))).toEqual([undefined, undefined]);
  });
});

describe("the rows of trials", () => {
  it("explain a decision with its numbers and neighbours", () => {
    const { study, events } = generateStudy({ trials: 60 });
    const log = reportLog(study, events);
    const { rows } = tableData(study, log);
    const stopped = rows.filter(({ state }) => state === "stopped");
    expect(stopped.length).toBeGreaterThan(10);
    for (const { number, details } of stopped) {
      const decision = details?.decision;
      const explanation = log.decisions.get(number)?.explanation;
      expect(decision?.action).toBe("stop");
      expect(decision?.reason).toBe(explanation?.reason);
      expect(decision?.values[0]).toEqual(["prediction", explanation?.values["prediction"]]);
      expect(decision?.neighbours.map(([trial]) => trial)).toEqual(
        explanation?.neighbours?.map(({ trial }) => trial),
      );
    }
  });

  it("hold what JSON cannot as words, and absent params as null", () => {
    const { study } = handMadeStudy([{ loss: [Number.NEGATIVE_INFINITY], params: {} }]);
    expect(tableData(study, reportLog(study, [])).rows[0]?.cells).toEqual([
      0,
      "complete",
      "-Infinity",
      1,
      2,
      null,
    ]);
  });
});

describe("formats", () => {
  it("are those that people read", () => {
    expect([0.42, 12.4, 200, 7500, 273_600].map(formatDuration)).toEqual([
      "0.4 s",
      "12 s",
      "3 min 20 s",
      "2 h 5 min",
      "3 d 4 h",
    ]);
    expect([0, 999, 1234, 1_234_567].map(formatCount)).toEqual([
      "0",
      "999",
      "1\u2009234",
      "1\u2009234\u2009567",
    ]);
    expect([0, 0.004, 0.53, 1].map(formatShare)).toEqual(["0 %", "0.4 %", "53 %", "100 %"]);
  });
});
