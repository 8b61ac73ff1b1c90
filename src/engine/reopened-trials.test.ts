import { describe, expect, it } from "vitest";
import { recoveryEvents } from "../core/course/ending.js";
import type { EventBody } from "../core/events.js";
import { float } from "../core/param.js";
import { applyEvent } from "../core/study-fold.js";
import { type StudyRecord, studyRecord } from "../core/study-record.js";
import { reopenedBy } from "./reopened-trials.js";

/** A study with these losses at steps, by trial; `undefined` at the end: its attempt still runs. */
function studyOf(...trials: readonly (readonly (number | undefined)[])[]): StudyRecord {
  const study = studyRecord(
    {
      name: "more",
      goal: { metric: "loss", direction: "minimize" },
      space: { lr: float(0, 1) },
      constraints: [],
      maxSteps: 2,
      sampler: { name: "random", options: {} },
      scheduler: { name: "none", options: {} },
      budget: {},
      seed: 1,
      retries: 0,
    },
    0,
  );
  const take = (body: EventBody): void => applyEvent(study, { ...body, time: 0 });
  for (const [trial, losses] of trials.entries()) {
    take({ type: "trial-asked", trial, params: { lr: 0.5 }, seed: 1, sampler: "random" });
    take({ type: "attempt-started", trial, attempt: 1, worker: "w", fromStep: 0 });
    for (const [place, loss] of losses.entries()) {
      if (loss !== undefined)
        take({ type: "reported", trial, attempt: 1, step: place + 1, metrics: { loss } });
    }
    if (losses.at(-1) !== undefined) take({ type: "finished", trial, attempt: 1, state: "complete" });
  }
  return study;
}

const more = { type: "study-changed", maxSteps: 4 } as const;

describe("trials that may train on", () => {
  it("are those that were complete at the old last step, also if their end was not recorded", () => {
    const study = studyOf([3, 2], [1], [1, Number.NaN], [3, 1, undefined], [3, undefined]);
    const recovery = recoveryEvents(study);
    expect(reopenedBy(study, recovery, more, {})).toEqual({ trials: [0, 3], state: "waiting" });
    expect(reopenedBy(study, [], more, {})).toEqual({ trials: [0], state: "waiting" });
  });

  it("are paused if the scheduler resumes trials", () => {
    const study = studyOf([3, 2]);
    expect(reopenedBy(study, [], more, { resume: () => undefined })).toEqual({
      trials: [0],
      state: "paused",
    });
  });

  it("stay complete without more steps", () => {
    expect(reopenedBy(studyOf([3, 2]), [], { type: "study-changed", retries: 1 }, {})).toBeUndefined();
    expect(reopenedBy(studyOf([3]), [], more, {})).toBeUndefined();
  });
});
