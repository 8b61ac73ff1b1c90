import { describe, expect, it } from "vitest";
import { z } from "zod";
import { defineScheduler } from "../core/define.js";
import type { EventBody, StudyEvent } from "../core/events.js";
import type { Direction } from "../core/goal.js";
import { float } from "../core/param.js";
import { secondsSaved } from "../forecast/steps-saved.js";
import { random } from "../samplers/index.js";
import { none } from "../schedulers/index.js";
import { type RecordedTrainings, readTrainings } from "./recorded-trainings.js";
import { goodTrials, recordedEffort, replayStudy } from "./replay-study.js";
import { tableOfStudy } from "./study-worlds.js";

interface Told {
  readonly losses: readonly number[];
  readonly end?: "complete" | "stopped" | "paused" | "failed";
  /** Before the first step. */
  readonly startSeconds?: number;
  /** The step after which it pauses and is started again from nothing, and what that and the next new step take. */
  readonly pausesAfter?: number;
  readonly againSeconds?: number;
}

/** The log of trials trained one after the other; a step takes the trial's number + 1 seconds. */
function logOf(
  told: readonly Told[],
  direction: Direction = "minimize",
  maxSteps: number | null = 4,
): StudyEvent[] {
  const events: StudyEvent[] = [];
  let time = 0;
  const push = (body: EventBody, seconds = 0): void => {
    time += 1000 * seconds;
    events.push({ ...body, time });
  };
  push({
    type: "study-created",
    definition: {
      name: "s",
      goal: { metric: "loss", direction },
      space: { rate: float(0, 1) },
      constraints: [],
      ...(maxSteps === null ? {} : { maxSteps }),
      sampler: { name: "random", options: {} },
      scheduler: { name: "median", options: {} },
      budget: {},
      seed: 1,
      retries: 0,
    },
  });
  push({ type: "study-opened", host: "h", pid: 1 });
  for (const [trial, { losses, end, startSeconds = 0, pausesAfter, againSeconds = 0 }] of told.entries()) {
    push({ type: "trial-asked", trial, params: { rate: trial / 10 }, seed: trial, sampler: "random" }, 100);
    push({ type: "attempt-started", trial, attempt: 1, worker: "w", fromStep: 0 }, 100);
    let attempt = 1;
    for (const [index, loss] of losses.entries()) {
      const goesOn = index === pausesAfter;
      if (goesOn) {
        push({ type: "paused", trial, attempt });
        push({ type: "resumed", trial }, 10);
        attempt += 1;
        push({ type: "attempt-started", trial, attempt, worker: "w", fromStep: 0 }, 10);
      }
      const seconds = goesOn ? againSeconds : trial + 1 + (index === 0 ? startSeconds : 0);
      push({ type: "reported", trial, attempt, step: index + 1, metrics: { loss, other: 7 } }, seconds);
    }
    const place = { trial, attempt };
    if (end === "failed") {
      push({ type: "failed", ...place, error: { code: "X", message: "x" }, output: [], retry: false });
    } else if (end === "paused") push({ type: "paused", ...place });
    else if (end !== undefined) push({ type: "finished", ...place, state: end });
  }
  return events;
}

function recordedOf(...log: Parameters<typeof logOf>): RecordedTrainings {
  const recorded = readTrainings(logOf(...log));
  if (recorded === undefined) throw new Error("the log is empty");
  return recorded;
}

/** Stops any trial above a level at step 2. */
const level = defineScheduler({
  name: "level",
  summary: "For this test.",
  options: z.strictObject({ above: z.number() }),
  create: ({ above }) => ({
    restore: () => {},
    observe: () => {},
    decide: (trial, step) =>
      step === 2 && (trial.curve.metrics.get("loss")?.[1] ?? 0) > above
        ? { action: "stop", explanation: { rule: "level", reason: "Above.", values: {} } }
        : { action: "continue" },
  }),
});

const STUDY: readonly Told[] = [
  { losses: [8, 6, 4, 3], end: "complete" },
  { losses: [9, 7], end: "stopped" },
  { losses: [8, 7, 2, 1], end: "complete" },
  { losses: [7], end: "paused" },
  { losses: [], end: "failed" },
  { losses: [6, 5], end: "failed" },
];

describe("trainings read from a log", () => {
  it("have their steps, times and ends; trials without a report are left out", () => {
    const { trainings } = recordedOf(STUDY);
    expect(trainings.map(({ trial, steps, seconds, end }) => [trial, steps.length, seconds, end])).toEqual([
      [0, 4, [1, 1, 1, 1], "complete"],
      [1, 2, [2, 2], "open"],
      [2, 4, [3, 3, 3, 3], "complete"],
      [3, 1, [4], "open"],
      [5, 2, [6, 6], "failed"],
    ]);
    expect(readTrainings([])).toBe(undefined);
  });
});

describe("the two worlds of a study", () => {
  const lossesIn = (world: "pessimistic" | "optimistic", recorded: RecordedTrainings) =>
    tableOfStudy(recorded, world).curves.map(({ reports }) => reports.map(({ loss }) => loss));

  it("leave open trainings where they were, or let them improve as much as the most improved one", () => {
    const recorded = recordedOf(STUDY);
    expect(lossesIn("pessimistic", recorded)).toEqual([
      [8, 6, 4, 3],
      [9, 7, 7, 7],
      [8, 7, 2, 1],
      [7, 7, 7, 7],
      [6, 5],
    ]);
    // From step 2: trial 0 improves by 2 and 3, trial 2 by 5 and 6. From step 1: by 2, 4, 5 and by 1, 6, 7; trial 1,
    // with only step 2 known, by 2.
    expect(lossesIn("optimistic", recorded)).toEqual([
      [8, 6, 4, 3],
      [9, 7, 2, 1],
      [8, 7, 2, 1],
      [7, 5, 1, 0],
      [6, 5],
    ]);
  });

  it("reverse for a maximized metric, and keep diverged trainings diverged", () => {
    const recorded = recordedOf(
      [
        { losses: [1, 3], end: "complete" },
        { losses: [2], end: "stopped" },
        { losses: [Number.NaN], end: "stopped" },
      ],
      "maximize",
      2,
    );
    expect(lossesIn("optimistic", recorded)).toEqual([
      [1, 3],
      [2, 4],
      [Number.NaN, Number.NaN],
    ]);
  });

  it("treat the deepest training as complete if the study has no last step", () => {
    const recorded = recordedOf(
      [
        { losses: [3, 2, 1], end: "complete" },
        { losses: [5], end: "stopped" },
      ],
      "minimize",
      null,
    );
    const table = tableOfStudy(recorded, "pessimistic");
    expect([table.maxSteps, table.curves[1]?.steps, table.curves[1]?.seconds]).toEqual([
      3,
      [1, 2, 3],
      // 2 s with the start, then 1 s a step as the other training took.
      [2, 1, 1],
    ]);
    expect(table.curves[1]?.reports).toEqual(Array.from({ length: 3 }, () => ({ loss: 5, other: 7 })));
  });
});

describe("a replay of a study", () => {
  const recorded = recordedOf(STUDY);
  const settings = { recorded, seed: 1, budgets: [1, 2] };
  const measured = recordedOf([...STUDY, { losses: [9, 8, 7, 2], end: "complete" }]);

  it("says what the study did", () => {
    // A step takes 20 s / 8, by all reports but first ones: trial 1 lacks 2 of them, and trial 3 lacks 3.
    expect(recordedEffort(recorded)).toEqual({
      trainings: 5,
      steps: 13,
      trainingSeconds: 4 + 4 + 12 + 4 + 12,
      best: 1,
      open: 2,
      complete: 2,
      fullSteps: 18,
      fullTrainingSeconds: 4 + (4 + 5) + 12 + (4 + 7.5) + 12,
    });
    expect(goodTrials(recorded)).toEqual([2]);
  });

  it("without early stopping trains what is recorded, and beyond", () => {
    const pessimistic = replayStudy({ ...settings, scheduler: none() }, "pessimistic");
    expect(pessimistic).toEqual({
      steps: 18,
      trainingSeconds: 48.5,
      seconds: 48.5,
      best: 1,
      regret: [undefined, undefined],
      states: { complete: 4, failed: 1 },
      lost: [],
      beyondRecord: 2,
    });
  });

  it("has a regret if three trainings are complete", () => {
    const complete = { ...settings, recorded: measured, scheduler: none() };
    // Best recorded 1, last values 3, 1 and 2: a regret of 1 corresponds to a difference of 1. After 4 steps the best is
    // 3, after 8 too.
    expect(replayStudy(complete, "pessimistic").regret).toEqual([2, 2]);
    const optimistic = replayStudy(complete, "optimistic");
    // Trial 1 reaches 1 within 8 steps; trial 3 would be better than anything recorded.
    expect([optimistic.regret, optimistic.best]).toEqual([[2, 0], 0]);
    expect(replayStudy({ ...complete, budgets: [4] }, "optimistic").regret).toEqual([-1]);
  });

  it("saves the seconds that `status` counts, however long a first report took", () => {
    const saved = (given: RecordedTrainings): number => {
      const { trainingSeconds, fullTrainingSeconds } = recordedEffort(given);
      return fullTrainingSeconds - trainingSeconds;
    };
    const slowStart = recordedOf([
      { losses: [3, 2, 2, 1], end: "complete" },
      { losses: [9], end: "stopped", startSeconds: 1000 },
    ]);
    expect(saved(slowStart)).toBe(3);
    expect(secondsSaved(slowStart.study)).toBe(3);
    const again = recordedOf([
      { losses: [3, 2, 2, 1], end: "complete" },
      { losses: [9, 8], end: "stopped", startSeconds: 0, pausesAfter: 1, againSeconds: 50 },
    ]);
    // Going on from step 1 took 50 s with the start, where a step takes 1 s.
    expect(saved(again)).toBe(2 - 49);
    expect(again.trainings[1]).toMatchObject({ seconds: [2, 50], unpausedSeconds: [2, 1] });
  });

  it("counts the good trials that a rule would have lost, and what it would have saved", () => {
    const strict = replayStudy({ ...settings, scheduler: level({ above: 6.5 }) }, "pessimistic");
    expect(strict.lost).toEqual([2]);
    expect(strict.states).toEqual({ complete: 1, stopped: 3, failed: 1 });
    expect([strict.steps, strict.trainingSeconds]).toEqual([4 + 2 + 2 + 2 + 2, 4 + 4 + 6 + 6.5 + 12]);
    expect(strict.best).toBe(3);
    expect(strict.beyondRecord).toBe(1);
  });

  it("tries the trials in a sampler's order, if one is given", () => {
    const firsts = Array.from({ length: 20 }, (_, seed) => {
      const { regret } = replayStudy(
        { ...settings, recorded: measured, seed, scheduler: none(), sampler: random() },
        "pessimistic",
      );
      return regret[0];
    });
    expect(new Set(firsts).size).toBeGreaterThan(1);
  });

  it("has no regret or good trials if no training is complete", () => {
    const open = recordedOf([{ losses: [3, 2], end: "stopped" }]);
    expect(replayStudy({ ...settings, recorded: open, scheduler: none() }, "pessimistic").regret).toEqual([
      undefined,
      undefined,
    ]);
    expect(goodTrials(open)).toEqual([]);
  });
});
