import { describe, expect, it } from "vitest";
import { generateStudy } from "../../tests/page/generated-study.js";
import { handMadeStudy } from "../../tests/page/hand-made-study.js";
import type { Figure, ScatterTrace } from "./figure.js";
import { learningCurves } from "./learning-curves.js";

const scatters = (figure: Figure): ScatterTrace[] =>
  figure.data.filter(
    (trace): trace is ScatterTrace => trace.type === "scatter" || trace.type === "scattergl",
  );

function traceNamed(figure: Figure, name: string): ScatterTrace | undefined {
  return scatters(figure).find((trace) => trace.name === name);
}

describe("learning curves", () => {
  it("joins the curves of one fate into one trace with a gap after each", () => {
    const { study } = handMadeStudy([
      { loss: [4, 3, 2] },
      { loss: [5, 4], state: "stopped" },
      { loss: [6, 1] },
    ]);
    const figure = learningCurves.render({ study, reports: [] });
    const complete = traceNamed(figure, "complete (2)");
    expect(complete?.x).toEqual([1, 2, 3, null, 1, 2, null]);
    expect(complete?.y).toEqual([4, 3, 2, null, 6, 1, null]);
    expect(complete?.text?.[4]).toBe("<b>trial 2</b> (complete)<br>lr = 0.1");
    expect(traceNamed(figure, "stopped (1)")?.y).toEqual([5, 4, null]);
  });

  it("draws the best trial again on top, with a star at its end", () => {
    const { study } = handMadeStudy([{ loss: [4, 3] }, { loss: [5, 2] }, { loss: [1, 1], state: "stopped" }]);
    const figure = learningCurves.render({ study, reports: [] });
    expect(figure.data.slice(-2)).toMatchObject([
      { name: "best: trial 1", mode: "lines", y: [5, 2, null] },
      { mode: "markers", x: [2], y: [2], marker: { symbol: "star" } },
    ]);
  });

  it("ends a line where the value is not finite, and marks the last point before", () => {
    const { study } = handMadeStudy([
      { loss: [4, 3, Number.NaN, Number.POSITIVE_INFINITY], state: "failed" },
    ]);
    const figure = learningCurves.render({ study, reports: [] });
    expect(traceNamed(figure, "failed (1)")?.y).toEqual([4, 3, null]);
    expect(traceNamed(figure, "failed, diverged here")).toMatchObject({ x: [2], y: [3] });
  });

  it("shows single points as markers, since lines would not show them", () => {
    const { study } = handMadeStudy([{ loss: [4], state: "running" }]);
    const figure = learningCurves.render({ study, reports: [] });
    expect(traceNamed(figure, "running")).toMatchObject({ mode: "markers", x: [1], y: [4] });
  });

  it("has no data without trials, or if all of them only diverged", () => {
    const none = handMadeStudy([]);
    const diverged = handMadeStudy([{ loss: [Number.NaN, Number.NaN], state: "failed" }]);
    for (const { study } of [none, diverged]) {
      expect(learningCurves.render({ study, reports: [] }).data).toEqual([]);
    }
  });

  it("shows another metric on a linear axis without cutting anything", () => {
    const { study } = generateStudy({ goal: "accuracy", trials: 6, failShare: 0, divergeShare: 0 });
    const figure = learningCurves.render({ study, reports: [], metric: "loss" });
    const first = study.trials[0]?.curve.metrics.get("loss")?.[0];
    expect(traceNamed(figure, "complete (6)")?.y[0]).toBe(first);
    expect(figure.layout.yaxis?.title.text).toBe("loss");
    expect(figure.layout.yaxis?.range).toBeUndefined();
  });

  it("draws thousands with WebGL, every point once", () => {
    const { study } = generateStudy({
      trials: 2000,
      maxSteps: 25,
      stopping: false,
      failShare: 0,
      divergeShare: 0,
    });
    const figure = learningCurves.render({ study, reports: [] });
    const lines = scatters(figure).filter((trace) => trace.showlegend === false && trace.mode === "lines");
    expect(lines.map((trace) => trace.type)).toEqual(["scattergl"]);
    expect(lines[0]?.y.filter((value) => value !== null)).toHaveLength(50_000);
    expect(lines[0]?.y.filter((value) => value === null)).toHaveLength(2000);
  });

  it("escapes names from users, since Plotly interprets tags in labels", () => {
    const { study } = handMadeStudy([{ loss: [1, 2], params: { "<b>lr": "<a href='x'>&" } }]);
    const [trace] = scatters(learningCurves.render({ study, reports: [] }));
    expect(trace?.text?.[0]).toBe("<b>trial 0</b> (complete)<br>&lt;b&gt;lr = &lt;a href='x'&gt;&amp;");
  });
});
