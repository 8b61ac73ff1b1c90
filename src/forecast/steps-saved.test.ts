import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bestTrial, rankTrials } from "../core/best-trial.js";
import type { StudyEvent } from "../core/events.js";
import type { Direction } from "../core/goal.js";
import { float } from "../core/param.js";
import type { Study } from "../core/study.js";
import type { Budget } from "../core/study-definition.js";
import { applyEvent, beginStudy } from "../core/study-fold.js";
import { stepsSaved } from "./steps-saved.js";

interface Fate {
  readonly value: number;
  readonly step: number;
  readonly state: "complete" | "stopped" | "paused" | "waiting" | "running";
}

function studyOf(
  direction: Direction,
  fates: readonly Fate[],
  maxSteps?: number,
  budget: Budget = {},
): Study {
  const record = beginStudy({
    type: "study-created",
    time: 0,
    definition: {
      name: "s",
      goal: { metric: "m", direction },
      space: { x: float(0, 1) },
      constraints: [],
      ...(maxSteps === undefined ? {} : { maxSteps }),
      sampler: { name: "random", options: {} },
      scheduler: { name: "none", options: {} },
      budget,
      seed: 0,
      retries: 0,
    },
  });
  for (const [trial, { value, step, state }] of fates.entries()) {
    const events: StudyEvent[] = [
      { type: "trial-asked", time: 1, trial, params: { x: 0 }, seed: 0, sampler: "random" },
      { type: "attempt-started", time: 1, trial, attempt: 1, worker: "w", fromStep: 0 },
      { type: "reported", time: 1, trial, attempt: 1, step, metrics: { m: value } },
    ];
    if (state === "paused") events.push({ type: "paused", time: 1, trial, attempt: 1 });
    else if (state === "waiting")
      events.push({ type: "released", time: 1, trial, attempt: 1, reason: "budget" });
    else if (state !== "running") events.push({ type: "finished", time: 1, trial, attempt: 1, state });
    for (const event of events) applyEvent(record, event);
  }
  return record;
}

describe("rankTrials", () => {
  it("puts complete trials first, diverged ones nowhere", () => {
    const fates: Fate[] = [
      { value: 0.1, step: 1, state: "stopped" },
      { value: 0.5, step: 9, state: "complete" },
      { value: Number.NaN, step: 9, state: "complete" },
      { value: 0.3, step: 9, state: "complete" },
      { value: Number.NEGATIVE_INFINITY, step: 9, state: "complete" },
    ];
    const numbers = (direction: Direction): number[] =>
      rankTrials(studyOf(direction, fates)).map(({ trial }) => trial.number);
    expect(numbers("minimize")).toEqual([3, 1, 0]);
    expect(numbers("maximize")).toEqual([1, 3, 0]);
  });

  it("begins with the best trial", () => {
    const fate = fc.record({
      value: fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY)),
      step: fc.constant(1),
      state: fc.constantFrom("complete" as const, "stopped" as const),
    });
    fc.assert(
      fc.property(
        fc.array(fate),
        fc.constantFrom("minimize" as const, "maximize" as const),
        (fates, direction) => {
          const study = studyOf(direction, fates);
          expect(rankTrials(study)[0]?.trial.number).toBe(bestTrial(study)?.trial.number);
        },
      ),
    );
  });
});

describe("stepsSaved", () => {
  it("counts the steps that stopped trials did not train", () => {
    const fates: Fate[] = [
      { value: 1, step: 3, state: "stopped" },
      { value: 1, step: 10, state: "complete" },
      { value: 1, step: 4, state: "stopped" },
    ];
    expect(stepsSaved(studyOf("minimize", fates, 10))).toBe(13);
    expect(stepsSaved(studyOf("minimize", fates))).toBeUndefined();
  });

  it("counts those of paused trials once the study is finished, for any reason", () => {
    const fates: Fate[] = [
      { value: 1, step: 3, state: "paused" },
      { value: 2, step: 10, state: "complete" },
      { value: 3, step: 4, state: "stopped" },
    ];
    expect(stepsSaved(studyOf("minimize", fates, 10))).toBe(6);
    expect(stepsSaved(studyOf("minimize", fates, 10, { trials: 4 }))).toBe(6);
    expect(stepsSaved(studyOf("minimize", fates, 10, { trials: 3 }))).toBe(13);
    expect(stepsSaved(studyOf("minimize", fates, 10, { totalSteps: 17 }))).toBe(13);
    expect(stepsSaved(studyOf("minimize", fates, 10, { totalSteps: 18 }))).toBe(6);
    expect(stepsSaved(studyOf("minimize", fates, 10, { target: 1 }))).toBe(13);
    const begun: Fate[] = [...fates, { value: 1, step: 5, state: "running" }];
    expect(stepsSaved(studyOf("minimize", begun, 10, { totalSteps: 17 }))).toBe(6);
  });

  it("counts for nothing what the end of the budget cut short, and the pauses of a population", () => {
    const cut: Fate[] = [
      { value: 1, step: 3, state: "paused" },
      { value: 2, step: 4, state: "waiting" },
    ];
    const study = studyOf("minimize", cut, 10, { totalSteps: 7 });
    expect(stepsSaved(study)).toBe(7);
    const scheduler = { name: "pbt", options: { population: 2 } };
    expect(stepsSaved({ ...study, definition: { ...study.definition, scheduler } })).toBe(0);
  });
});

it("the further trainings of a stopped trial are saved as well", () => {
  const study = studyOf("minimize", [{ value: 1, step: 2, state: "stopped" }], 10);
  expect(stepsSaved(study)).toBe(8);
  expect(stepsSaved({ ...study, definition: { ...study.definition, replicates: 3 } })).toBe(28);
});

it("takes off what was trained again after pauses", () => {
  const study = studyOf("minimize", [{ value: 1, step: 2, state: "stopped" }], 10);
  expect(stepsSaved({ ...study, pace: { ...study.pace, again: 3 } })).toBe(5);
  expect(stepsSaved({ ...study, pace: { ...study.pace, again: 20 } })).toBe(-12);
});
