import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { generatePopulation } from "../../tests/page/generated-population.js";
import { type GeneratedStudy, generateStudy } from "../../tests/page/generated-study.js";
import { handMadeStudy } from "../../tests/page/hand-made-study.js";
import type { Trial } from "../core/trial.js";
import { bestSoFar, progressOf } from "./best-so-far.js";
import type { PlottedStudy } from "./plot-definition.js";

const plotted = ({ study, events }: GeneratedStudy): PlottedStudy => ({
  study,
  reports: events.filter((event) => event.type === "reported"),
});

/** The loss of the last report; NaN if that has none. */
const lastValueOf = ({ curve }: Trial): number => curve.metrics.get("loss")?.at(-1) ?? Number.NaN;

/** Whether a trial has trained its current model. */
const hasTrained = ({ curve, inheritances }: Trial): boolean =>
  (curve.steps.at(-1) ?? 0) > (inheritances.at(-1)?.step ?? 0);

describe("best so far", () => {
  it("follows reports and complete trainings along the steps spent", () => {
    const study = handMadeStudy([
      { loss: [9, 5] },
      { loss: [4, 7, 6], state: "stopped" },
      { loss: [8, Number.NEGATIVE_INFINITY, 3] },
    ]);
    expect(progressOf(plotted(study))).toEqual({
      observed: [
        { spent: 1, value: 9, trial: 0 },
        { spent: 2, value: 5, trial: 0 },
        { spent: 3, value: 4, trial: 1 },
        { spent: 8, value: 3, trial: 2 },
      ],
      complete: [
        { spent: 2, value: 5, trial: 0 },
        { spent: 8, value: 3, trial: 2 },
      ],
      ends: [
        { spent: 2, value: 5, trial: 0 },
        { spent: 8, value: 3, trial: 2 },
      ],
      spent: 8,
    });
  });

  it("climbs if the goal is maximized", () => {
    const study = handMadeStudy([{ loss: [1, 5] }, { loss: [2, 4] }, { loss: [0, 7] }], {
      direction: "maximize",
    });
    expect(progressOf(plotted(study)).complete.map(({ value }) => value)).toEqual([5, 7]);
  });

  it("counts reports of several trials running at once", () => {
    const { study } = handMadeStudy([{ loss: [3, 2] }, { loss: [3, 1] }]);
    const reports = [
      { trial: 0, step: 1, metrics: { loss: 3 } },
      { trial: 1, step: 2, metrics: { loss: 1 } },
      { trial: 0, step: 2, metrics: { loss: 2 } },
    ];
    expect(progressOf({ study, reports }).observed).toEqual([
      { spent: 1, value: 3, trial: 0 },
      { spent: 3, value: 1, trial: 1 },
    ]);
  });

  it("spends as many steps as the study and never gets worse", () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.constantFrom("loss", "accuracy"), (seed, goal) => {
        const made = generateStudy({ trials: 15, maxSteps: 12, seed, goal });
        const { spent, observed, complete } = progressOf(plotted(made));
        expect(spent).toBe(made.study.totalSteps);
        const sign = goal === "loss" ? 1 : -1;
        for (const line of [observed, complete]) {
          const costs = line.map(({ value }) => sign * value);
          expect(costs).toEqual([...costs].sort((a, b) => b - a));
        }
      }),
      { numRuns: 30 },
    );
  });

  it("spends as many steps as a population whose trials go back and ahead with others' models", () => {
    fc.assert(
      fc.property(fc.nat(500), fc.integer({ min: 2, max: 16 }), (seed, trials) => {
        const made = generatePopulation(seed, trials);
        const { spent, ends } = progressOf(plotted(made));
        expect(spent).toBe(made.study.totalSteps);
        const complete = made.study.trials.filter(({ state }) => state === "complete");
        const finite = complete.filter((trial) => hasTrained(trial) && Number.isFinite(lastValueOf(trial)));
        expect(ends.map(({ trial }) => trial).sort((a, b) => a - b)).toEqual(
          finite.map(({ number }) => number),
        );
      }),
      { numRuns: 20 },
    );
  });

  it("extends the line to the last step spent", () => {
    const figure = bestSoFar.render(plotted(handMadeStudy([{ loss: [9, 5] }, { loss: [9, 9, 9] }])));
    expect(figure.data.at(-1)).toMatchObject({ name: "best complete training", x: [2, 5], y: [5, 5] });
  });

  it("compares studies, one colour each", () => {
    const first = plotted(handMadeStudy([{ loss: [9, 5] }]));
    const second = plotted(handMadeStudy([{ loss: [8, 4] }, { loss: [3], state: "stopped" }]));
    const { data } = bestSoFar.render({ ...first, against: [second] });
    expect(data).toMatchObject([
      { name: "by hand: any report", y: [9, 5], legendgroup: "study 0" },
      { name: "by hand: complete trainings", y: [5] },
      { name: "by hand: any report", y: [8, 4, 3], legendgroup: "study 1" },
      { name: "by hand: complete trainings", x: [2, 3], y: [4, 4] },
    ]);
    const colours = data.map((trace) => (trace.type === "scatter" ? trace.line?.color : undefined));
    expect(colours[0]).toBe(colours[1]);
    expect(colours[2]).toBe(colours[3]);
    expect(colours[0]).not.toBe(colours[2]);
  });

  it("has no data before the first finite report", () => {
    expect(bestSoFar.render(plotted(handMadeStudy([{ loss: [Number.NaN] }]))).data).toEqual([]);
  });
});
