import { describe, expect, it } from "vitest";
import type { EventBody } from "../core/events.js";
import { float } from "../core/param.js";
import { applyEvent } from "../core/study-fold.js";
import { type StudyRecord, studyRecord } from "../core/study-record.js";
import { type Standing, standingOf, timeLeft, type UsedShares, usedShares } from "../views/study-progress.js";
import { earlyEndText } from "./early-end.js";
import { createRate, messageOfEvent, progressText } from "./progress.js";

describe("timeLeft", () => {
  const at = (shares: UsedShares, trials = 0): Standing => ({ shares, trials });

  it("goes by the pace since the session began", () => {
    // A tenth in 5 s leaves seven tenths at 50 s each.
    expect(timeLeft(at({ trials: 0.2 }), at({ trials: 0.3 }), 5)?.seconds).toBeCloseTo(35, 9);
  });

  it("tells the limit that comes first", () => {
    const left = timeLeft(at({ trials: 0, time: 0 }), at({ trials: 0.1, time: 0.5 }), 10);
    expect(left?.seconds).toBeCloseTo(10, 9);
    expect(left?.unlessBetter).toBe(false);
  });

  it("tells no more than noBetterFor allows, and on what condition", () => {
    // Two trials in 10 s: 3 more take 15 s, while a tenth of all trials in 10 s leaves 90 s.
    const before = { shares: { trials: 0 }, trials: 0, untilNoBetter: 4 };
    const now = { shares: { trials: 0.1 }, trials: 2, untilNoBetter: 3 };
    expect(timeLeft(before, now, 10)).toEqual({ seconds: 15, unlessBetter: true });
    // Here the budget of trials ends earlier.
    const near = { shares: { trials: 0.8 }, trials: 2, untilNoBetter: 3 };
    expect(timeLeft(before, near, 10)?.seconds).toBeCloseTo(2.5, 9);
    expect(timeLeft(before, near, 10)?.unlessBetter).toBe(false);
  });

  it("does not guess while a pace is unknown", () => {
    expect(timeLeft(at({ trials: 0, time: 0 }), at({ trials: 0, time: 0.1 }), 10)).toBeUndefined();
    expect(timeLeft(at({}), at({}), 10)).toBeUndefined();
    expect(timeLeft(at({ trials: 0.5 }), at({ trials: 1 }), 10)).toBeUndefined();
    const counted = { shares: {}, trials: 3, untilNoBetter: 2 };
    expect(timeLeft(counted, counted, 10)).toBeUndefined();
    expect(timeLeft(counted, { ...counted, trials: 4, untilNoBetter: 0 }, 10)).toBeUndefined();
  });
});

/** A population of four, of which two have come half way and one has paused at a quarter; the first is a copy. */
function population(): StudyRecord {
  const study = studyRecord(
    {
      name: "population",
      goal: { metric: "loss", direction: "minimize" },
      space: { lr: float(0, 1) },
      constraints: [],
      maxSteps: 20,
      sampler: { name: "random", options: {} },
      scheduler: { name: "pbt", options: { population: 4 } },
      budget: {},
      seed: 1,
      retries: 0,
    },
    0,
  );
  const push = (event: EventBody): void => applyEvent(study, { ...event, time: study.events });
  for (const [trial, step] of [6, 10, 5].entries()) {
    push({ type: "trial-asked", trial, params: { lr: 0.1 }, seed: 1, sampler: "random" });
    push({ type: "attempt-started", trial, attempt: 1, worker: "w", fromStep: 0 });
    push({ type: "reported", trial, attempt: 1, step, metrics: { loss: 1 } });
  }
  push({ type: "paused", trial: 2, attempt: 1 });
  const copied = { parent: 1, step: 10, value: 1, path: "p", digest: "d" };
  push({ type: "exploited", trial: 0, ...copied, params: { lr: 0.2 } });
  return study;
}

it("the progress of replicates is that of all trainings of a trial", () => {
  const { definition } = population();
  const { scheduler: _pbt, ...others } = definition;
  const study = studyRecord(
    { ...others, scheduler: { name: "none", options: {} }, budget: { trials: 2 }, replicates: 2 },
    0,
  );
  const shares: (number | undefined)[] = [];
  const push = (event: EventBody): void => {
    applyEvent(study, { ...event, time: study.events });
    shares.push(usedShares(study).trials);
  };
  push({ type: "trial-asked", trial: 0, params: { lr: 0.1 }, seed: 1, sampler: "random" });
  push({ type: "attempt-started", trial: 0, attempt: 1, worker: "w", fromStep: 0 });
  push({ type: "reported", trial: 0, attempt: 1, step: 20, metrics: { loss: 1 } });
  push({ type: "replicated", trial: 0, attempt: 1, seed: 2 });
  push({ type: "attempt-started", trial: 0, attempt: 2, worker: "w", fromStep: 0 });
  push({ type: "reported", trial: 0, attempt: 2, step: 10, metrics: { loss: 1 } });
  push({ type: "reported", trial: 0, attempt: 2, step: 20, metrics: { loss: 1 } });
  push({ type: "finished", trial: 0, attempt: 2, state: "complete" });
  // Of two trials with two trainings of 20 steps each.
  expect(shares).toEqual([0, 0, 1 / 4, 1 / 4, 1 / 4, 3 / 8, 1 / 2, 1 / 2]);
});

it("what noBetterFor leaves are the trials since the best value that have not halted, less what those have done", () => {
  const { definition } = population();
  const study = studyRecord(
    { ...definition, scheduler: { name: "none", options: {} }, budget: { noBetterFor: 3 } },
    0,
  );
  const left: (number | undefined)[] = [];
  const push = (...bodies: readonly EventBody[]): void => {
    for (const body of bodies) applyEvent(study, { ...body, time: study.events });
    left.push(standingOf(study).untilNoBetter);
  };
  const begin = (trial: number, step: number, loss: number): EventBody[] => [
    { type: "trial-asked", trial, params: { lr: 0.1 }, seed: 1, sampler: "random" },
    { type: "attempt-started", trial, attempt: 1, worker: "w", fromStep: 0 },
    { type: "reported", trial, attempt: 1, step, metrics: { loss } },
  ];
  const finish = (trial: number): EventBody => ({ type: "finished", trial, attempt: 1, state: "complete" });
  push(...begin(0, 20, 2)); // nothing is best yet
  push(finish(0));
  push(...begin(1, 5, 3)); // a quarter of 20 steps
  push({ type: "paused", trial: 1, attempt: 1 });
  push(...begin(2, 20, 1));
  push(finish(2)); // better: the count begins again
  expect(left).toEqual([3, 3, 2.75, 2, 1, 3]);
});

describe("the progress of a population", () => {
  it("is that of its members' models, with the population's size as the limit", () => {
    expect(usedShares(population())).toEqual({ trials: (0.5 + 0.5 + 0.25) / 4 });
  });

  it("counts exploits", () => {
    expect(progressText(population(), undefined, undefined)).toMatch(/^0\/4 trials · .* · 1 exploit · /);
  });

  it("tells of an exception by its name", () => {
    const error = { code: "PROGRAM_FAILED", message: "the program ended with exit code 1" };
    const failed = { type: "failed", trial: 3, attempt: 1, error, retry: false, time: 1 } as const;
    expect(messageOfEvent({ ...failed, output: ["Traceback:", "ValueError: bad lr", ""] })).toBe(
      "trial 3, attempt 1 failed: ValueError: bad lr (PROGRAM_FAILED: the program ended with exit code 1; no retries left)",
    );
    expect(messageOfEvent({ ...failed, output: ["epoch 3"], retry: true })).toBe(
      "trial 3, attempt 1 failed: PROGRAM_FAILED: the program ended with exit code 1 (it will be retried)",
    );
  });

  it("leaves an algorithm's fault to the error that ends the run, and tells of other notes", () => {
    const note = { type: "note", trial: 3, message: "look", time: 1 } as const;
    expect(messageOfEvent({ ...note, code: "ALGORITHM_FAILED" })).toBeUndefined();
    expect(messageOfEvent({ ...note, code: "STEP_BEYOND" })).toBe("trial 3: look");
  });

  it("tells of a model that could not be copied", () => {
    const lost = { trial: 3, parent: 1, path: "trial-1/s.bin", reason: "it was changed after it was saved" };
    expect(messageOfEvent({ type: "exploit-failed", ...lost, time: 1 })).toBe(
      "trial 3 keeps its own model: that of trial 1 could not be copied: it was changed after it was saved",
    );
  });
});

describe("createRate", () => {
  it("is the slope over the window", () => {
    const rate = createRate(10);
    expect(rate(0, 0)).toBeUndefined();
    expect(rate(50, 5)).toBeCloseTo(10, 9);
    expect(rate(50, 10)).toBeCloseTo(5, 9);
    // The window now begins at 10 s: nothing of the steps before counts.
    expect(rate(150, 20)).toBeCloseTo(10, 9);
  });
});

describe("the progress of a study that pauses trials", () => {
  const paused = (scheduler: string): StudyRecord => {
    const study = studyRecord(
      {
        name: "paused",
        goal: { metric: "loss", direction: "minimize" },
        space: { lr: float(0, 1) },
        constraints: [],
        maxSteps: 20,
        sampler: { name: "random", options: {} },
        scheduler: { name: scheduler, options: {} },
        budget: { trials: 8 },
        seed: 1,
        retries: 0,
      },
      0,
    );
    const push = (event: EventBody): void => applyEvent(study, { ...event, time: study.events });
    for (const trial of [0, 1, 2]) {
      push({ type: "trial-asked", trial, params: { lr: 0.1 }, seed: 1, sampler: "random" });
      push({ type: "attempt-started", trial, attempt: 1, worker: "w", fromStep: 0 });
      push({ type: "reported", trial, attempt: 1, step: 5, metrics: { loss: 1 } });
    }
    push({ type: "paused", trial: 0, attempt: 1 });
    push({ type: "finished", trial: 1, attempt: 1, state: "complete" });
    return study;
  };

  it("says on what condition it ends soon", () => {
    const text = (unlessBetter: boolean): string =>
      progressText(paused("lcm"), undefined, { seconds: 12, unlessBetter });
    expect(text(true)).toContain(" · 12s left if none is better · ");
    expect(text(false)).toContain(" · 12s left · ");
  });

  it("counts those that have had their turn", () => {
    const study = paused("lcm");
    expect(usedShares(study)).toEqual({ trials: (2 + 0.25) / 8 });
    expect(progressText(study, undefined, undefined)).toMatch(/^2\/8 trials · .* · 1 paused · 1 running$/);
  });

  it("tells of a training that ended before its last step", () => {
    const study = paused("lcm");
    const ended = { type: "finished", trial: 1, attempt: 1, time: 9 } as const;
    expect(earlyEndText({ ...ended, state: "complete" }, study)).toContain("at step 5 of 20");
    expect(earlyEndText({ ...ended, state: "stopped" }, study)).toBeUndefined();
    const { maxSteps: _maxSteps, ...open } = study.definition;
    expect(earlyEndText({ ...ended, state: "complete" }, { ...study, definition: open })).toBeUndefined();
    const exact = { ...study, definition: { ...study.definition, maxSteps: 5 } };
    expect(earlyEndText({ ...ended, state: "complete" }, exact)).toBeUndefined();
  });
});
