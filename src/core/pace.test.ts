import { describe, expect, it } from "vitest";
import { secondsSaved } from "../forecast/steps-saved.js";
import type { EventBody } from "./events.js";
import { secondsPerStart, secondsPerStep } from "./pace.js";
import { float } from "./param.js";
import { applyEvent, beginStudy } from "./study-fold.js";
import { decodeImage, encodeImage } from "./study-image.js";
import type { StudyRecord } from "./study-record.js";

type Timed = readonly [seconds: number, event: EventBody];

function studyAfter(events: readonly Timed[], maxSteps = 10): StudyRecord {
  const study = beginStudy({
    type: "study-created",
    time: 0,
    definition: {
      name: "s",
      goal: { metric: "loss", direction: "minimize" },
      space: { x: float(0, 1) },
      constraints: [],
      maxSteps,
      sampler: { name: "random", options: {} },
      scheduler: { name: "none", options: {} },
      budget: { trials: 1 },
      seed: 0,
      retries: 0,
    },
  });
  for (const [seconds, event] of events) applyEvent(study, { ...event, time: 1000 * seconds });
  return study;
}

const asked: EventBody = { type: "trial-asked", trial: 0, params: { x: 0 }, seed: 0, sampler: "random" };
const started = (attempt: number, fromStep: number, parked?: true): EventBody => ({
  type: "attempt-started",
  trial: 0,
  attempt,
  worker: "w",
  fromStep,
  ...(parked === undefined ? {} : { parked }),
});
const reported = (attempt: number, step: number): EventBody => ({
  type: "reported",
  trial: 0,
  attempt,
  step,
  metrics: { loss: 1 },
});
const paused = (attempt: number, parked?: true): EventBody => ({
  type: "paused",
  trial: 0,
  attempt,
  ...(parked === undefined ? {} : { parked }),
});
const resumed: EventBody = { type: "resumed", trial: 0 };

/** A start of 2.5 s and steps of 0.5 s; then a pause without a start; then one with a start, which takes 2 s. */
const story: readonly Timed[] = [
  [0, asked],
  [0, started(1, 0)],
  [3, reported(1, 1)],
  [3.5, reported(1, 2)],
  [4.5, reported(1, 4)],
  [5, paused(1, true)],
  [10, resumed],
  [10, started(2, 4, true)],
  [10.5, reported(2, 5)],
  [11, paused(2)],
  [20, resumed],
  // From a snapshot of step 4, so that step 5 is trained once more.
  [20, started(3, 4)],
  [23, reported(3, 6)],
];

describe("the pace of a study", () => {
  it("counts starts, those after pauses, and pauses without one", () => {
    expect(studyAfter(story.slice(0, 2)).pace).toMatchObject({ starts: 1, restarts: 0, parked: 0 });
    expect(studyAfter(story.slice(0, 9)).pace).toMatchObject({
      starts: 1,
      restarts: 0,
      parked: 1,
    });
    expect(studyAfter(story).pace).toMatchObject({ starts: 2, restarts: 1, parked: 1 });
  });

  it("counts the steps that are trained again after a pause, but not after another end", () => {
    expect(studyAfter(story.slice(0, -1)).pace.again).toBe(0);
    expect(studyAfter(story).pace.again).toBe(1);
    const lost: EventBody = { type: "released", trial: 0, attempt: 3, reason: "lost" };
    const study = [...story, [24, lost], [24, started(4, 0)], [30, reported(4, 7)]] as const;
    expect(studyAfter(study).pace.again).toBe(1);
    const twice = [...story.slice(0, -2), [20, started(3, 0)], [30, reported(3, 6)]] as const;
    expect(studyAfter(twice).pace.again).toBe(5);
  });

  it("takes what steps take out of what starts take", () => {
    const first = studyAfter(story.slice(0, 5)).pace;
    expect(secondsPerStep(first)).toBe(0.5);
    expect(secondsPerStart(first)).toBe(2.5);
    const { pace } = studyAfter(story);
    expect(secondsPerStep(pace)).toBe(0.5);
    // 3 s with 1 step, and 3 s with 2 steps.
    expect(secondsPerStart(pace)).toBe((2.5 + 2) / 2);
  });

  it("knows nothing before two reports of an attempt", () => {
    const { pace } = studyAfter(story.slice(0, 3));
    expect([secondsPerStep(pace), secondsPerStart(pace)]).toEqual([undefined, undefined]);
    expect(secondsSaved(studyAfter(story.slice(0, 3)))).toBeUndefined();
  });

  it("counts a start once more if an attempt that went on without one is lost before it reports", () => {
    const { pace } = studyAfter([
      ...story.slice(0, 8),
      [10.2, { type: "released", trial: 0, attempt: 2, reason: "lost" }],
      [11, started(3, 4)],
    ]);
    expect(pace).toMatchObject({ starts: 2, restarts: 1, parked: 1 });
  });

  it("is kept in an image, as is whether a program waits", () => {
    for (let length = 1; length <= story.length; length++) {
      const study = studyAfter(story.slice(0, length));
      const again = decodeImage(encodeImage(study));
      expect(again?.pace).toEqual(study.pace);
      expect(again?.trials).toEqual(study.trials);
    }
    expect(studyAfter(story.slice(0, 6)).trials[0]?.parked).toBe(true);
    expect(studyAfter(story.slice(0, 8)).trials[0]?.parked).toBe(false);
  });
});

describe("secondsSaved", () => {
  it("is the steps saved in seconds, less the starts after pauses", () => {
    const stopped: EventBody = { type: "finished", trial: 0, attempt: 3, state: "stopped" };
    const study = studyAfter([...story, [23, stopped]]);
    // 4 steps of 0.5 s less one that was trained again, and a start of 2.25 s.
    expect(secondsSaved(study)).toBe(3 * 0.5 - 2.25);
  });
});
