import { describe, expect, it } from "vitest";
import type { EventBody } from "../../core/events.js";
import type { Direction } from "../../core/goal.js";
import { float } from "../../core/param.js";
import { applyEvent } from "../../core/study-fold.js";
import { type StudyRecord, studyRecord } from "../../core/study-record.js";
import { intervalsOfStudy } from "./intervals.js";

const LENGTH = 5;
/** A number that no trial has. */
const NOBODY = -1;

/** A handwritten study of trials that train side by side. */
function written(trials: number, direction: Direction = "minimize") {
  const goal = { metric: "loss", direction };
  const study: StudyRecord = studyRecord(
    {
      name: "written",
      goal,
      space: { lr: float(0, 1) },
      constraints: [],
      maxSteps: 100,
      sampler: { name: "random", options: {} },
      scheduler: { name: "pb2", options: {} },
      budget: {},
      seed: 0,
      retries: 0,
    },
    0,
  );
  const push = (event: EventBody): void => applyEvent(study, { ...event, time: study.events });
  for (let trial = 0; trial < trials; trial++) {
    push({ type: "trial-asked", trial, params: { lr: trial / 10 }, seed: 0, sampler: "random" });
    push({ type: "attempt-started", trial, attempt: 1, worker: "w", fromStep: 0 });
  }
  const report = (trial: number, step: number, loss: number): void =>
    push({ type: "reported", trial, attempt: 1, step, metrics: { loss } });
  return {
    study,
    push,
    report,
    /** Reports a loss at each of some steps. */
    train: (trial: number, from: number, to: number, lossAt: (step: number) => number): void => {
      for (let step = from; step <= to; step++) report(trial, step, lossAt(step));
    },
    inherit: (trial: number, parent: number, step: number, value: number, lr: number): void =>
      push({ type: "exploited", trial, parent, step, value, path: "p", digest: "00", params: { lr } }),
    intervals: (except = NOBODY, length = LENGTH) => intervalsOfStudy(study, { goal, length }, except),
  };
}

describe("the intervals of a study", () => {
  it("lie between the reports at which they end; the first one starts at the first report", () => {
    const { train, intervals } = written(1);
    train(0, 1, 12, (step) => 100 - step ** 2);
    // From step 1 to 5 the loss falls by 24 in 4 steps, and then by 75 in 5; the third interval has not ended.
    expect(intervals()).toEqual({
      ended: [
        { params: { lr: 0 }, time: 1, gain: 75 },
        { params: { lr: 0 }, time: 0.2, gain: 30 },
      ],
      open: [],
    });
  });

  it("measure gains in either direction of the goal", () => {
    const { train, intervals } = written(1, "maximize");
    train(0, 1, 10, (step) => 2 * step);
    expect(intervals().ended.map(({ gain }) => gain)).toEqual([10, 10]);
  });

  it("are found even if reports are as rare as intervals, or rarer", () => {
    const { report, intervals } = written(2);
    for (const step of [5, 10, 15]) report(0, step, 30 - step);
    for (const step of [7, 14, 21]) report(1, step, 60 - 2 * step);
    expect(intervals().ended).toEqual([
      { params: { lr: 0.1 }, time: 14 / 5, gain: 10 },
      { params: { lr: 0 }, time: 2, gain: 5 },
      { params: { lr: 0.1 }, time: 7 / 5, gain: 10 },
      { params: { lr: 0 }, time: 1, gain: 5 },
    ]);
  });

  it("continue from a copied model with the new params, and keep what the curve has lost of the old one", () => {
    const { train, inherit, intervals } = written(2);
    train(0, 1, 10, () => 20);
    train(1, 1, 10, (step) => 20 - step);
    // Trial 0 gives up a model of step 10, which was no better than at step 5, for one of step 5.
    inherit(0, 1, 5, 15, 0.7);
    expect(intervals().open).toEqual([{ params: { lr: 0.7 }, time: 1 }]);
    expect(intervals(0).open).toEqual([]);
    train(0, 6, 10, (step) => 25 - 2 * step);
    const { ended, open } = intervals();
    expect(open).toEqual([]);
    expect(ended).toEqual([
      { params: { lr: 0 }, time: 1, gain: 0 },
      { params: { lr: 0.7 }, time: 1, gain: 10 },
      { params: { lr: 0.1 }, time: 1, gain: 5 },
      { params: { lr: 0 }, time: 0.2, gain: 0 },
      { params: { lr: 0.1 }, time: 0.2, gain: 5 },
    ]);
  });

  it("keep the outcome of params whose entire stage the curve has lost", () => {
    const { train, inherit, intervals } = written(2);
    train(0, 1, 10, () => 20);
    inherit(0, 1, 10, 15, 0.7);
    train(0, 11, 15, () => 18);
    // It goes back to before its current stage.
    inherit(0, 1, 5, 17, 0.8);
    expect(intervals().ended).toEqual([
      { params: { lr: 0.7 }, time: 2, gain: -3 },
      { params: { lr: 0 }, time: 1, gain: 0 },
      { params: { lr: 0 }, time: 0.2, gain: 0 },
    ]);
    train(0, 6, 10, () => 12);
    expect(intervals().ended).toContainEqual({ params: { lr: 0.8 }, time: 1, gain: 5 });
  });

  it("have no gain if the model diverged, even if another one replaced it", () => {
    const { train, inherit, intervals } = written(2);
    train(0, 1, 5, () => 20);
    train(0, 6, 10, () => Number.NaN);
    const diverged = { params: { lr: 0 }, time: 1, gain: undefined };
    expect(intervals().ended[0]).toEqual(diverged);
    train(0, 11, 15, () => Number.NaN);
    expect(intervals().ended).toHaveLength(2);
    inherit(0, 1, 5, 15, 0.7);
    expect(intervals().ended[0]).toEqual(diverged);
  });

  it("that are cut short are merged into the next", () => {
    const { train, inherit, intervals } = written(2);
    // The copied model is of step 4: at step 5 almost nothing is known about the new params.
    inherit(0, 1, 4, 30, 0.7);
    train(0, 5, 9, (step) => 34 - step);
    expect(intervals()).toEqual({ ended: [], open: [{ params: { lr: 0.7 }, time: 0.8 }] });
    train(0, 10, 10, (step) => 34 - step);
    expect(intervals()).toEqual({ ended: [{ params: { lr: 0.7 }, time: 0.8, gain: 5 }], open: [] });
  });

  it("count from half their length on", () => {
    const { train, inherit, intervals } = written(2);
    inherit(0, 1, 2, 30, 0.7);
    train(0, 3, 4, (step) => 32 - step);
    // The second interval of length 4 begins at step 4, the third one of length 3 at step 6.
    expect(intervals(NOBODY, 4).ended).toEqual([{ params: { lr: 0.7 }, time: 0.5, gain: 4 }]);
    expect(intervals(NOBODY, 3).ended).toEqual([]);
  });

  it("end where a model is given up, if at least half of them has passed", () => {
    const { train, inherit, intervals } = written(3);
    train(0, 1, 8, (step) => (step > 5 ? 25 - 2 * step : 20 - step));
    train(1, 1, 7, (step) => 40 - step);
    // Of the second interval trial 0 trained three steps, in which the loss fell by 6, trial 1 only two.
    inherit(0, 2, 5, 50, 0.7);
    inherit(1, 2, 5, 50, 0.8);
    expect(intervals().ended).toEqual([
      { params: { lr: 0 }, time: 1, gain: 10 },
      { params: { lr: 0 }, time: 0.2, gain: 5 },
      { params: { lr: 0.1 }, time: 0.2, gain: 5 },
    ]);
  });

  it("do not end at reports without the goal metric", () => {
    const { push, report, train, intervals } = written(1);
    const silent = (step: number): void =>
      push({ type: "reported", trial: 0, attempt: 1, step, metrics: { other: 1 } });
    train(0, 1, 4, (step) => 20 - step);
    silent(5);
    report(0, 6, 9);
    silent(10);
    expect(intervals()).toEqual({ ended: [{ params: { lr: 0 }, time: 0.2, gain: 10 }], open: [] });
  });

  it("are open from the decision of an exploit until the trial ends", () => {
    const { train, push, inherit, intervals } = written(2);
    train(0, 1, 5, () => 20);
    push({
      type: "decided",
      trial: 0,
      attempt: 1,
      step: 5,
      action: "exploit",
      explanation: { rule: "pb2", reason: "Test.", values: {} },
      exploit: {
        parent: 1,
        snapshot: { step: 10, path: "p", digest: "00" },
        value: 1,
        params: { lr: 0.9 },
      },
    });
    expect(intervals().open).toEqual([{ params: { lr: 0.9 }, time: 2 }]);
    inherit(0, 1, 10, 1, 0.9);
    expect(intervals().open).toEqual([{ params: { lr: 0.9 }, time: 2 }]);
    push({ type: "finished", trial: 0, attempt: 1, state: "complete" });
    expect(intervals().open).toEqual([]);
  });
});
