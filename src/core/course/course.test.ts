import { describe, expect, it } from "vitest";
import { createRandom, PURPOSE } from "../../math/random.js";
import type { Decision } from "../decision.js";
import type { EventBody, StudyEvent } from "../events.js";
import type { AttemptEnd } from "../launcher.js";
import { float } from "../param.js";
import type { Resumption, Scheduler } from "../scheduler.js";
import type { StudyDefinition } from "../study-definition.js";
import { applyEvent } from "../study-fold.js";
import { type StudyRecord, studyRecord } from "../study-record.js";
import { attemptStarted, canBeginAgain, exploited, exploitFailed, modelLost } from "./attempt.js";
import { areStepsCommitted, hasTrialLeft, isFinished, isSpent } from "./budget.js";
import { conduct } from "./conduct.js";
import { observeEvent, type Proposer, restoreCourse, takeEvent, untilExhausted } from "./course.js";
import { dispatch } from "./dispatch.js";
import { type AttemptStanding, endingOf, recoveryEvents } from "./ending.js";
import { newTrial, trialAsked } from "./new-trial.js";
import { reportEvents } from "./report.js";

const definition: StudyDefinition = {
  name: "conducted",
  goal: { metric: "loss", direction: "minimize" },
  space: { lr: float(0, 1) },
  constraints: [],
  maxSteps: 4,
  sampler: { name: "random", options: {} },
  scheduler: { name: "none", options: {} },
  budget: {},
  seed: 7,
  retries: 1,
};

/** A study after these events, all at one moment. */
function after(bodies: readonly EventBody[], more: Partial<StudyDefinition> = {}): StudyRecord {
  const study = studyRecord({ ...definition, ...more }, 0);
  for (const body of bodies) applyEvent(study, { ...body, time: 0 });
  return study;
}
function trialOf(study: StudyRecord, number = 0) {
  const trial = study.trials[number];
  if (trial === undefined) throw new Error(`there is no trial ${number}`);
  return trial;
}

const explanation = { rule: "r", reason: "because", values: {} };
const asked = (trial: number): EventBody => ({
  type: "trial-asked",
  trial,
  params: { lr: 0.5 },
  seed: 1,
  sampler: "random",
});
const started = (trial: number, attempt = 1): EventBody => ({
  type: "attempt-started",
  trial,
  attempt,
  worker: "w",
  fromStep: 0,
});
const begun = (trial: number): EventBody[] => [asked(trial), started(trial)];
const reported = (trial: number, step: number, metrics: Readonly<Record<string, number>> = { loss: 1 }) =>
  ({ type: "reported", trial, attempt: 1, step, metrics }) satisfies EventBody;
const decided = (trial: number, step: number, action: "pause" | "stop"): EventBody => ({
  type: "decided",
  trial,
  attempt: 1,
  step,
  action,
  explanation,
});
const paused = (trial: number): EventBody => ({ type: "paused", trial, attempt: 1 });

const NOBODY: Proposer = { ask: () => undefined };
const proposing: Proposer = { ask: (trial) => ({ lr: trial / 10 }) };
const continuing: Scheduler = {
  restore: () => {},
  observe: () => {},
  decide: () => ({ action: "continue" }),
};

describe("a budget", () => {
  it("with a target is spent once a report is as good, whatever comes later", () => {
    const aimed = (loss: readonly number[], more: Partial<StudyDefinition> = {}): boolean =>
      isSpent(
        after([...begun(0), ...loss.map((value, place) => reported(0, place + 1, { loss: value }))], {
          budget: { target: 0.5 },
          ...more,
        }),
      );
    expect(aimed([])).toBe(false);
    expect(aimed([0.6, Number.NaN, Number.NEGATIVE_INFINITY])).toBe(false);
    expect(aimed([0.6, 0.5])).toBe(true);
    expect(aimed([0.4, 0.9])).toBe(true);
    const goal = { metric: "loss", direction: "maximize" } as const;
    expect(aimed([0.4], { goal })).toBe(false);
    expect(aimed([0.5], { goal })).toBe(true);
  });

  it("with noBetterFor allows no new trial after so many without a better one, as long as those in flight are no better", () => {
    const complete = (trial: number, loss: number): EventBody[] => [
      ...begun(trial),
      reported(trial, 4, { loss }),
      { type: "finished", trial, attempt: 1, state: "complete" },
    ];
    const study = after([...complete(0, 3), ...complete(1, 2), ...begun(2)], { budget: { noBetterFor: 2 } });
    const go = (...bodies: readonly EventBody[]): boolean => {
      for (const body of bodies) applyEvent(study, { ...body, time: 0 });
      return hasTrialLeft(study);
    };
    // It counts, as it began after trial 1 had the best value.
    expect(go()).toBe(true);
    expect(go(reported(2, 2, { loss: 2.5 }), decided(2, 2, "pause"), paused(2))).toBe(true);
    // Trial 3 trains: whatever it reports counts when it halts.
    expect(go(...begun(3), reported(3, 1, { loss: 1 }))).toBe(true);
    expect(go(reported(3, 2, { loss: 2 }), decided(3, 2, "stop"))).toBe(true);
    expect(go({ type: "finished", trial: 3, attempt: 1, state: "stopped" })).toBe(false);
    expect(isFinished(study)).toBe(true);
    // The one that goes on after its pause is better, so others may be.
    expect(go({ type: "resumed", trial: 2 })).toBe(true);
    expect(go({ type: "attempt-started", trial: 2, attempt: 2, worker: "w", fromStep: 2 })).toBe(true);
    expect(go({ type: "reported", trial: 2, attempt: 2, step: 4, metrics: { loss: 1.5 } })).toBe(true);
    expect(go({ type: "finished", trial: 2, attempt: 2, state: "complete" })).toBe(true);
    expect(go(...complete(4, 2), ...complete(5, Number.NaN))).toBe(false);
  });

  it("with noBetterFor goes on while nothing has a value", () => {
    const failed: EventBody = {
      type: "failed",
      trial: 0,
      attempt: 1,
      error: { code: "PROGRAM_FAILED", message: "exit code 1" },
      output: [],
      retry: false,
    };
    expect(hasTrialLeft(after([...begun(0), failed], { budget: { noBetterFor: 1 } }))).toBe(true);
  });

  it.each([
    [{ totalSteps: 3 }, false],
    [{ totalSteps: 2 }, true],
    [{ totalSteps: 1 }, true],
    [{ time: 11 }, false],
    [{ time: 10 }, true],
    [{ time: 10, totalSteps: 99 }, true],
    [{ time: 99, totalSteps: 2 }, true],
    [{ trials: 1 }, false],
    [{}, false],
  ])("of %j is spent by 2 steps in 10 seconds: %s", (budget, spent) => {
    const study = after([...begun(0), reported(0, 2)], { budget });
    study.elapsed = 10;
    expect(isSpent(study)).toBe(spent);
    // A trial still runs, so that nothing else finishes it.
    expect(isFinished(study)).toBe(spent);
  });

  it("of trials has room until there are as many, waiting ones included", () => {
    expect(hasTrialLeft(after([asked(0)], { budget: { trials: 2 } }))).toBe(true);
    expect(hasTrialLeft(after([asked(0), asked(1)], { budget: { trials: 2 } }))).toBe(false);
    expect(hasTrialLeft(after([asked(0), asked(1)]))).toBe(true);
  });

  it("is finished once its trials are made and none of them waits or runs", () => {
    const budget = { trials: 1 };
    const over: EventBody = { type: "finished", trial: 0, attempt: 1, state: "complete" };
    expect(isFinished(after([], { budget }))).toBe(false);
    expect(isFinished(after([asked(0)], { budget }))).toBe(false);
    expect(isFinished(after(begun(0), { budget }))).toBe(false);
    expect(isFinished(after([...begun(0), asked(1)], { budget: { trials: 2 } }))).toBe(false);
    expect(isFinished(after([...begun(0), paused(0)], { budget }))).toBe(true);
    expect(isFinished(after([...begun(0), over], { budget }))).toBe(true);
    expect(isFinished(after([...begun(0), over]))).toBe(false);
  });

  it("of steps is committed when the trials in flight need all that is left", () => {
    // Trial 0 needs 1 step more, trial 1 needs 4; 3 were trained.
    const bodies = [...begun(0), reported(0, 3), ...begun(1)];
    const committed = (totalSteps: number | undefined, inFlight: readonly number[], maxSteps?: number) => {
      const budget = totalSteps === undefined ? {} : { totalSteps };
      const { maxSteps: _steps, ...endless } = definition;
      const study = studyRecord({ ...endless, budget, ...(maxSteps === undefined ? {} : { maxSteps }) }, 0);
      for (const body of bodies) applyEvent(study, { ...body, time: 0 });
      return areStepsCommitted(study, inFlight);
    };
    expect(committed(8, [0, 1], 4)).toBe(true);
    expect(committed(9, [0, 1], 4)).toBe(false);
    expect(committed(9, [0], 4)).toBe(false);
    expect(committed(4, [0], 4)).toBe(true);
    expect(committed(5, [0, 7], 4)).toBe(false);
    expect(committed(undefined, [0, 1], 4)).toBe(false);
    expect(committed(4, [0, 1])).toBe(false);
    expect(committed(3, [])).toBe(true);
    // A trial beyond a last step that was made smaller gives nothing back.
    expect(committed(6, [0, 1], 2)).toBe(false);
    expect(committed(5, [0, 1], 2)).toBe(true);
  });

  it("of steps is committed when all replicates of the trials in flight need what is left", () => {
    // Trial 0 is at step 1 of its second training of three, trial 1 at the beginning of its first: 5 were trained.
    const further: EventBody[] = [
      { type: "replicated", trial: 0, attempt: 1, seed: 2 },
      started(0, 2),
      { ...reported(0, 1), attempt: 2 },
    ];
    const bodies = [...begun(0), reported(0, 4), ...further, ...begun(1)];
    const committed = (totalSteps: number, inFlight: readonly number[]) =>
      areStepsCommitted(after(bodies, { budget: { totalSteps }, replicates: 3 }), inFlight);
    expect([12, 13].map((steps) => committed(steps, [0]))).toEqual([true, false]);
    expect([24, 25].map((steps) => committed(steps, [0, 1]))).toEqual([true, false]);
  });
});

describe("a report", () => {
  const recorded = (bodies: readonly EventBody[], metrics: Readonly<Record<string, number>>) => {
    const study = after([...begun(0), ...bodies]);
    return reportEvents(study, trialOf(study), 3, metrics).map(({ type }) => type);
  };

  it("is recorded as it is", () => {
    const study = after(begun(0));
    expect(reportEvents(study, trialOf(study), 3, { loss: 2 })).toEqual([reported(0, 3, { loss: 2 })]);
  });

  it("comes without a note once any trial has reported the goal metric", () => {
    const study = after([...begun(0), reported(0, 1), ...begun(1)]);
    const second = study.trials[1];
    if (second === undefined) throw new Error("trial 1 is missing");
    expect(reportEvents(study, second, 3, { accuracy: 1 }).map(({ type }) => type)).toEqual(["reported"]);
  });

  it("comes after a note when it is the trial's first one and lacks the goal metric", () => {
    expect(recorded([], { accuracy: 1 })).toEqual(["note", "reported"]);
    expect(recorded([], { accuracy: 1, loss: 2 })).toEqual(["reported"]);
    expect(recorded([reported(0, 1)], { accuracy: 1 })).toEqual(["reported"]);
    const study = after(begun(0));
    expect(reportEvents(study, trialOf(study), 3, { los: 1, toString: 2 })[0]).toMatchObject({
      trial: 0,
      code: "METRIC_ABSENT",
      message: 'the first report of trial 0 has los, toString, but not the goal metric "loss"',
    });
  });
});

describe("a report of a study with several goals", () => {
  const goal = { ...definition.goal, others: [{ metric: "latency", direction: "minimize" as const }] };

  it("comes after a note that names the goals' metrics that it lacks", () => {
    const study = after(begun(0), { goal });
    expect(reportEvents(study, trialOf(study), 1, { loss: 2 })[0]).toMatchObject({
      code: "METRIC_ABSENT",
      message: 'the first report of trial 0 has loss, but not the goal metric "latency"',
    });
    expect(reportEvents(study, trialOf(study), 1, { los: 2 })[0]).toMatchObject({
      message: 'the first report of trial 0 has los, but not the goal metrics "loss" and "latency"',
    });
    expect(reportEvents(study, trialOf(study), 1, { loss: 2, latency: 1 })).toHaveLength(1);
  });

  it("comes after such a note only once where a further goal is measured at the end", () => {
    const study = after(begun(0), { goal });
    for (const body of reportEvents(study, trialOf(study), 1, { loss: 2 }))
      applyEvent(study, { ...body, time: 0 });
    for (const body of begun(1)) applyEvent(study, { ...body, time: 0 });
    expect(reportEvents(study, trialOf(study, 1), 1, { loss: 2 })).toHaveLength(1);
  });
});

describe("what a training is told", () => {
  const told = (decision: Decision, step = 2) => {
    const study = after([...begun(0), reported(0, step)]);
    const scheduler = { ...continuing, decide: () => decision };
    return conduct({ study, sampler: NOBODY, scheduler }, trialOf(study), step);
  };

  it("is recorded with its explanation, and a silent `continue` is not", () => {
    expect(told({ action: "continue" })).toEqual({ decision: { action: "continue" }, event: undefined });
    const place = { type: "decided", trial: 0, attempt: 1, step: 2, explanation };
    expect(told({ action: "continue", explanation }).event).toEqual({ ...place, action: "continue" });
    expect(told({ action: "stop", explanation }).event).toStrictEqual({ ...place, action: "stop" });
    const exploit = { parent: 1, snapshot: { step: 1, path: "p", digest: "d" }, value: 1, params: {} };
    const decision: Decision = { action: "exploit", explanation, exploit };
    expect(told(decision)).toEqual({ decision, event: { ...place, action: "exploit", exploit } });
  });

  it("is to go on at the last step, whatever the scheduler would say", () => {
    expect(told({ action: "stop", explanation }, 4)).toEqual({
      decision: { action: "continue" },
      event: undefined,
    });
  });
});

describe("an attempt that ends", () => {
  const ended: AttemptEnd = { kind: "ended" };
  const error = { code: "EXIT", message: "exit code 1" };
  const failed: AttemptEnd = { kind: "failed", error, output: ["oh"] };
  const lost: AttemptEnd = { kind: "released", reason: "lost" };

  const ending = (
    bodies: readonly EventBody[],
    end: AttemptEnd,
    standing?: AttemptStanding,
    more?: Partial<StudyDefinition>,
  ) => {
    const study = after([...begun(0), ...bodies], more);
    const { trial, attempt, ...event } = endingOf(study, trialOf(study), end, standing);
    expect([trial, attempt]).toEqual([0, 1]);
    return event;
  };
  const complete = { type: "finished", state: "complete" };
  const isPaused = { type: "paused" };
  const stopped = { type: "finished", state: "stopped" };

  it.each([
    ["ended", ended],
    ["failed", failed],
    ["was lost", lost],
  ])("as its last report decided, however it %s", (_how, end) => {
    expect(ending([reported(0, 2), decided(0, 2, "pause")], end)).toEqual(isPaused);
    expect(ending([reported(0, 2), decided(0, 2, "stop")], end)).toEqual(stopped);
    expect(ending([reported(0, 2), decided(0, 2, "stop")], end, { interrupted: true })).toEqual(stopped);
    expect(ending([reported(0, 2)], end, { told: "exploit" })).toEqual(isPaused);
  });

  it("is not bound by what an earlier report decided", () => {
    const bodies = [reported(0, 1), decided(0, 1, "stop"), reported(0, 2)];
    expect(ending(bodies, ended)).toEqual(complete);
  });

  it("is complete at the last step, whoever gave it back, unless it failed", () => {
    expect(ending([reported(0, 4)], lost)).toEqual(complete);
    expect(ending([reported(0, 4)], ended, { interrupted: true })).toEqual(complete);
    expect(ending([reported(0, 4)], failed)).toMatchObject({ type: "failed", error });
  });

  it("waits when it was given back or interrupted before", () => {
    expect(ending([reported(0, 3)], lost)).toEqual({ type: "released", reason: "lost" });
    const interrupted = { interrupted: true };
    expect(ending([reported(0, 3)], { kind: "released", reason: "interrupted" }, interrupted)).toEqual({
      type: "released",
      reason: "interrupted",
    });
    for (const end of [ended, failed]) {
      expect(ending([reported(0, 3)], end, interrupted)).toEqual({ type: "released", reason: "interrupted" });
      const spent = { budget: { totalSteps: 3 } };
      expect(ending([reported(0, 3)], end, interrupted, spent)).toEqual({
        type: "released",
        reason: "budget",
      });
    }
  });

  it("waits at any step of a study without a last one", () => {
    const study = studyRecord({ ...definition, budget: {} }, 0);
    const { maxSteps: _steps, ...endless } = study.definition;
    study.definition = endless;
    for (const body of [...begun(0), reported(0, 99)]) applyEvent(study, { ...body, time: 0 });
    expect(endingOf(study, trialOf(study), lost)).toMatchObject({ type: "released" });
    expect(endingOf(study, trialOf(study), ended)).toMatchObject(complete);
  });

  it("by itself is complete if it ever reported the goal metric, and fails otherwise", () => {
    expect(ending([reported(0, 1), reported(0, 2, { accuracy: 1 })], ended)).toEqual(complete);
    expect(ending([reported(0, 1, { loss: Number.NaN })], ended)).toEqual(complete);
    expect(ending([], ended)).toMatchObject({
      type: "failed",
      error: { code: "NOTHING_REPORTED" },
      output: [],
      retry: true,
    });
    expect(ending([reported(0, 4, { los: 1, accuracy: 2 })], ended)).toMatchObject({
      type: "failed",
      error: {
        code: "METRIC_MISSING",
        message: 'the training never reported the goal metric "loss"; it reported los, accuracy',
      },
    });
  });

  it("by itself is complete only if it reported every goal's metric", () => {
    const others = [{ metric: "latency", direction: "minimize" as const }];
    const more = { goal: { ...definition.goal, others } };
    expect(ending([reported(0, 1), reported(0, 4, { latency: 3 })], ended, {}, more)).toEqual(complete);
    expect(ending([reported(0, 4)], ended, {}, more)).toMatchObject({
      type: "failed",
      error: {
        code: "METRIC_MISSING",
        message: 'the training never reported the goal metric "latency"; it reported loss',
      },
    });
    expect(ending([reported(0, 4, { los: 1 })], ended, {}, more)).toMatchObject({
      error: {
        message: 'the training never reported the goal metrics "loss" and "latency"; it reported los',
      },
    });
  });

  it("in failure is tried again as often as the study says", () => {
    expect(ending([], failed)).toEqual({ type: "failed", error, output: ["oh"], retry: true });
    const again: EventBody[] = [
      { type: "failed", trial: 0, attempt: 1, error, output: [], retry: true },
      started(0, 2),
    ];
    const study = after([...begun(0), ...again]);
    expect(endingOf(study, trialOf(study), failed)).toMatchObject({ attempt: 2, retry: false });
    expect(ending([], failed, {}, { retries: 0 })).toMatchObject({ retry: false });
  });

  it("because its coordinator went does so for each that ran, and for no other", () => {
    const bodies = [...begun(0), ...begun(1), ...begun(2), asked(3), paused(1), reported(2, 4)];
    expect(recoveryEvents(after(bodies))).toEqual([
      { type: "released", trial: 0, attempt: 1, reason: "lost" },
      { type: "finished", trial: 2, attempt: 1, state: "complete" },
    ]);
  });
});

describe("a training of a trial with replicates", () => {
  const losses = [0.5, Number.NaN];
  const log = [...begun(0), ...losses.map((loss, place) => reported(0, place + 3, { loss }))];
  const endOf = (of: "last" | "best") => {
    const study = after(log, { goal: { ...definition.goal, of }, replicates: 3 });
    return endingOf(study, trialOf(study), { kind: "ended" });
  };

  it("that diverged at its end settles what the trial is worth", () => {
    expect(endOf("last")).toMatchObject({ type: "finished", state: "complete" });
  });

  it("that diverged at its end is followed by the others where its best report counts", () => {
    expect(endOf("best")).toMatchObject({ type: "replicated" });
  });
});

describe("what a free worker gets", () => {
  const nothing: ReadonlySet<number> = new Set();
  /** Resumes its trials in order; those of `last` only when the study would be over otherwise, of `late` when no new ones begin. */
  const resuming = (
    first: readonly number[],
    last: readonly number[] = [],
    late: readonly number[] = [],
  ): Scheduler => ({
    ...continuing,
    resume: (_study, isEnding, isClosed): Resumption | undefined => {
      const [trial] = isEnding === true ? last : isClosed === true ? late : first;
      return trial === undefined ? undefined : { trial, explanation };
    },
  });
  const get = (
    bodies: readonly EventBody[],
    scheduler: Scheduler,
    sampler: Proposer,
    reserved = nothing,
    mayEnd?: boolean,
    more: Partial<StudyDefinition> = {},
  ) => dispatch({ study: after(bodies, more), sampler, scheduler }, reserved, mayEnd);
  const resumed = (trial: number) => ({ trial, event: { type: "resumed", trial, explanation } });
  const resumedLate = (trial: number) => ({
    trial,
    event: { type: "resumed", trial, explanation, closed: true },
  });

  it("is the lowest trial that waits and is on its way to nobody", () => {
    const released: EventBody = { type: "released", trial: 0, attempt: 1, reason: "lost" };
    const bodies = [...begun(0), asked(1), asked(2), released];
    const scheduler = resuming([5]);
    expect(get(bodies, scheduler, proposing)).toEqual({ trial: 0, event: undefined });
    expect(get(bodies, scheduler, proposing, new Set([0]))).toEqual({ trial: 1, event: undefined });
    expect(get(bodies, scheduler, proposing, new Set([0, 1]))).toEqual({ trial: 2, event: undefined });
    expect(get(bodies, scheduler, proposing, new Set([0, 1, 2]))).toEqual(resumed(5));
  });

  it("is else a trial that goes on, else a new one", () => {
    const bodies = [...begun(0), paused(0)];
    expect(get(bodies, resuming([0]), proposing)).toEqual(resumed(0));
    const made = trialAsked(definition, 1, { lr: 0.1 }, "random");
    expect(get(bodies, resuming([]), proposing)).toEqual({ trial: 1, event: made });
    expect(get(bodies, continuing, proposing)).toEqual({ trial: 1, event: made });
  });

  it("is in the end what the scheduler goes on with as its last resort, once nothing is under way", () => {
    const bodies = [...begun(0), paused(0)];
    const scheduler = resuming([], [0]);
    expect(get(bodies, scheduler, NOBODY)).toEqual(resumedLate(0));
    expect(get(bodies, scheduler, NOBODY, nothing, false)).toBeUndefined();
    expect(get([...bodies, ...begun(1)], scheduler, NOBODY)).toBeUndefined();
    expect(get([...bodies, asked(1)], scheduler, NOBODY, new Set([1]))).toBeUndefined();
    expect(get([...bodies, ...begun(1)], scheduler, NOBODY, nothing, true)).toEqual(resumedLate(0));
    expect(get(bodies, continuing, NOBODY)).toBeUndefined();
  });

  it("is one that goes on because no new trial begins, while others still train", () => {
    const bodies = [...begun(0), paused(0), ...begun(1)];
    const scheduler = resuming([], [], [0]);
    expect(get(bodies, scheduler, NOBODY)).toEqual(resumedLate(0));
    expect(get(bodies, scheduler, proposing)).toMatchObject({ event: { type: "trial-asked", trial: 2 } });
    expect(get(bodies, { ...scheduler, population: 2 }, proposing)).toEqual(resumedLate(0));
    const noneLeft = { budget: { trials: 2 } };
    expect(get(bodies, scheduler, proposing, nothing, undefined, noneLeft)).toEqual(resumedLate(0));
  });

  it("is nothing as long as what trains needs all steps that are left", () => {
    const bodies = [...begun(0), paused(0), ...begun(1)];
    const of = (totalSteps: number) =>
      get(bodies, resuming([], [], [0]), NOBODY, nothing, undefined, { budget: { totalSteps } });
    expect(of(4)).toBeUndefined();
    expect(of(5)).toEqual(resumedLate(0));
  });
});

describe("an attempt that begins", () => {
  const inherited = { at: 1, reached: 1, parent: 1, parentInheritances: 0, step: 2, value: 1, before: {} };

  it("counts on from the one before, and from the step of its model", () => {
    const study = after(begun(0));
    expect(attemptStarted(trialOf(study), "w", 3)).toEqual({
      type: "attempt-started",
      trial: 0,
      attempt: 2,
      worker: "w",
      fromStep: 3,
    });
  });

  it("without a model may do so from the beginning, unless the trial has another one's history", () => {
    expect([canBeginAgain({ inheritances: [] }), canBeginAgain({ inheritances: [inherited] })]).toEqual([
      true,
      false,
    ]);
    expect(modelLost(trialOf(after(begun(0))))).toMatchObject({
      type: "failed",
      trial: 0,
      attempt: 1,
      error: { code: "MODEL_LOST", message: expect.any(String), hint: expect.any(String) },
      output: [],
      retry: false,
    });
  });

  it("with another one's model takes that as it was decided, or says which one it could not take", () => {
    const snapshot = { step: 2, path: "trial-1/s", digest: "ab" };
    const exploit = {
      parent: 1,
      snapshot,
      value: 0.5,
      params: { lr: 0.25 },
      waits: true,
      parentInheritances: 3,
    };
    expect(exploited(0, exploit, "trial-0/i")).toEqual({
      type: "exploited",
      trial: 0,
      parent: 1,
      step: 2,
      value: 0.5,
      path: "trial-0/i",
      digest: "ab",
      params: { lr: 0.25 },
    });
    expect(exploitFailed(0, exploit, { reason: "gone" })).toEqual({
      type: "exploit-failed",
      trial: 0,
      parent: 1,
      path: "trial-1/s",
      reason: "gone",
    });
  });
});

describe("a new trial", () => {
  it("has the seed and the random stream of its own number", () => {
    const seen: number[] = [];
    const sampler: Proposer = {
      ask: (trial, random) => {
        seen.push(trial, random.uniform());
        return { lr: 0.25 };
      },
    };
    const study = after([asked(0)]);
    const seed = createRandom(7, 1, PURPOSE.trialSeed).uint32() >>> 1;
    expect(newTrial({ study, sampler, scheduler: continuing }, [])).toEqual({
      type: "trial-asked",
      trial: 1,
      params: { lr: 0.25 },
      seed,
      sampler: "random",
    });
    expect(seen).toEqual([1, createRandom(7, 1, PURPOSE.params).uniform()]);
    expect(seed).toBeLessThan(2 ** 31);
  });

  it("needs room in the budget and in the population, and someone who proposes it", () => {
    const make = (
      more: Partial<StudyDefinition>,
      population?: number,
      sampler = proposing,
      reserved = [0],
    ) => {
      const study = after([asked(0), ...begun(1)], more);
      const scheduler = population === undefined ? continuing : { ...continuing, population };
      return newTrial({ study, sampler, scheduler }, reserved)?.trial;
    };
    expect(make({})).toBe(2);
    expect(make({}, 3)).toBe(2);
    expect(make({}, 2)).toBeUndefined();
    expect(make({ budget: { trials: 2 } })).toBeUndefined();
    expect(make({ budget: { totalSteps: 9 } })).toBe(2);
    expect(make({ budget: { totalSteps: 8 } })).toBeUndefined();
    expect(make({ budget: { totalSteps: 8 } }, undefined, proposing, [])).toBe(2);
    expect(make({}, undefined, NOBODY)).toBeUndefined();
  });
});

describe("those who conduct a study", () => {
  const listening = (heard: string[]) => {
    const ear = (who: string) => ({
      restore: () => void heard.push(`${who} restores`),
      observe: ({ type }: StudyEvent, { events }: { readonly events: number }) =>
        void heard.push(`${who} sees ${type} as event ${events}`),
    });
    return {
      study: after([]),
      sampler: { ...NOBODY, ...ear("sampler") },
      scheduler: { ...continuing, ...ear("scheduler") },
    };
  };
  const event: StudyEvent = { ...asked(0), time: 0 };

  it("are told in order, the scheduler first, when the study has taken the event", () => {
    const heard: string[] = [];
    const course = listening(heard);
    restoreCourse(course);
    takeEvent(course, event);
    observeEvent(course, event);
    expect(course.study.trials).toHaveLength(1);
    expect(heard).toEqual([
      "scheduler restores",
      "sampler restores",
      ...["scheduler", "sampler", "scheduler", "sampler"].map((who) => `${who} sees trial-asked as event 2`),
    ]);
  });

  it("may be a sampler that neither restores nor observes", () => {
    const course = { study: after([]), sampler: untilExhausted(proposing), scheduler: continuing };
    restoreCourse(course);
    takeEvent(course, event);
    expect(course.study.events).toBe(2);
  });

  it("are not asked again once they had nothing to propose, but still see every event", () => {
    const heard: string[] = [];
    const { sampler, study } = listening(heard);
    const answers = [{ lr: 0.1 }, undefined, { lr: 0.2 }];
    let asks = 0;
    const once = untilExhausted({ ...sampler, ask: () => answers[asks++] });
    const random = createRandom(1, 0, PURPOSE.params);
    expect([0, 1, 2, 3].map((trial) => once.ask(trial, random, study))).toEqual([
      { lr: 0.1 },
      undefined,
      undefined,
      undefined,
    ]);
    expect(asks).toBe(2);
    once.restore?.(study);
    once.observe?.(event, study);
    expect(heard).toEqual(["sampler restores", "sampler sees trial-asked as event 1"]);
  });
});
