import { describe, expect, it } from "vitest";
import type { EventBody } from "./events.js";
import { float, type Params } from "./param.js";
import { MAX_FORMER_WORKERS, MAX_NOTES } from "./study.js";
import type { StudyDefinition } from "./study-definition.js";
import { applyEvent } from "./study-fold.js";
import { decodeImage, encodeImage } from "./study-image.js";
import { type StudyRecord, studyRecord } from "./study-record.js";
import { secondsOf } from "./trial.js";

const definition: StudyDefinition = {
  name: "rules",
  goal: { metric: "loss", direction: "minimize" },
  space: { lr: float(0, 1) },
  constraints: [],
  sampler: { name: "mine", options: { level: 1 } },
  scheduler: { name: "other", options: {} },
  budget: { trials: 5 },
  seed: 1,
  retries: 1,
  timeout: 30,
};

/** A study after these events: the first at the moment 1000, each half a second after the one before. */
function after(bodies: readonly EventBody[]): StudyRecord {
  const study = studyRecord(definition, 0);
  for (const [index, body] of bodies.entries()) applyEvent(study, { ...body, time: 1000 + 500 * index });
  return study;
}
function trialOf(study: StudyRecord, number = 0) {
  const trial = study.trials[number];
  if (trial === undefined) throw new Error(`there is no trial ${number}`);
  return trial;
}

const explanation = { rule: "r", reason: "because", values: {} };
const snapshot = { step: 2, path: "trial-0/s", digest: "ab" };
const exploit = { parent: 0, snapshot, value: 4, params: { lr: 0.25 } };
const error = { code: "EXIT", message: "exit code 1" };
const asked = (trial: number, params: Params = { lr: 0.5 }, sampler = "mine"): EventBody => ({
  type: "trial-asked",
  trial,
  params,
  seed: 1,
  sampler,
});
const started = (trial: number, attempt = 1): EventBody => ({
  type: "attempt-started",
  trial,
  attempt,
  worker: `w${attempt}`,
  fromStep: 0,
});
const begun = (trial: number) => [asked(trial), started(trial)];
const reported = (trial: number, step: number, metrics: Readonly<Record<string, number>> = { loss: 1 }) =>
  ({ type: "reported", trial, attempt: 1, step, metrics }) satisfies EventBody;
const savedAs = (more: Partial<typeof snapshot>): EventBody => ({
  type: "snapshot-saved",
  trial: 0,
  attempt: 1,
  bytes: 9,
  ...snapshot,
  ...more,
});
const saved = savedAs({});
const decided = (trial: number, step: number, action: "pause" | "stop" | "continue"): EventBody => ({
  type: "decided",
  trial,
  attempt: 1,
  step,
  action,
  explanation,
});
const wished: EventBody = {
  type: "decided",
  trial: 1,
  attempt: 1,
  step: 3,
  action: "exploit",
  explanation,
  exploit,
};
const exploitedFrom = (parent: number): EventBody => ({
  type: "exploited",
  trial: 1,
  parent,
  value: 4,
  params: { lr: 0.25 },
  ...snapshot,
  path: "trial-1/i",
});
const exploited = exploitedFrom(0);
const paused = (trial: number, attempt = 1): EventBody => ({ type: "paused", trial, attempt });
const failed = (retry: boolean, attempt = 1): EventBody => ({
  type: "failed",
  trial: 0,
  attempt,
  error,
  output: ["oh"],
  retry,
});
const complete = (trial: number): EventBody => ({ type: "finished", trial, attempt: 1, state: "complete" });

describe("the time for which a trial was trained", () => {
  const at = (times: readonly (readonly [seconds: number, body: EventBody])[]) => {
    let study = studyRecord(definition, 0);
    for (const [seconds, body] of times) {
      applyEvent(study, { ...body, time: seconds * 1000 });
      // An image at any moment changes nothing.
      study = decodeImage(encodeImage(study)) ?? study;
    }
    return trialOf(study);
  };
  const opened: EventBody = { type: "study-opened", host: "h", pid: 1 };
  const released: EventBody = { type: "released", trial: 0, attempt: 1, reason: "lost" };
  const finished: EventBody = { type: "finished", trial: 0, attempt: 2, state: "complete" };

  it("is without the time in which its study had no coordinator", () => {
    const trial = at([
      [0, opened],
      [1, asked(0)],
      [2, started(0)],
      [5, reported(0, 1)],
      [900, opened],
      [901, released],
      [902, started(0, 2)],
      [906, finished],
    ]);
    expect(secondsOf(trial)).toBe(3 + 4);
  });

  it("is without the time in which it was paused, and unknown while it is trained", () => {
    const bodies: (readonly [number, EventBody])[] = [
      [1, asked(0)],
      [2, started(0)],
      [5, { type: "paused", trial: 0, attempt: 1 }],
      [50, { type: "resumed", trial: 0, explanation }],
      [60, started(0, 2)],
    ];
    expect(secondsOf(at(bodies.slice(0, 1)))).toBeUndefined();
    expect(secondsOf(at(bodies.slice(0, 3)))).toBe(3);
    expect(secondsOf(at(bodies))).toBeUndefined();
    expect(secondsOf(at([...bodies, [62, finished]]))).toBe(5);
  });
});

describe("a log that was changed from outside", () => {
  it.each<[string, readonly EventBody[], EventBody, string]>([
    ["a number that is skipped", [], asked(1), "got trial 1 when 0 was due"],
    ["a number that comes twice", [asked(0)], asked(0), "got trial 0 when 1 was due"],
    ["a trial that nobody asked for", [], started(0), "there is no trial 0"],
    ["a beginning of what runs", begun(0), started(0, 2), "trial 0 is running and cannot start"],
    ["an attempt that is skipped", [asked(0)], started(0, 2), "attempt 2 follows 0"],
    ["a step that comes again", [...begun(0), reported(0, 2)], reported(0, 2), "reports step 2 after 2"],
    ["the end of what does not run", [asked(0)], paused(0), "attempt 1 of trial 0 is not running"],
    ["the end of another attempt", begun(0), failed(true, 2), "attempt 2 of trial 0 is not running"],
    ["a resumption of what waits", [asked(0)], { type: "resumed", trial: 0 }, "is waiting, not paused"],
    ["a retry of what runs", begun(0), { type: "retried", trial: 0 }, "is running, not failed"],
    [
      "a resumption of what failed, without another model",
      [...begun(0), failed(false)],
      { type: "resumed", trial: 0 },
      "is failed, not paused",
    ],
    [
      "the model of a trial that does not exist",
      [asked(0), ...begun(1)],
      exploitedFrom(7),
      "there is no trial 7",
    ],
    ["a second beginning", [], { type: "study-created", definition }, "the study already exists"],
  ])("shows by %s, with the event's number", (_what, bodies, next, message) => {
    const study = after(bodies);
    expect(() => applyEvent(study, { ...next, time: 9000 })).toThrow(
      expect.objectContaining({
        code: "LOG_INVALID",
        kind: "failure",
        message: expect.stringContaining(`event ${bodies.length + 2} of the study's log:`),
      }),
    );
    expect(() => applyEvent(study, { ...next, time: 9000 })).toThrow(message);
  });
});

describe("a trial in the fold", () => {
  it("has the moments at which it was made, first begun, and ended", () => {
    const bodies = [...begun(0), failed(true), started(0, 2)];
    expect(trialOf(after(bodies.slice(0, 1)))).toMatchObject({ askedAt: 1000, startedAt: undefined });
    expect(trialOf(after(bodies.slice(0, 3)))).toMatchObject({ startedAt: 1500, endedAt: 2000 });
    expect(trialOf(after(bodies))).toMatchObject({ attempt: 2, worker: "w2", startedAt: 1500 });
    expect(trialOf(after(bodies)).endedAt).toBeUndefined();
    expect(trialOf(after([...begun(0), complete(0)])).worker).toBeUndefined();
  });

  it("counts its failures until the user has it tried again, and forgets the last one when it is complete", () => {
    const twice = [...begun(0), failed(true), started(0, 2), failed(false, 2)];
    expect(trialOf(after(twice))).toMatchObject({
      state: "failed",
      failures: 2,
      failure: { ...error, output: ["oh"] },
    });
    const retried = after([...twice, { type: "retried", trial: 0 }]);
    expect(trialOf(retried)).toMatchObject({ state: "waiting", failures: 0, failure: error });
    applyEvent(retried, { ...started(0, 3), time: 9000 });
    applyEvent(retried, { type: "finished", trial: 0, attempt: 3, state: "complete", time: 9000 });
    expect(trialOf(retried).failure).toBeUndefined();
    const stopped = after([...begun(0), failed(true), started(0, 2)]);
    applyEvent(stopped, { type: "finished", trial: 0, attempt: 2, state: "stopped", time: 9000 });
    expect(trialOf(stopped).failure).toMatchObject(error);
  });

  it("keeps its failures when the scheduler has it go on, with another model if it failed", () => {
    const resumed = after([...begun(0), failed(true), started(0, 2), paused(0, 2)]);
    applyEvent(resumed, { type: "resumed", trial: 0, time: 9000 });
    expect(trialOf(resumed)).toMatchObject({ state: "waiting", failures: 1, exploiting: undefined });
    const revived = after([...begun(0), failed(false), ...begun(1)]);
    applyEvent(revived, { type: "resumed", trial: 0, exploit: { ...exploit, parent: 1 }, time: 9000 });
    expect(trialOf(revived)).toMatchObject({
      state: "waiting",
      failures: 0,
      exploiting: { parent: 1, parentInheritances: 0 },
    });
  });

  it("has its last decision that was not to go on, until it goes on", () => {
    const bodies = [...begun(0), reported(0, 1), decided(0, 1, "continue")];
    expect(trialOf(after(bodies)).decision).toBeUndefined();
    const told = after([...bodies, reported(0, 2), decided(0, 2, "pause"), paused(0)]);
    expect(trialOf(told).decision).toEqual({ step: 2, action: "pause", rule: "r", reason: "because" });
    applyEvent(told, { type: "resumed", trial: 0, time: 9000 });
    expect(trialOf(told).decision).toBeUndefined();
    expect(trialOf(told).endedAt).toBeUndefined();
  });

  it("has a place in the order of completion, which others do not get", () => {
    const study = after([...begun(0), ...begun(1), ...begun(2), complete(2), complete(0)]);
    expect(study.trials.map(({ completion }) => completion)).toEqual([1, undefined, 0]);
    expect([...study.byState.complete]).toEqual([2, 0]);
  });

  it("has columns as long as its curve, whatever was reported when, and no negative zero", () => {
    const study = after([
      ...begun(0),
      reported(0, 1, { loss: -0 }),
      reported(0, 4, { accuracy: 1 }),
      reported(0, 5, { loss: 2, accuracy: Number.NaN }),
    ]);
    const { steps, metrics } = trialOf(study).curve;
    expect(steps).toEqual([1, 4, 5]);
    expect(Object.fromEntries(metrics)).toEqual({ loss: [0, null, 2], accuracy: [null, 1, Number.NaN] });
    expect(Object.is(metrics.get("loss")?.[0], 0)).toBe(true);
    expect(study.totalSteps).toBe(5);
  });
});

describe("a trial that goes on with another one's model", () => {
  const pair = [
    ...begun(0),
    reported(0, 2, { loss: 4 }),
    saved,
    ...begun(1),
    reported(1, 1),
    reported(1, 3, { loss: 9 }),
  ];

  it("has that model, its params, and its curve up to there", () => {
    const study = after([...pair, wished, exploited, reported(1, 4, { loss: 3 })]);
    expect(trialOf(study, 1)).toMatchObject({
      params: { lr: 0.25 },
      snapshot: { ...snapshot, path: "trial-1/i" },
      exploiting: undefined,
      decision: undefined,
      curve: { steps: [1, 4] },
      inheritances: [
        { at: 3, reached: 9, parent: 0, parentInheritances: 0, step: 2, value: 4, before: { lr: 0.5 } },
      ],
    });
    expect(trialOf(study, 1).curve.metrics.get("loss")).toEqual([1, 3]);
    // Its own three steps, two of its parent's alone, and two from the copied step to the fourth.
    expect(study.totalSteps).toBe(2 + 3 + 2);
  });

  it("keeps the point at the exact step of the model", () => {
    const study = after([
      ...pair.slice(0, 6),
      reported(1, 2, { loss: 8 }),
      reported(1, 3),
      wished,
      exploited,
    ]);
    expect(trialOf(study, 1).curve.steps).toEqual([2]);
  });

  it("waits to be given it, and knows which of the parent's models it is", () => {
    const twice = after([...pair, wished, exploited, ...begun(2)]);
    expect(trialOf(twice, 1).exploiting).toBeUndefined();
    const of = { ...exploit, parent: 1 };
    applyEvent(twice, {
      type: "decided",
      trial: 2,
      attempt: 1,
      step: 3,
      action: "exploit",
      explanation,
      exploit: of,
      time: 9000,
    });
    expect(trialOf(twice, 2).exploiting).toEqual({ ...of, parentInheritances: 1 });
  });

  it("tells of a model without a finite value that it had none", () => {
    for (const metrics of [{ accuracy: 1 }, { loss: Number.NaN }]) {
      const study = after([...pair.slice(0, 6), reported(1, 1, metrics), wished, exploited]);
      expect(trialOf(study, 1).inheritances[0]?.reached).toBeNull();
    }
  });

  it("keeps its own where the copy failed, and the parent has lost the snapshot, if that is still the one", () => {
    const gone: EventBody = {
      type: "exploit-failed",
      trial: 1,
      parent: 0,
      path: "trial-0/s",
      reason: "gone",
    };
    const study = after([...pair, wished, gone]);
    expect(trialOf(study, 1)).toMatchObject({ exploiting: undefined, decision: undefined, inheritances: [] });
    expect(trialOf(study, 0).snapshot).toBeUndefined();
    const unwished = after([...pair, gone]);
    expect(trialOf(unwished, 0).snapshot).toMatchObject({ digest: "ab" });
    const newer = after([...pair, wished, savedAs({ digest: "cd" }), gone]);
    expect(trialOf(newer, 0).snapshot).toMatchObject({ digest: "cd" });
    const unwritten = after([...pair, wished, { ...gone, sourceIntact: true }]);
    expect(trialOf(unwritten, 0).snapshot).toMatchObject({ digest: "ab" });
    const elsewhere = after([...pair, wished, savedAs({ path: "trial-0/t" }), gone]);
    expect(trialOf(elsewhere, 0).snapshot).toMatchObject({ path: "trial-0/t" });
  });
});

describe("the snapshot of the best report", () => {
  const best: StudyDefinition = { ...definition, goal: { ...definition.goal, of: "best" } };
  const savedIn = (step: number, path: string) => savedAs({ step, path });
  function play(bodies: readonly EventBody[], defined = best) {
    const study = studyRecord(defined, 0);
    for (const body of bodies) applyEvent(study, { ...body, time: 0 });
    expect(decodeImage(encodeImage(study))).toEqual(study);
    return trialOf(study).bestSnapshot?.path;
  }
  const good = [...begun(0), reported(0, 1, { loss: 9 }), reported(0, 2, { loss: 3 }), savedIn(2, "two")];

  it("is kept beside the newest one where the best report counts, until a better one is saved", () => {
    expect(play(good)).toBe("two");
    expect(play(good, definition)).toBeUndefined();
    const worse = [...good, reported(0, 3, { loss: 4 }), savedIn(3, "three")];
    expect(play(worse)).toBe("two");
    expect(play([...worse, reported(0, 4, { loss: 2 }), savedIn(4, "four")])).toBe("four");
    expect(play([...begun(0), reported(0, 1, { loss: 1 }), reported(0, 2), savedIn(1, "one")])).toBe("one");
    expect(
      play([...begun(0), reported(0, 1, { loss: 0 }), reported(0, 2), savedIn(2, "two")]),
    ).toBeUndefined();
  });

  it("is gone when a worse model was saved into its file", () => {
    expect(play([...good, reported(0, 3, { loss: 4 }), savedIn(3, "two")])).toBeUndefined();
  });

  it("is gone when the trial went on with an older model, in whose history that report is not", () => {
    const of = (step: number): EventBody => ({
      type: "exploited",
      trial: 0,
      parent: 1,
      value: 4,
      params: { lr: 0.25 },
      step,
      path: "trial-0/i",
      digest: "ab",
    });
    expect(play([...good, ...begun(1), of(1)])).toBeUndefined();
    expect(play([...good, ...begun(1), of(2)])).toBe("two");
  });
});

describe("a study in the fold", () => {
  it("applies recorded changes to its definition and keeps the rest", () => {
    const module = { specifier: "./m.mjs", folder: "/", digest: "ab" };
    const changed = (change: Omit<Extract<EventBody, { readonly type: "study-changed" }>, "type">) =>
      after([{ type: "study-changed", ...change }]).definition;
    expect(changed({})).toStrictEqual(definition);
    const program = {
      command: ["true"],
      shell: false,
      folder: "/",
      env: {},
      metrics: { kind: "lines" as const },
      killAfter: 1,
    };
    expect(changed({ program })).toStrictEqual({ ...definition, program });
    expect(changed({ retries: 0 })).toEqual({ ...definition, retries: 0 });
    expect(changed({ budget: {} })).toEqual({ ...definition, budget: {} });
    expect(changed({ timeout: 5 })).toEqual({ ...definition, timeout: 5 });
    const { timeout: _timeout, ...unlimited } = definition;
    expect(changed({ timeout: null })).toEqual(unlimited);
    expect("timeout" in changed({ timeout: null })).toBe(false);
    expect(changed({ modules: { sampler: module } })).toEqual({
      ...definition,
      sampler: { ...definition.sampler, module },
    });
    expect(changed({ modules: { scheduler: module } })).toEqual({
      ...definition,
      scheduler: { ...definition.scheduler, module },
    });
  });

  it("counts the time of its sessions, and never backwards", () => {
    const opened: EventBody = { type: "study-opened", host: "h", pid: 1 };
    const note: EventBody = { type: "note", code: "N", message: "n" };
    const study = studyRecord(definition, 0);
    for (const [body, time] of [
      [opened, 10_000],
      [note, 12_000],
      [note, 11_000],
      [note, 13_000],
      [opened, 50_000],
      [note, 50_500],
    ] as const) {
      applyEvent(study, { ...body, time });
    }
    expect([study.elapsed, study.createdAt, study.updatedAt, study.events]).toEqual([3.5, 0, 50_500, 7]);
  });

  it("keeps its newest notes, up to the limit", () => {
    const notes = (count: number) =>
      after(
        Array.from(
          { length: count },
          (_, place): EventBody => ({ type: "note", code: "N", message: `${place}` }),
        ),
      ).notes;
    expect(notes(MAX_NOTES)).toHaveLength(MAX_NOTES);
    const kept = notes(MAX_NOTES + 2);
    expect([kept.length, kept[0]?.message, kept.at(-1)?.message]).toEqual([
      MAX_NOTES,
      "2",
      `${MAX_NOTES + 1}`,
    ]);
  });

  it("keeps its newest former workers, up to the limit, and takes no leave of strangers", () => {
    const place = { host: "h", pid: 1, slots: 1, gpus: [], labels: {} };
    const lost = (worker: string): EventBody => ({
      type: "worker-lost",
      worker,
      reason: "left",
      message: "done",
    });
    const came = (count: number) =>
      after(
        Array.from({ length: count }, (_, number): EventBody[] => [
          { type: "worker-joined", worker: `w${number}`, ...place },
          lost(`w${number}`),
        ]).flat(),
      ).formerWorkers;
    expect(came(MAX_FORMER_WORKERS).size).toBe(MAX_FORMER_WORKERS);
    expect([...came(MAX_FORMER_WORKERS + 1).keys()][0]).toBe("w1");
    expect(after([lost("stranger")]).formerWorkers.size).toBe(0);
  });

  it("counts who asked for its trials", () => {
    const study = after([asked(0), asked(1), asked(2, {}, "enqueue")]);
    expect([...study.askedBy]).toEqual([
      ["mine", 2],
      ["enqueue", 1],
    ]);
    expect(decodeImage(encodeImage(study))?.askedBy).toEqual(study.askedBy);
  });
});

describe("an image", () => {
  it("has columns of numbers as they are, unless some are none", () => {
    const study = after([...begun(0), reported(0, 1, { a: 1, b: Number.NaN }), reported(0, 2, { a: 2 })]);
    expect(JSON.parse(encodeImage(study)).trials.metrics).toEqual([["a", [1, 2], "b", ["NaN", null]]]);
    expect(decodeImage(encodeImage(study))).toEqual(study);
  });

  it("has params that are off nowhere, and those that are false or zero everywhere", () => {
    const study = after([asked(0, {}), asked(1, { lr: 0 })]);
    const decoded = decodeImage(encodeImage(study));
    expect(decoded?.trials.map(({ params }) => params)).toEqual([{}, { lr: 0 }]);
    expect(Object.keys(decoded?.trials[0]?.params ?? { lr: 1 })).toEqual([]);
  });

  it("of another format is ignored; what is not an image is refused", () => {
    const image = JSON.parse(encodeImage(after([])));
    expect(decodeImage(JSON.stringify({ ...image, format: image.format - 1 }))).toBeUndefined();
    expect(() => decodeImage("{")).toThrow(
      expect.objectContaining({ code: "IMAGE_INVALID", kind: "failure", cause: expect.any(SyntaxError) }),
    );
  });
});

describe("what people ask for", () => {
  const requested = (action: "pause" | "resume" | "stop", trial?: number): EventBody => ({
    type: "requested",
    by: "ana",
    action,
    ...(trial === undefined ? {} : { trial }),
  });
  const finished = (state: "complete" | "stopped"): EventBody => ({
    type: "finished",
    trial: 0,
    attempt: 1,
    state,
  });

  it("halts the study until it is resumed, and survives an image", () => {
    const halted = after([...begun(0), requested("pause"), requested("pause", 0)]);
    expect(halted.halt).toEqual({ action: "pause", by: "ana", time: 2000 });
    expect([...halted.held]).toEqual([[0, { action: "pause", by: "ana", time: 2500 }]]);
    expect(decodeImage(encodeImage(halted))).toEqual(halted);
    expect(after([requested("stop")]).halt?.action).toBe("stop");
    expect(after([requested("stop"), requested("resume")]).halt).toBeUndefined();
    expect(after([...begun(0), requested("pause", 0), requested("resume", 0)]).held.size).toBe(0);
  });

  it("lets the study's time stand still while it is paused and nothing runs", () => {
    const opened: EventBody = { type: "study-opened", host: "here", pid: 1 };
    const note: EventBody = { type: "note", code: "N", message: "n" };
    const released: EventBody = { type: "released", trial: 0, attempt: 1, reason: "request" };
    // Half a second each: the two that begin the trial, the request, and the release, but nothing until it is resumed.
    const study = after([opened, ...begun(0), requested("pause"), released, note, note, requested("resume")]);
    expect(study.elapsed).toBe(2);
    expect(after([opened, requested("stop"), note]).elapsed).toBe(1);
  });

  it("stops a trial: a running one when its attempt ends, another at once", () => {
    const decision = { step: 0, action: "stop", rule: "request", reason: "ana asked to stop it" };
    const running = after([...begun(0), requested("stop", 0)]);
    expect(trialOf(running)).toMatchObject({ state: "running", decision: undefined });
    const stopped = after([...begun(0), requested("stop", 0), finished("stopped")]);
    expect(trialOf(stopped)).toMatchObject({ state: "stopped", decision });
    expect(stopped.held.size).toBe(0);
    const waiting = after([asked(0), requested("stop", 0)]);
    expect(trialOf(waiting)).toMatchObject({ state: "stopped", decision, endedAt: 1500 });
    expect([...waiting.byState.stopped]).toEqual([0]);
    expect(waiting.held.size).toBe(0);
  });

  it("stops trials with the study, but not one that had come to its end", () => {
    const stopped = after([...begun(0), requested("stop"), finished("stopped")]);
    expect(trialOf(stopped).decision).toMatchObject({
      rule: "request",
      reason: "ana asked to stop the study",
    });
    const complete = after([...begun(0), requested("stop", 0), finished("complete")]);
    expect(trialOf(complete)).toMatchObject({ state: "complete", decision: undefined });
    expect(complete.held.size).toBe(0);
  });

  it("cannot hold a trial that is over or does not exist", () => {
    for (const action of ["pause", "stop"] as const) {
      expect(() => after([...begun(0), finished("complete"), requested(action, 0)])).toThrow(/is complete/);
      expect(() => after([requested(action, 0)])).toThrow(/there is no trial 0/);
    }
  });

  it("raises the budget, and remembers what the study was run with", () => {
    const raised = (trials: number, by?: string): EventBody => ({
      type: "study-changed",
      budget: { trials },
      ...(by === undefined ? {} : { by }),
    });
    const twice = after([raised(6, "ana"), raised(7, "bob")]);
    expect([twice.definition.budget, twice.plannedBudget]).toEqual([{ trials: 7 }, { trials: 5 }]);
    expect(decodeImage(encodeImage(twice))).toEqual(twice);
    expect(after([raised(6, "ana"), raised(9)]).plannedBudget).toBeUndefined();
    expect(after([raised(6, "ana"), { type: "study-changed", retries: 3 }]).plannedBudget).toEqual({
      trials: 5,
    });
  });

  it("tags the study and trials, each tag once", () => {
    const tagged = (added: string[], removed: string[], trial?: number): EventBody => ({
      type: "tagged",
      by: "ana",
      added,
      removed,
      ...(trial === undefined ? {} : { trial }),
    });
    const study = after([
      asked(0),
      tagged(["a", "b"], []),
      tagged(["c", "a"], ["b"]),
      tagged(["x"], ["never"], 0),
    ]);
    expect(study.tags).toEqual(["a", "c"]);
    expect([...study.trialTags]).toEqual([[0, ["x"]]]);
    expect(decodeImage(encodeImage(study))).toEqual(study);
    expect(after([asked(0), tagged(["x"], [], 0), tagged([], ["x"], 0)]).trialTags.size).toBe(0);
  });
});
