import { describe, expect, it } from "vitest";
import { generateStudy } from "../../tests/page/generated-study.js";
import { slice } from "./index.js";

const { study } = generateStudy({ trials: 60, unfinished: true });
const spaceNames = Object.keys(study.definition.space).filter(
  (name) => study.definition.space[name]?.kind !== "fixed",
);

const pointsOf = (params?: readonly string[]): number =>
  slice
    .render({ study, reports: [], ...(params === undefined ? {} : { params }) })
    .data.reduce((sum, trace) => sum + (trace.type === "scatter" ? trace.x.length : 0), 0);

describe("a slice", () => {
  it("has a point for every trial that has the param and a finite value", () => {
    const { metric } = study.definition.goal;
    for (const name of spaceNames) {
      const valued = study.trials.filter(({ params, curve }) => {
        const values = curve.metrics.get(metric) ?? [];
        return (
          params[name] !== undefined &&
          Number.isFinite(values.findLast((each) => each !== null) ?? Number.NaN)
        );
      });
      expect(pointsOf([name])).toBe(valued.length);
    }
  });

  it("is of the first param unless one is named, and of nothing if that is unknown", () => {
    expect(slice.render({ study, reports: [] }).layout.xaxis?.title.text).toBe(spaceNames[0]);
    expect(pointsOf(["unheard-of"])).toBe(0);
  });

  it("shows the best trial apart", () => {
    const { data } = slice.render({ study, reports: [] });
    const best = data.find((trace) => "name" in trace && trace.name === "best");
    expect(best?.type === "scatter" ? best.x.length : 0).toBe(1);
  });
});
