import { describe, expect, it } from "vitest";
import { generatePopulation } from "../../tests/page/generated-population.js";
import { generateStudy } from "../../tests/page/generated-study.js";
import { handMadeStudy } from "../../tests/page/hand-made-study.js";
import { bestTrial } from "../core/best-trial.js";
import type { MetricGoal } from "../core/goal.js";
import { lineage, paramHistory, plots } from "./index.js";

const GOALS: readonly MetricGoal[] = [
  { metric: "loss", direction: "minimize" },
  { metric: "accuracy", direction: "maximize" },
];

describe("the registry of plots", () => {
  it("lists every plot under its own name", () => {
    expect(Object.keys(plots)).toEqual([
      "learning-curves",
      "best-so-far",
      "edf",
      "parallel-coordinates",
      "importance",
      "slice",
      "contour",
      "rank",
      "grid-3d",
      "decision-curves",
      "pareto",
      "hypervolume",
      "param-history",
      "lineage",
    ]);
    for (const [name, plot] of Object.entries(plots)) expect(plot.name).toBe(name);
  });

  it.each(Object.values(plots))("$name survives JSON, and leaves the study alone", (plot) => {
    const isOfPopulations = plot === paramHistory || plot === lineage;
    const { study, events } = isOfPopulations
      ? generatePopulation()
      : generateStudy({ trials: 40, unfinished: true, goal: "accuracy" });
    const reports = events.filter((event) => event.type === "reported");
    const before = structuredClone(study);
    const figure = plot.render({ study, reports, ...(plot.takes.includes("goals") ? { goals: GOALS } : {}) });
    expect(figure.data.length).toBeGreaterThan(0);
    expect(JSON.parse(JSON.stringify(figure))).toEqual(figure);
    expect(study).toEqual(before);
  });
});

describe("the best trial", () => {
  it("is a complete one if there is one, even if another has a better value", () => {
    const { study } = handMadeStudy([
      { loss: [1], state: "stopped" },
      { loss: [5] },
      { loss: [4] },
      { loss: [4] },
    ]);
    expect(bestTrial(study)).toMatchObject({ trial: { number: 2 }, value: 4, complete: true });
  });

  it("is the best of the others when none is complete, and never a diverged one", () => {
    const infinite = Number.NEGATIVE_INFINITY;
    const { study } = handMadeStudy([{ loss: [infinite] }, { loss: [3], state: "failed" }]);
    expect(bestTrial(study)).toMatchObject({ trial: { number: 1 }, complete: false });
    expect(bestTrial(handMadeStudy([{ loss: [infinite] }]).study)).toBeUndefined();
  });
});
