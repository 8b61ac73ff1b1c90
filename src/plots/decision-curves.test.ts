import { describe, expect, it } from "vitest";
import { handMadeStudy } from "../../tests/page/hand-made-study.js";
import { decisionCurves, pictureDecision } from "./decision-curves.js";

const { study } = handMadeStudy([
  { loss: [4, 3, 2, 1] },
  { loss: [5, 4, 4, 4] },
  { loss: [4.5, 3.5], state: "stopped" },
  { loss: [Number.NaN], state: "failed" },
]);
const neighbour = (trial: number, performance = 1) => ({ trial, distance: 0.5, performance });
const stop = (trial: number, ...neighbours: readonly ReturnType<typeof neighbour>[]) =>
  ({ trial, step: 2, action: "stop", neighbours }) as const;

describe("the curves at a decision", () => {
  it("are the trial's own on top of its neighbours', with the step", () => {
    const { data, layout } = decisionCurves.render({
      study,
      reports: [],
      decision: stop(2, neighbour(0), neighbour(1)),
    });
    expect(data).toMatchObject([
      { name: "trial 0 ended at loss 1", mode: "lines", x: [1, 2, 3, 4], y: [4, 3, 2, 1] },
      { name: "trial 1 ended at loss 4", x: [1, 2, 3, 4], y: [5, 4, 4, 4] },
      { name: "stop at step 2", x: [2, 2], y: [1, 5] },
      { name: "trial 2, stopped at loss 3.5", x: [1, 2], y: [4.5, 3.5], line: { width: 3 } },
    ]);
    expect(layout.yaxis).toMatchObject({ title: { text: "loss" }, type: "linear" });
  });

  it("leave out neighbours that this study does not have, the trial itself, and diverged ones", () => {
    const picture = pictureDecision(study, stop(2, neighbour(77), neighbour(2), neighbour(3), neighbour(1)));
    expect(picture?.neighbours.map(({ trial }) => trial.number)).toEqual([1]);
  });

  it("include earlier studies' curves as they were transferred", () => {
    const [, second] = study.trials;
    if (second === undefined) throw new Error("no trial");
    const curve = { steps: [1, 2, 3], metrics: new Map([["loss", [6, 5, 4.75]]]) };
    const paused = { ...second, number: 37, state: "paused" as const, curve };
    const after = { ...study, transferred: [{ name: "mnist-old", trials: [second, paused] }] };
    const earlier = (trial: number) => ({ ...neighbour(trial), study: "mnist-old" });
    const picture = pictureDecision(after, stop(2, earlier(37), neighbour(1), earlier(1), earlier(2)));
    expect(picture?.neighbours.map(({ study: name, trial, label }) => [name, trial.number, label])).toEqual([
      ["mnist-old", 37, "trial mnist-old/37, paused at loss 4.75, expected to end at 1"],
      [undefined, 1, "trial 1 ended at loss 4"],
      ["mnist-old", 1, "trial mnist-old/1 ended at loss 4"],
    ]);
    expect(picture?.neighbours[0]).toMatchObject({ steps: [1, 2, 3], values: [6, 5, 4.75] });
  });

  it("say where an unfinished neighbour is expected to end", () => {
    const picture = pictureDecision(study, stop(0, neighbour(2, 1.25)));
    expect(picture?.neighbours[0]?.label).toBe("trial 2, stopped at loss 3.5, expected to end at 1.25");
  });

  it("are, for the rule `median`, complete trainings from the best at that step to the worst", () => {
    // Running averages up to step 2: 3.5, 4.5, 1.5, 7.5, 2.5, 5.5 and 9.
    const made = handMadeStudy([
      { loss: [4, 3, 2, 1] },
      { loss: [5, 4, 4, 4] },
      { loss: [2, 1, 1, 9] },
      { loss: [8, 7, 6, 5] },
      { loss: [3, 2, 1, 2] },
      { loss: [6, 5, 4, 3] },
      { loss: [9, 9], state: "stopped" },
      { loss: [0.5, 0.5, 0.5, 0.5] },
    ]);
    const drawn = (trainings: number, rule = "median") =>
      pictureDecision(made.study, {
        trial: 6,
        step: 2,
        action: "stop",
        rule,
        values: { trainings },
      })?.neighbours.map(({ trial }) => trial.number);
    // The sixth was the last one that was complete by then.
    expect(drawn(6)).toEqual([2, 4, 1, 5, 3]);
    expect(drawn(3)).toEqual([2, 0, 1]);
    expect(drawn(6, "threshold")).toEqual([]);
    expect(pictureDecision(made.study, { ...stop(6), rule: "median" })?.neighbours).toEqual([]);
  });

  it("end a line where it diverges", () => {
    const made = handMadeStudy([{ loss: [3, Number.POSITIVE_INFINITY, 2] }]);
    expect(pictureDecision(made.study, stop(0))?.own).toMatchObject({
      steps: [1, 2, 3],
      values: [3, null, 2],
    });
  });

  it("show the metric that the scheduler was told to compare", () => {
    const { definition, ...rest } = study;
    const scheduler = { name: "lcm", options: { mode: "poster", curve: "accuracy" } };
    const [trial, ...others] = study.trials;
    if (trial === undefined) throw new Error("no trial");
    const curve = { steps: [1, 2], metrics: new Map([...trial.curve.metrics, ["accuracy", [0.1, 0.2]]]) };
    const told = {
      ...rest,
      definition: { ...definition, scheduler },
      trials: [{ ...trial, curve }, ...others],
    };
    expect(pictureDecision(told, stop(0))).toMatchObject({ metric: "accuracy", own: { values: [0.1, 0.2] } });
    expect(pictureDecision(told, stop(1))).toMatchObject({ metric: "loss" });
  });

  it("are empty for a trial without a finite value, and for a study without a decision", () => {
    expect(decisionCurves.render({ study, reports: [], decision: stop(3) }).data).toEqual([]);
    expect(decisionCurves.render({ study, reports: [] }).data).toEqual([]);
  });
});
