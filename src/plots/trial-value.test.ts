import { expect, it } from "vitest";
import { handMadeStudy } from "../../tests/page/hand-made-study.js";
import { goalOf } from "./trial-value.js";

it("considers a metric better in the direction that improves the goal", () => {
  const { study } = handMadeStudy([{ loss: [3] }, { loss: [2] }, { loss: [1] }]);
  const rising = study.trials.map((trial, index) => ({
    ...trial,
    curve: {
      ...trial.curve,
      metrics: new Map([...trial.curve.metrics, ["accuracy", [index / 10]], ["size", [-index]]]),
    },
  }));
  const made = { ...study, trials: rising };
  expect(goalOf(made, "loss")).toEqual({ metric: "loss", direction: "minimize" });
  expect(goalOf(made, "accuracy")).toEqual({ metric: "accuracy", direction: "maximize" });
  expect(goalOf(made, "size")).toEqual({ metric: "size", direction: "minimize" });
});
