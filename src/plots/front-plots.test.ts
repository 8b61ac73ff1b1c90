import { describe, expect, it } from "vitest";
import { generateStudy } from "../../tests/page/generated-study.js";
import type { MetricGoal } from "../core/goal.js";
import { frontBounds, frontCandidates } from "../core/goals/front.js";
import type { Study } from "../core/study.js";
import { hypervolume as volumeOf } from "../math/pareto/hypervolume.js";
import type { Figure } from "./figure.js";
import { hypervolume, pareto } from "./index.js";

const LOSS: MetricGoal = { metric: "loss", direction: "minimize" };
const SIZE: MetricGoal = { metric: "size", direction: "minimize" };
const SPEED: MetricGoal = { metric: "speed", direction: "maximize" };

/** Trials that end with these losses, sizes and speeds. */
function studyOf(ends: readonly (readonly [loss: number, size: number, speed: number])[]): Study {
  const { study } = generateStudy({ trials: ends.length, stopping: false, failShare: 0, divergeShare: 0 });
  const trials = study.trials.map((trial, place) => {
    const [loss, size, speed] = ends[place] ?? [Number.NaN, Number.NaN, Number.NaN];
    const column = (value: number): number[] => trial.curve.steps.map(() => value);
    const metrics = new Map([
      ["loss", column(loss)],
      ["size", column(size)],
      ["speed", column(speed)],
    ]);
    return { ...trial, curve: { ...trial.curve, metrics } };
  });
  return { ...study, trials };
}

const draw = (plot: typeof pareto, study: Study, goals: readonly MetricGoal[]): Figure =>
  plot.render({ study, reports: [], goals });
const namesOf = ({ data }: Figure) =>
  data.flatMap((trace) =>
    "name" in trace && "x" in trace ? [[trace.name, trace.type, trace.x.length]] : [],
  );

describe("a plot of a front", () => {
  // The first three are not dominated, and (2, 2) is far below the line through the others.
  const study = studyOf([
    [1, 9, 1],
    [2, 2, 5],
    [9, 1, 2],
    [3, 3, 3],
    [8, 8, 9],
  ]);

  it("draws its members, its knee, what they dominate, and the corners between them", () => {
    const figure = draw(pareto, study, [LOSS, SIZE]);
    expect(namesOf(figure)).toEqual([
      ["front", "scatter", 5],
      ["dominated", "scatter", 2],
      ["front", "scatter", 2],
      ["knee", "scatter", 1],
    ]);
    const [line] = figure.data;
    expect(line).toMatchObject({ x: [1, 2, 2, 9, 9], y: [9, 9, 2, 2, 1] });
    expect(figure.layout.xaxis?.title.text).toBe("loss (less is better)");
  });

  it("is in space for three metrics", () => {
    const figure = draw(pareto, study, [LOSS, SIZE, SPEED]);
    expect(new Set(figure.data.map(({ type }) => type))).toEqual(new Set(["scatter3d"]));
    expect(figure.layout.scene?.zaxis.title.text).toBe("speed (max)");
  });

  it("can show one trial, and nothing of none", () => {
    expect(namesOf(draw(pareto, studyOf([[1, 2, 3]]), [LOSS, SIZE]))).toEqual([["front", "scatter", 1]]);
    expect(draw(pareto, studyOf([]), [LOSS, SIZE]).data).toEqual([]);
    expect(draw(hypervolume, studyOf([]), [LOSS, SIZE]).data).toEqual([]);
  });

  it("refuses one metric, unknown ones, and more than it can draw", () => {
    expect(() => draw(pareto, study, [LOSS])).toThrow(/two or three metrics/);
    expect(() => draw(pareto, study, [LOSS, SIZE, SPEED, LOSS])).toThrow(/two or three metrics/);
    expect(() => draw(hypervolume, study, [LOSS])).toThrow(/two or more metrics/);
    expect(() => draw(pareto, study, [LOSS, { metric: "latency", direction: "minimize" }])).toThrow(
      /latency/,
    );
  });
});

describe("a plot of the hypervolume", () => {
  it("is that of the first trials for every number of them", () => {
    const goals = [LOSS, SIZE, SPEED];
    const ends = Array.from({ length: 60 }, (_, n) => [(n * 7) % 61, (n * 13) % 59, (n * 29) % 53] as const);
    const study = studyOf(ends);
    const { candidates } = frontCandidates(study, goals);
    const { ideal, reference } = frontBounds(candidates, goals);
    const box = reference.reduce((product, worst, goal) => product * (worst - (ideal[goal] ?? 0)), 1);
    const [line] = draw(hypervolume, study, goals).data;
    const points = line?.type === "scatter" ? line.x.map((x, place) => [x, line.y[place]] as const) : [];
    expect(points.length).toBeGreaterThan(5);
    expect(points.at(-1)?.[0]).toBe(60);
    for (const [count, height] of points) {
      const costs = candidates.slice(0, count ?? 0).map((each) => each.costs);
      expect(height).toBeCloseTo(volumeOf(costs, reference) / box, 12);
    }
  });

  it("is 1 less the margin when one trial is the best in everything", () => {
    const [line] = draw(hypervolume, studyOf([[1, 1, 1]]), [LOSS, SIZE]).data;
    expect(line).toMatchObject({ x: [1], y: [1] });
  });
});
