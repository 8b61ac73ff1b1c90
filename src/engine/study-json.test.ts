import { describe, expect, it } from "vitest";
import type { EventBody } from "../core/events.js";
import { float } from "../core/param.js";
import type { StudyDefinition } from "../core/study-definition.js";
import { applyEvent } from "../core/study-fold.js";
import { type StudyRecord, studyRecord } from "../core/study-record.js";
import { exportedTrial, studyJson, trialJson } from "./study-json.js";

const module = { specifier: "./mine.mjs", folder: "/study", digest: "ab".repeat(32) };
const definition: StudyDefinition = {
  name: "shown",
  goal: { metric: "loss", direction: "minimize" },
  space: { lr: float(0, 1) },
  constraints: [],
  maxSteps: 4,
  sampler: { name: "mine", options: { level: 1 }, module },
  scheduler: { name: "none", options: {} },
  budget: { trials: 3 },
  seed: 7,
  retries: 1,
  program: {
    command: ["true"],
    shell: false,
    folder: "/",
    env: { TOKEN: "secret" },
    metrics: { kind: "lines" },
    killAfter: 1,
  },
};

/** A study after these events, a second apart from the moment 1000 on. */
function after(bodies: readonly EventBody[], defined = definition): StudyRecord {
  const study = studyRecord(defined, 1000);
  for (const [index, body] of bodies.entries()) applyEvent(study, { ...body, time: 2000 + 1000 * index });
  return study;
}
function trialOf(study: StudyRecord, number: number) {
  const trial = study.trials[number];
  if (trial === undefined) throw new Error(`there is no trial ${number}`);
  return trial;
}

const explanation = { rule: "r", reason: "because", values: {} };
const snapshot = { step: 2, path: "trial-0/s", digest: "cd" };
const begun = (trial: number): EventBody[] => [
  { type: "trial-asked", trial, params: { lr: 0.5 + trial }, seed: 40 + trial, sampler: "mine" },
  { type: "attempt-started", trial, attempt: 1, worker: `w${trial}`, fromStep: 0 },
];
const reported = (trial: number, step: number, metrics: Readonly<Record<string, number>>): EventBody => ({
  type: "reported",
  trial,
  attempt: 1,
  step,
  metrics,
});

/** Trial 0 trains on, trial 1 copied its model, trial 2 failed. */
const story: readonly EventBody[] = [
  ...begun(0),
  ...begun(1),
  ...begun(2),
  reported(0, 1, { loss: Number.POSITIVE_INFINITY, accuracy: 0.25 }),
  reported(0, 2, { loss: 0.5 }),
  { type: "snapshot-saved", trial: 0, attempt: 1, bytes: 3, ...snapshot },
  reported(1, 1, { loss: 9 }),
  {
    type: "decided",
    trial: 1,
    attempt: 1,
    step: 1,
    action: "exploit",
    explanation,
    exploit: { parent: 0, snapshot, value: 0.5, params: { lr: 0.25 } },
  },
  {
    type: "exploited",
    trial: 1,
    parent: 0,
    value: 0.5,
    params: { lr: 0.25 },
    ...snapshot,
    path: "trial-1/i",
  },
  {
    type: "failed",
    trial: 2,
    attempt: 1,
    error: { code: "EXIT", message: "exit code 1", hint: "Look." },
    output: ["oh"],
    retry: false,
  },
  { type: "note", trial: 2, code: "ODD", message: "odd", hint: "Look." },
  { type: "note", code: "EVEN", message: "even" },
];

describe("a trial as JSON", () => {
  it("has its params, its state, its value and its curve, numbers that JSON lacks as words", () => {
    const study = after(story);
    expect(exportedTrial(study, trialOf(study, 0))).toEqual({
      number: 0,
      state: "running",
      params: { lr: 0.5 },
      value: 0.5,
      curve: [
        { step: 1, loss: "Infinity", accuracy: 0.25 },
        { step: 2, loss: 0.5 },
      ],
    });
  });

  it("has no value where the goal metric was never reported, or diverged", () => {
    for (const metrics of [{ accuracy: 1 }, { loss: Number.NaN }, { loss: Number.NEGATIVE_INFINITY }]) {
      const study = after([...begun(0), reported(0, 1, metrics)]);
      expect(exportedTrial(study, trialOf(study, 0))).toMatchObject({ value: null });
    }
  });

  it("tells of the models that it went on with, if there were any", () => {
    const study = after(story);
    const inherited = {
      at: 1,
      reached: 9,
      parent: 0,
      parentInheritances: 0,
      step: 2,
      value: 0.5,
      before: { lr: 1.5 },
    };
    expect(exportedTrial(study, trialOf(study, 1))).toEqual({
      number: 1,
      state: "running",
      params: { lr: 0.25 },
      value: 0.5,
      curve: [{ step: 1, loss: 9 }],
      inheritances: [inherited],
    });
    expect(trialJson(study, trialOf(study, 1))).toMatchObject({ step: 2, inheritances: [inherited] });
  });

  it("has every known field, and null for what is missing", () => {
    const study = after(story);
    expect(trialJson(study, trialOf(study, 0))).toEqual({
      ...exportedTrial(study, trialOf(study, 0)),
      step: 2,
      seed: 40,
      sampler: "mine",
      attempt: 1,
      failures: 0,
      worker: "w0",
      decision: null,
      failure: null,
      snapshot,
      bestSnapshot: null,
      inheritances: [],
      askedAt: 2000,
      startedAt: 3000,
      endedAt: null,
      seconds: null,
    });
    expect(trialJson(study, trialOf(study, 2))).toMatchObject({
      state: "failed",
      failures: 1,
      worker: null,
      failure: { code: "EXIT", message: "exit code 1", hint: "Look.", output: ["oh"] },
      snapshot: null,
      bestSnapshot: null,
      endedAt: 2000 + 1000 * 12,
    });
    const asked = after(begun(0).slice(0, 1));
    expect(trialJson(asked, trialOf(asked, 0))).toMatchObject({ startedAt: null, endedAt: null });
  });

  it("has the last decision in short, and a failure without a hint as one with null", () => {
    const decided = after([
      ...begun(0),
      reported(0, 1, { loss: 1 }),
      { type: "decided", trial: 0, attempt: 1, step: 1, action: "stop", explanation },
      { type: "failed", trial: 0, attempt: 1, error: { code: "X", message: "x" }, output: [], retry: false },
    ]);
    expect(trialJson(decided, trialOf(decided, 0))).toMatchObject({
      decision: { step: 1, action: "stop", rule: "r", reason: "because" },
      failure: { code: "X", message: "x", hint: null, output: [] },
    });
  });
});

describe("a study as JSON", () => {
  it("has everything but what its program and its environment are", () => {
    const study = after(story);
    const json = studyJson(study, undefined);
    expect(json).toEqual({
      name: "shown",
      goal: { metric: "loss", direction: "minimize" },
      state: "idle",
      holder: null,
      sampler: { name: "mine", options: { level: 1 }, module },
      scheduler: { name: "none", options: {} },
      maxSteps: 4,
      seed: 7,
      budget: { trials: 3 },
      trials: { total: 3, waiting: 0, running: 2, paused: 0, complete: 0, stopped: 0, failed: 1 },
      totalSteps: 3,
      stepsSaved: 0,
      stepsAgain: 0,
      secondsSaved: 0,
      secondsPerStep: 1,
      // 5 and 6 s to a first report, each after one step.
      starts: { total: 3, afterPause: 0, parked: 0, seconds: 4.5 },
      exploits: 1,
      elapsed: 15,
      best: { trial: 0, value: 0.5, complete: false, params: { lr: 0.5 } },
      events: 16,
      createdAt: 1000,
      updatedAt: 16_000,
      halt: null,
      held: [],
      tags: [],
      trialTags: [],
      notes: [
        { trial: 2, code: "ODD", message: "odd", hint: "Look.", by: null, time: 15_000 },
        { trial: null, code: "EVEN", message: "even", hint: null, by: null, time: 16_000 },
      ],
    });
    expect(JSON.stringify(json)).not.toContain("secret");
  });

  it("has null for a missing best trial and last step", () => {
    const { maxSteps: _steps, ...endless } = definition;
    expect(studyJson(after([], endless), undefined)).toMatchObject({
      maxSteps: null,
      stepsSaved: null,
      best: null,
      notes: [],
    });
  });

  it("is running where somebody holds it, else idle, or finished with nothing left to do", () => {
    const holder = { host: "here", pid: 5, started: "then" };
    const done = after(
      [
        ...begun(0),
        reported(0, 4, { loss: 1 }),
        { type: "finished", trial: 0, attempt: 1, state: "complete" },
      ],
      { ...definition, budget: { trials: 1 } },
    );
    expect(studyJson(done, undefined)).toMatchObject({ state: "finished", holder: null });
    expect(studyJson(done, holder)).toMatchObject({ state: "running", holder: { host: "here", pid: 5 } });
    expect(studyJson(after([]), undefined)).toMatchObject({ state: "idle" });
  });
});

it("says who has paused the study and trials, and what is tagged", () => {
  const study = after([
    { type: "trial-asked", trial: 0, params: { lr: 0.5 }, seed: 1, sampler: "random" },
    { type: "requested", by: "ana", action: "pause", trial: 0 },
    { type: "requested", by: "bob", action: "pause" },
    { type: "tagged", by: "ana", added: ["night"], removed: [] },
    { type: "tagged", by: "ana", trial: 0, added: ["odd"], removed: [] },
    { type: "note", code: "NOTE", message: "look", by: "ana" },
  ]);
  expect(studyJson(study, undefined)).toMatchObject({
    halt: { action: "pause", by: "bob" },
    held: [{ trial: 0, action: "pause", by: "ana" }],
    tags: ["night"],
    trialTags: [{ trial: 0, tags: ["odd"] }],
    notes: [{ trial: null, code: "NOTE", message: "look", by: "ana" }],
  });
});
