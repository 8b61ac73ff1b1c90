import { describe, expect, it } from "vitest";
import type { EventBody } from "../../core/events.js";
import type { Goal } from "../../core/goal.js";
import { float } from "../../core/param.js";
import type { Scheduler } from "../../core/scheduler.js";
import { createSearchSpace } from "../../core/search-space.js";
import { applyEvent } from "../../core/study-fold.js";
import { studyRecord } from "../../core/study-record.js";
import { quantileSize } from "../population/members.js";
import { pbt } from "./pbt.js";

const space = createSearchSpace({ lr: float(0, 1) });
const GOAL = { metric: "loss", direction: "minimize" } as const;

/** A handwritten population: every member has reported these losses, and has a snapshot of each step but the last. */
function population(
  losses: readonly (readonly number[])[],
  options: Parameters<typeof pbt>[0] = {},
  trials = losses.length,
  goal: Goal = GOAL,
) {
  const scheduler: Scheduler = pbt({ population: trials, interval: 1, resample: 0, ...options }).create({
    goal,
    maxSteps: 100,
    seed: 5,
    space,
  });
  const study = studyRecord(
    {
      name: "written",
      goal,
      space: space.params,
      constraints: [],
      maxSteps: 100,
      sampler: { name: "random", options: {} },
      scheduler: { name: "pbt", options: {} },
      budget: {},
      seed: 5,
      retries: 0,
    },
    0,
  );
  scheduler.restore(study);
  const push = (body: EventBody): void => {
    const event = { ...body, time: study.events };
    applyEvent(study, event);
    scheduler.observe(event, study);
  };
  const snapshot = (trial: number, step: number): void =>
    push({
      type: "snapshot-saved",
      trial,
      attempt: 1,
      step,
      path: `t${trial}/s${step}`,
      digest: "00",
      bytes: 1,
    });
  const report = (trial: number, step: number, loss: number): void =>
    push({ type: "reported", trial, attempt: 1, step, metrics: { loss } });
  for (const trial of losses.keys()) {
    push({ type: "trial-asked", trial, params: { lr: 0.1 * (trial + 1) }, seed: trial, sampler: "random" });
    push({ type: "attempt-started", trial, attempt: 1, worker: `w${trial}`, fromStep: 0 });
  }
  const longest = Math.max(...losses.map((each) => each.length));
  for (let step = 1; step <= longest; step++) {
    for (const [trial, curve] of losses.entries()) {
      const loss = curve[step - 1];
      if (loss === undefined) continue;
      report(trial, step, loss);
      if (step < curve.length) snapshot(trial, step);
    }
  }
  const decide = (number: number) => {
    const trial = study.trials[number];
    if (trial === undefined) throw new Error("no such trial");
    return scheduler.decide(trial, trial.curve.steps.at(-1) ?? 0, study);
  };
  return { study, scheduler, push, snapshot, report, decide };
}

describe("pbt", () => {
  it("has quantiles as designed: rounded up, at most half", () => {
    const sizes = [1, 2, 3, 4, 5, 8, 16, 17].map((members) => quantileSize(members, 0.25));
    expect(sizes).toEqual([0, 1, 1, 1, 2, 2, 4, 5]);
    expect(quantileSize(3, 0.5)).toBe(1);
  });

  it("makes the least fit go on with the model and the perturbed params of the fittest", () => {
    const { decide } = population([
      [1, 0.9],
      [1, 0.5],
      [1, 0.7],
      [1, 0.95],
    ]);
    for (const fit of [0, 1, 2]) expect(decide(fit).action).toBe("continue");
    const decision = decide(3);
    if (decision.action !== "exploit") throw new Error(`it was told to ${decision.action}`);
    const { params, ...exploit } = decision.exploit;
    // The snapshot of trial 1 is of step 1, where its loss was 1.
    expect(exploit).toEqual({ parent: 1, snapshot: { step: 1, path: "t1/s1", digest: "00" }, value: 1 });
    expect([0.8 * 0.2, 1.2 * 0.2]).toContain(params["lr"]);
    expect(decision.explanation.values).toEqual({
      members: 4,
      rank: 4,
      quantileSize: 1,
      parent: 1,
      parentStep: 1,
      parentValue: 1,
    });
    expect(decision.explanation.reason).toMatch(
      /^It is number 4 of 4 members, the least fit; it goes on with trial 1's model of step 1 \(loss 1\) and lr 0.2 -> 0.(16|24)\.$/,
    );
  });

  it("ranks diverged members as the least fit, and never makes them parents", () => {
    const { decide } = population([
      [1, Number.NaN],
      [1, 0.5],
      [1, 0.7],
      [1, 0.95],
    ]);
    expect(decide(0).action).toBe("exploit");
    expect(decide(3).action).toBe("continue");
  });

  it("waits for a snapshot", () => {
    const { decide, snapshot } = population([[1], [0.5]]);
    const early = decide(0);
    expect(early.action).toBe("continue");
    expect(early.explanation?.reason).toContain("no fitter one has a snapshot to go on from");
    snapshot(1, 1);
    expect(decide(0).action).toBe("exploit");
  });

  it("never chooses a parent that is about to be replaced itself", () => {
    const { decide, push } = population([
      [1, 0.9],
      [1, 0.5],
    ]);
    const decision = decide(0);
    if (decision.action !== "exploit") throw new Error(`it was told to ${decision.action}`);
    const { explanation, exploit } = decision;
    push({ type: "decided", trial: 0, attempt: 1, step: 2, action: "exploit", explanation, exploit });
    // Only trial 1 is left to rank: the other one is being replaced.
    expect(decide(1)).toMatchObject({ action: "continue", explanation: { values: { members: 1 } } });
  });

  it("ranks a member by its new model until it reports again", () => {
    const { decide, push, report, snapshot } = population([
      [1, 0.9],
      [0.4, 0.5],
      [1, 0.7],
      [1, 0.6],
    ]);
    push({
      type: "exploited",
      trial: 0,
      parent: 1,
      step: 1,
      value: 0.4,
      path: "t0/inherited-1",
      digest: "00",
      params: { lr: 0.16 },
    });
    // Of 0.4 (inherited), 0.5, 0.7 and 0.6, the 0.7 is the worst.
    expect(decide(2).action).toBe("exploit");
    report(0, 2, 0.8);
    expect(decide(2).action).toBe("continue");
    // It went back to step 1 before, so it may only go to later steps: two members must not take turns forever.
    expect(decide(0)).toMatchObject({ action: "continue", explanation: { values: { rank: 4 } } });
    snapshot(1, 2);
    expect(decide(0).action).toBe("exploit");
  });

  it("pauses a member if others have fewer steps, and lets those go on first", () => {
    const { decide, push, scheduler, study } = population(
      [[1, 0.9], [0.8], [0.7, 0.6]],
      { quantile: 0.1 },
      3,
    );
    for (const trial of [1, 2]) push({ type: "paused", trial, attempt: 1 });
    // The least fit is trial 0, and of the others only trial 2 has a snapshot.
    expect(decide(2).action).toBe("pause");
    expect(scheduler.resume?.(study)).toMatchObject({ trial: 1 });
  });

  it("creates the whole population before any member goes on", () => {
    const { decide, push, scheduler, study } = population([[1], [0.8]], {}, 4);
    expect(decide(1).action).toBe("pause");
    for (const trial of [0, 1]) push({ type: "paused", trial, attempt: 1 });
    expect(scheduler.resume?.(study)).toBeUndefined();
    expect(scheduler.resume?.(study, true)).toMatchObject({ trial: 0 });
  });

  it("replaces the failed member with the lowest number first, whichever failed first", () => {
    const { push, scheduler, study } = population([
      [1, 0.9],
      [1, 0.5],
      [1, 0.7],
    ]);
    for (const trial of [2, 0]) {
      const error = { code: "PROGRAM_FAILED", message: "boom" };
      push({ type: "failed", trial, attempt: 1, error, output: [], retry: false });
    }
    expect(scheduler.resume?.(study)).toMatchObject({ trial: 0, exploit: { parent: 1 } });
  });

  it("lets a failed member go on with a fitter one's model, once", () => {
    const { push, scheduler, study } = population([
      [1, 0.9],
      [1, 0.5],
    ]);
    const fail = (): void =>
      push({
        type: "failed",
        trial: 0,
        attempt: study.trials[0]?.attempt ?? 0,
        error: { code: "PROGRAM_FAILED", message: "boom" },
        output: [],
        retry: false,
      });
    fail();
    const resumption = scheduler.resume?.(study);
    expect(resumption).toMatchObject({ trial: 0, exploit: { parent: 1 } });
    if (resumption?.exploit === undefined) return;
    push({ type: "resumed", ...resumption });
    const { parent, snapshot, value, params } = resumption.exploit;
    const { step, digest } = snapshot;
    push({ type: "exploited", trial: 0, parent, step, value, path: "t0/inherited-1", digest, params });
    push({ type: "attempt-started", trial: 0, attempt: 2, worker: "w", fromStep: step });
    fail();
    expect(scheduler.resume?.(study)).toBeUndefined();
  });

  it.each([
    [{ evolve: ["rate"] }, "OPTIONS_INVALID"],
    [{ interval: 100 }, "OPTIONS_INVALID"],
  ])("refuses %j", (options, code) => {
    expect(() => pbt(options).create({ goal: GOAL, maxSteps: 100, seed: 0, space })).toThrow(
      expect.objectContaining({ code }),
    );
  });

  it("needs a space, and an interval or the end of a training", () => {
    expect(() => pbt().create({ goal: GOAL, maxSteps: 100, seed: 0 })).toThrow(
      expect.objectContaining({ code: "SPACE_MISSING" }),
    );
    expect(() => pbt().create({ goal: GOAL, maxSteps: undefined, seed: 0, space })).toThrow(
      expect.objectContaining({ code: "MAX_STEPS_MISSING" }),
    );
  });
});

describe("pbt, synchronous", () => {
  /** The params with which the least fit goes on, by how many events came between the members' arrival and the choice. */
  const chosenAfter = (goal: Goal): unknown[] =>
    [0, 1, 2, 3, 4, 5, 6, 7].map((count) => {
      const losses = [0.9, 0.5, 0.7, 0.95, 0.6, 0.8, 0.65, 0.85].map((loss) => [1, loss, loss]);
      const { study, scheduler, push } = population(losses, { mode: "synchronous" }, 8, goal);
      for (const trial of losses.keys()) push({ type: "paused", trial, attempt: 1 });
      for (let note = 0; note < count; note++) push({ type: "note", code: "NOTE", message: "of somebody" });
      return scheduler.resume?.(study)?.exploit;
    });

  it("makes the same choice however much happens elsewhere meanwhile, unlike version 0.1.0", () => {
    const [first, ...others] = chosenAfter({ ...GOAL, of: "last" });
    expect(first).toMatchObject({ value: expect.any(Number) });
    for (const other of others) expect(other).toEqual(first);
    expect(new Set(chosenAfter(GOAL).map((each) => JSON.stringify(each))).size).toBeGreaterThan(1);
  });
});
