import { describe, expect, it } from "vitest";
import type { EventBody } from "../core/events.js";
import type { Goal } from "../core/goal.js";
import { float } from "../core/param.js";
import { createSearchSpace } from "../core/search-space.js";
import { applyEvent } from "../core/study-fold.js";
import { studyRecord } from "../core/study-record.js";
import { followTrials } from "../samplers/evolution/follow-trials.js";
import { createOutcomes, type Outcome } from "./outcomes.js";

const space = createSearchSpace({ rate: float(0, 1) });

/** A study whose outcomes are followed, and its story so far. */
function follow({ maxSteps, ...goal }: Partial<Goal> & { maxSteps?: number }) {
  const whole: Goal = { metric: "loss", direction: "minimize", ...goal };
  const study = studyRecord(
    {
      name: "followed",
      goal: whole,
      space: space.params,
      constraints: [],
      ...(maxSteps === undefined ? {} : { maxSteps }),
      sampler: { name: "any", options: {} },
      scheduler: { name: "any", options: {} },
      budget: {},
      seed: 1,
      retries: 1,
    },
    0,
  );
  const setup = { goal: whole, maxSteps };
  const outcomes = createOutcomes(setup);
  const hooks = followTrials(outcomes.note);
  const push = (...bodies: EventBody[]): void => {
    for (const body of bodies) {
      const event = { ...body, time: study.events };
      applyEvent(study, event);
      hooks.observe(event, study);
    }
  };
  return {
    outcomes,
    push,
    /** Asks for a trial, starts it and reports values at the steps from 1. */
    train: (trial: number, ...values: number[]): void => {
      push(
        { type: "trial-asked", trial, params: { rate: trial / 100 }, seed: trial, sampler: "any" },
        { type: "attempt-started", trial, attempt: 1, worker: "w1", fromStep: 0 },
      );
      for (const [place, loss] of values.entries())
        push({ type: "reported", trial, attempt: 1, step: place + 1, metrics: { loss } });
    },
    finish: (trial: number, state: "complete" | "stopped" | "paused"): void =>
      push(
        state === "paused"
          ? { type: "paused", trial, attempt: 1 }
          : { type: "finished", trial, attempt: 1, state },
      ),
    /** What a sampler knows that is created now. */
    restarted: () => {
      const later = createOutcomes(setup);
      followTrials(later.note).restore(study);
      return later;
    },
  };
}

const byTrial = (outcomes: readonly Outcome[]): Outcome[] => outcomes.toSorted((a, b) => a.trial - b.trial);
const costs = (outcomes: readonly Outcome[]) =>
  Object.fromEntries(outcomes.map(({ trial, cost }) => [trial, cost]));
const failure = { code: "PROGRAM_FAILED", message: "exit code 1" } as const;

describe("what trials taught", () => {
  it("is the cost of a complete training, and infinite for what failed or diverged", () => {
    const { outcomes, train, finish, push } = follow({ maxSteps: 2 });
    train(0, 5, 3);
    finish(0, "complete");
    train(1, 5, Number.NaN);
    finish(1, "complete");
    train(2, 1);
    push({ type: "failed", trial: 2, attempt: 1, error: failure, output: [], retry: false });
    expect(costs(outcomes.settled)).toEqual({
      0: 3,
      1: Number.POSITIVE_INFINITY,
      2: Number.POSITIVE_INFINITY,
    });
    expect(outcomes.open()).toEqual([]);
  });

  it("is lower for better trials, whatever the goal", () => {
    const { outcomes, train, finish } = follow({ maxSteps: 2, direction: "maximize", of: "best" });
    train(0, 5, 3);
    finish(0, "complete");
    train(1, 5, 9);
    finish(1, "complete");
    expect(costs(outcomes.settled)).toEqual({ 0: -5, 1: -9 });
  });

  it("is nothing before the first report, and in flight until the training halts", () => {
    const { outcomes, train, finish, push } = follow({ maxSteps: 4 });
    push({ type: "trial-asked", trial: 0, params: { rate: 0 }, seed: 0, sampler: "any" });
    train(1, 2);
    train(2, 2);
    finish(2, "paused");
    expect(outcomes.open().map(({ trial, isInFlight }) => [trial, isInFlight])).toEqual([
      [0, true],
      [1, true],
      [2, false],
    ]);
    expect(outcomes.open()[0]?.cost).toBeUndefined();
  });

  it("is a forecast of the end where a training was paused or stopped", () => {
    const { outcomes, train, finish } = follow({ maxSteps: 16 });
    // All complete trials end at half of what they reported first.
    for (let trial = 0; trial < 8; trial++) {
      const first = 4 + trial;
      train(trial, ...Array.from({ length: 16 }, (_, place) => first * (1 - place / 30)));
      finish(trial, "complete");
    }
    train(8, 7.4, 7.4 * (29 / 30), 7.4 * (28 / 30), 7.4 * (27 / 30));
    finish(8, "paused");
    train(9, 20);
    finish(9, "stopped");
    const [paused, stopped] = outcomes.open();
    expect(paused?.cost).toBeCloseTo(3.7, 1);
    expect(paused?.deviation).toBeGreaterThan(0);
    expect(paused?.deviation).toBeLessThan(0.5);
    expect(stopped?.cost).toBeGreaterThan(paused?.cost ?? Number.POSITIVE_INFINITY);
  });

  it("is the value reached so far where nobody knows how long a training is", () => {
    const { outcomes, train, finish } = follow({});
    train(0, 5, 4, 2);
    finish(0, "stopped");
    train(1);
    finish(1, "stopped");
    expect(costs(outcomes.open())).toEqual({ 0: 2, 1: Number.POSITIVE_INFINITY });
  });

  it("is unsettled again when a failed trial is retried", () => {
    const { outcomes, train, finish, push } = follow({ maxSteps: 2 });
    train(0, 5, 3);
    finish(0, "complete");
    train(1, 5);
    push({ type: "failed", trial: 1, attempt: 1, error: failure, output: [], retry: false });
    const { revision } = outcomes;
    push({ type: "retried", trial: 1 });
    expect(outcomes.revision).not.toBe(revision);
    expect(costs(outcomes.settled)).toEqual({ 0: 3 });
    expect(outcomes.open().map(({ trial }) => trial)).toEqual([1]);
  });

  it("is the same after a restart", () => {
    const { outcomes, train, finish, restarted } = follow({ maxSteps: 4 });
    train(0, 9, 8, 7, 6);
    train(1, 4, 3, 2, 1);
    finish(1, "complete");
    finish(0, "complete");
    train(2, 6, 5);
    finish(2, "stopped");
    train(3, 5);
    const later = restarted();
    expect(byTrial(later.settled)).toEqual(byTrial(outcomes.settled));
    expect(later.open()).toEqual(outcomes.open());
  });
});
