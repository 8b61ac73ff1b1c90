import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { generatePopulation } from "../../tests/page/generated-population.js";
import { handMadeStudy } from "../../tests/page/hand-made-study.js";
import type { EventBody } from "../core/events.js";
import { copiesOf, historyOf } from "../core/lineage.js";
import { float, type Params } from "../core/param.js";
import { applyEvent } from "../core/study-fold.js";
import { type StudyRecord } from "../core/study-record.js";
import type { Figure, ScatterTrace } from "./figure.js";
import { lineage } from "./lineage.js";
import { paramHistory } from "./param-history.js";

const scatters = (figure: Figure): ScatterTrace[] =>
  figure.data.filter(
    (trace): trace is ScatterTrace => trace.type === "scatter" || trace.type === "scattergl",
  );

/** The lines of a trace, each from its first to its last point. */
function linesOf(figure: Figure, name: string): number[][] {
  const trace = scatters(figure).find((each) => each.name === name);
  if (trace === undefined) return [];
  const lines: number[][] = [[]];
  for (const [index, x] of trace.x.entries()) {
    const y = trace.y[index] ?? null;
    if (x === null || y === null) lines.push([]);
    else lines.at(-1)?.push(x, y);
  }
  return lines.filter(({ length }) => length > 0);
}

/** Two trials of three steps; trial 1 goes on with trial 0's model of step 2, and reports step 3. */
function smallPopulation(space = { lr: float(0.01, 1, { log: true }) }): StudyRecord {
  const { study } = handMadeStudy(
    [
      { loss: [3, 2, 1], state: "running", params: { lr: 0.5 } },
      { loss: [9, 8, 7], state: "running", params: { lr: 0.02 } },
    ],
    { space, maxSteps: 4 },
  );
  const push = (event: EventBody): void => applyEvent(study, { ...event, time: study.updatedAt + 1 });
  const params: Params = { lr: 0.4 };
  const file = { path: "trial-0/2", digest: "d" };
  push({ type: "snapshot-saved", trial: 0, attempt: 1, step: 2, bytes: 1, ...file });
  push({ type: "exploited", trial: 1, parent: 0, step: 2, value: 2, ...file, params });
  push({ type: "reported", trial: 1, attempt: 1, step: 3, metrics: { loss: 0.5 } });
  return study;
}

describe("the plot of a param's history", () => {
  it("draws what lives on, what was given up, and the copy from the parent's value to the child's", () => {
    const figure = paramHistory.render({ study: smallPopulation(), reports: [] });
    expect(linesOf(figure, "part of a current model")).toEqual([
      [0, 0.5, 3, 0.5],
      [2, 0.4, 3, 0.4],
    ]);
    expect(linesOf(figure, "given up")).toEqual([[0, 0.02, 3, 0.02]]);
    expect(linesOf(figure, "copied")).toEqual([[2, 0.5, 2, 0.4]]);
    expect(figure.layout.yaxis).toMatchObject({ type: "log", title: { text: "lr" } });
  });

  it("draws on top how the best trial's model was trained, through its ancestors", () => {
    const { data } = paramHistory.render({ study: smallPopulation(), reports: [] });
    expect(data.slice(-2)).toMatchObject([
      { name: "how the best, trial 1, was trained", x: [0, 2, 2, 3], y: [0.5, 0.5, 0.4, 0.4] },
      { mode: "markers", x: [3], y: [0.4], marker: { symbol: "star" } },
    ]);
  });

  it("has a linear axis for a param that is not logarithmic", () => {
    const study = smallPopulation({ lr: float(0, 1) });
    expect(paramHistory.render({ study, reports: [] }).layout.yaxis?.type).toBe("linear");
  });

  it("shows choices by name, and escapes names from users", () => {
    const { study } = generatePopulation();
    const { data, layout } = paramHistory.render({ study, reports: [], params: ["<b>kind"] });
    expect(layout.yaxis).toMatchObject({
      title: { text: "&lt;b&gt;kind" },
      tickvals: [0, 1],
      ticktext: ["&lt;i&gt;", "plain"],
    });
    expect(JSON.stringify(data)).not.toMatch(/<b>kind|<i>/);
  });

  it("says what was changed at a copy", () => {
    const figure = paramHistory.render({ study: smallPopulation(), reports: [] });
    const copied = scatters(figure).find(({ name }) => name === "copied");
    expect(copied?.text?.[0]).toBe(
      "<b>trial 1</b> goes on with trial 0's model<br>of step 2, loss 2, instead of its own of step 3<br>lr 0.5 -&gt; 0.4",
    );
  });
});

describe("the plot of the lineage", () => {
  it("has one row per trial, and a line from the parent's row to the child's", () => {
    const figure = lineage.render({ study: smallPopulation(), reports: [] });
    expect(linesOf(figure, "part of a current model")).toEqual([
      [0, 0, 3, 0],
      [2, 1, 3, 1],
    ]);
    const [copy = []] = linesOf(figure, "copied");
    expect([copy[1], copy[2], copy[3]]).toEqual([0, 2, 1]);
    expect(copy[0]).toBeGreaterThan(1.5);
    expect(copy[0]).toBeLessThanOrEqual(2);
    expect(figure.layout.yaxis).toMatchObject({ range: [1.5, -0.5], tickvals: [0, 1] });
  });
});

describe.each([paramHistory, lineage])("$name", (plot) => {
  it("shows nothing for a study whose trials kept their models", () => {
    const { study } = handMadeStudy([{ loss: [1, 2] }]);
    expect(plot.render({ study, reports: [] })).toEqual({ data: [], layout: {} });
  });

  it("draws every step of every stage once, and every visible copy", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 500 }), fc.integer({ min: 2, max: 20 }), (seed, trials) => {
        const { study } = generatePopulation(seed, trials);
        if (copiesOf(study).length === 0) return;
        const figure = plot.render({ study, reports: [] });
        const length = (name: string): number =>
          linesOf(figure, name).reduce((sum, [from = 0, , to = 0]) => sum + to - from, 0);
        const trained = study.trials.reduce((sum, { inheritances, curve }) => {
          const starts = [0, ...inheritances.map(({ step }) => step)];
          const last = Math.max(curve.steps.at(-1) ?? 0, starts.at(-1) ?? 0);
          const ends = [...inheritances.map(({ at }) => at), last];
          return sum + ends.reduce((all, end, index) => all + end - (starts[index] ?? 0), 0);
        }, 0);
        expect(length("part of a current model") + length("given up")).toBe(trained);
        const copies = linesOf(figure, "copied").length + linesOf(figure, "copied, then given up").length;
        const changed = copiesOf(study).filter(({ copied, params }) => copied["lr"] !== params["lr"]);
        const isAboutLr = figure.layout.yaxis?.title.text === "lr";
        expect(copies).toBe(isAboutLr ? changed.length : copiesOf(study).length);
      }),
      { numRuns: 15 },
    );
  });

  it("draws with WebGL if there is much to draw", () => {
    const study = smallPopulation();
    expect(scatters(plot.render({ study, reports: [] }))[0]?.type).toBe("scatter");
    const source = { parent: 0, step: 2, value: 2, path: "trial-0/2", digest: "d" };
    for (let copies = 0; copies < 5000; copies++) {
      const params = { lr: copies % 2 === 0 ? 0.3 : 0.2 };
      applyEvent(study, { type: "exploited", trial: 1, ...source, params, time: study.updatedAt });
    }
    expect(scatters(plot.render({ study, reports: [] }))[0]?.type).toBe("scattergl");
  });
});

it("the plots of a population agree with its histories", () => {
  const { study } = generatePopulation();
  const figure = paramHistory.render({ study, reports: [] });
  const best = scatters(figure).at(-2);
  const number = Number(/trial (\d+)/.exec(best?.name ?? "")?.[1]);
  const history = historyOf(study, number);
  expect(best?.x).toEqual(history.flatMap(({ fromStep, toStep }) => [fromStep, toStep]));
  expect(best?.y).toEqual(history.flatMap(({ params }) => [params["lr"], params["lr"]]));
});
