import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { replayTable, tableOfCurves } from "../analysis/index.js";
import type { Decision } from "../core/decision.js";
import type { EventBody, StudyEvent } from "../core/events.js";
import { float } from "../core/param.js";
import type { SchedulerChoice } from "../core/scheduler.js";
import type { StudyDefinition } from "../core/study-definition.js";
import { random } from "../samplers/index.js";
import { asha, hyperband, lcm, median, none } from "../schedulers/index.js";
import { memoryStorage } from "../storage/memory.js";
import { simulateStudy, simulationSettings } from "../testing/simulated-study.js";
import { ALICE, request } from "../testing/storage-contract/example-events.js";
import { readShadows, reportOfShadow } from "./shadow-report.js";
import { createShadowStudy, type ShadowCourse } from "./shadow-study.js";

function follow(events: readonly StudyEvent[], choice: SchedulerChoice): ShadowCourse {
  const shadow = createShadowStudy(choice);
  for (const event of events) shadow.observe(event);
  const course = shadow.conclude();
  if (course === undefined) throw new Error("the log is empty");
  return course;
}

const DEFINITION: StudyDefinition = {
  name: "s",
  goal: { metric: "loss", direction: "minimize" },
  space: { rate: float(0, 1) },
  constraints: [],
  maxSteps: 4,
  sampler: { name: "random", options: {} },
  scheduler: { name: "none", options: {} },
  budget: {},
  seed: 1,
  retries: 0,
};

/** A log written by hand, one moment per event. */
function logOf(...bodies: readonly EventBody[]): StudyEvent[] {
  const all: EventBody[] = [{ type: "study-created", definition: DEFINITION }, ...bodies];
  return all.map((body, time) => ({ ...body, time }));
}

const asked = (trial: number): EventBody => ({
  type: "trial-asked",
  trial,
  params: { rate: 0.5 },
  seed: trial,
  sampler: "random",
});
const started = (trial: number, attempt = 1, fromStep = 0): EventBody => ({
  type: "attempt-started",
  trial,
  attempt,
  worker: "w",
  fromStep,
});
const reported = (trial: number, step: number, loss: number, attempt = 1): EventBody => ({
  type: "reported",
  trial,
  attempt,
  step,
  metrics: { loss },
});
const finished = (trial: number, state: "complete" | "stopped", attempt = 1): EventBody => ({
  type: "finished",
  trial,
  attempt,
  state,
});
const complete = (trial: number, losses: readonly number[]): EventBody[] => [
  asked(trial),
  started(trial),
  ...losses.map((loss, index) => reported(trial, index + 1, loss)),
  finished(trial, "complete"),
];

interface Rule {
  readonly at: Readonly<Record<string, "pause" | "stop">>;
  readonly resumes?: (asks: number, isEnding: boolean) => number | undefined;
}

/** A scheduler that acts at `trial:step`, and records what it is asked. */
function scripted({ at, resumes = () => undefined }: Rule): SchedulerChoice & { readonly heard: string[] } {
  const heard: string[] = [];
  let asks = 0;
  return {
    name: "scripted",
    options: {},
    heard,
    create: () => ({
      restore: () => {},
      observe: () => {},
      decide: (trial, step): Decision => {
        heard.push(`${trial.number}:${step}`);
        const action = at[`${trial.number}:${step}`];
        const explanation = { rule: "scripted", reason: `${action} at ${step}`, values: {} };
        return action === undefined ? { action: "continue" } : { action, explanation };
      },
      resume: (study, isEnding = false) => {
        if (study.byState.paused.size === 0) return undefined;
        asks += 1;
        const trial = resumes(asks, isEnding);
        return trial === undefined
          ? undefined
          : { trial, explanation: { rule: "scripted", reason: "on", values: {} } };
      },
    }),
  };
}

describe("a shadow", () => {
  it("is asked nothing about a trial that it stopped, and counts its steps to there", () => {
    const events = logOf(...complete(0, [4, 3, 2, 1]), ...complete(1, [4, 3, 2, 2]));
    const shadow = scripted({ at: { "0:2": "stop" } });
    const course = follow(events, shadow);
    expect(shadow.heard).toEqual(["0:1", "0:2", "1:1", "1:2", "1:3"]);
    expect(reportOfShadow(shadow, course)).toEqual({
      scheduler: { name: "scripted", options: {} },
      failure: undefined,
      recordedSteps: 8,
      steps: 6,
      open: [],
      openSteps: 0,
      ends: [{ trial: 0, shadow: "stopped", step: 2, recorded: "complete", recordedStep: 4 }],
      good: [0],
      lost: [0],
      best: 0,
      compared: 5,
      differences: [{ trial: 0, step: 2, recorded: "continue", shadow: "stop", reason: "stop at 2" }],
    });
  });

  it("hears what a trial reported during its pause once it resumes the trial, with a decision at each", () => {
    const events = logOf(...complete(0, [4, 3, 2, 1]), ...complete(1, [5, 5, 5, 5]));
    // Asked first when its worker is free because of the pause, then when trial 1 is created, then when that
    // is paused.
    const shadow = scripted({
      at: { "0:1": "pause", "1:1": "pause" },
      resumes: (asks) => (asks === 3 ? 0 : undefined),
    });
    const course = follow(events, shadow);
    expect(shadow.heard).toEqual(["0:1", "1:1", "0:2", "0:3"]);
    const { trials } = course.shadow;
    expect(trials.map(({ state }) => state)).toEqual(["complete", "paused"]);
    expect(trials[0]?.curve.steps).toEqual([1, 2, 3, 4]);
    expect(reportOfShadow(shadow, course)).toMatchObject({ steps: 5, lost: [], best: 0 });
  });

  it("may resume at the end what it left paused, and pause it once more on the way", () => {
    const events = logOf(...complete(0, [4, 3, 2, 1]));
    const shadow = scripted({
      at: { "0:1": "pause", "0:3": "pause" },
      resumes: (_, isEnding) => (isEnding ? 0 : undefined),
    });
    const { shadow: study } = follow(events, shadow);
    expect(study.trials[0]).toMatchObject({ state: "complete", attempt: 3 });
    expect(shadow.heard).toEqual(["0:1", "0:2", "0:3"]);
  });

  it("leaves open what the study ended and it would not have", () => {
    const explanation = { rule: "r", reason: "bad", values: {} };
    const events = logOf(
      asked(0),
      started(0),
      reported(0, 1, 4),
      {
        type: "decided",
        trial: 0,
        attempt: 1,
        step: 1,
        action: "stop",
        explanation,
      },
      finished(0, "stopped"),
      ...complete(1, [3, 3, 3, 3]),
    );
    const report = reportOfShadow(none(), follow(events, none()));
    expect(report).toMatchObject({ steps: 5, open: [0], openSteps: 3, ends: [], compared: 4 });
    expect(report.differences).toEqual([
      { trial: 0, step: 1, recorded: "stop", shadow: "continue", reason: undefined },
    ]);
  });

  it("goes on with a trial that the study paused and resumed", () => {
    const events = logOf(
      asked(0),
      started(0),
      reported(0, 1, 4),
      { type: "paused", trial: 0, attempt: 1 },
      { type: "resumed", trial: 0 },
      started(0, 2, 1),
      reported(0, 2, 3, 2),
      finished(0, "complete", 2),
    );
    const { shadow } = follow(events, none());
    expect(shadow.trials[0]).toMatchObject({ state: "complete", attempt: 2 });
    expect(shadow.totalSteps).toBe(2);
  });

  it("meets a failure and its retry only after its own pause", () => {
    const error = { code: "PROGRAM_FAILED", message: "x" };
    const events = logOf(
      asked(0),
      started(0),
      reported(0, 1, 4),
      reported(0, 2, 3),
      { type: "failed", trial: 0, attempt: 1, error, output: [], retry: false },
      { type: "retried", trial: 0 },
      started(0, 2, 2),
      reported(0, 3, 2, 2),
      finished(0, "complete", 2),
    );
    const paused = scripted({ at: { "0:1": "pause" } });
    expect(follow(events, paused).shadow.trials[0]).toMatchObject({ state: "paused", failures: 0 });
    const resumed = scripted({
      at: { "0:1": "pause" },
      resumes: (_, isEnding) => (isEnding ? 0 : undefined),
    });
    const [trial] = follow(events, resumed).shadow.trials;
    expect(trial).toMatchObject({ state: "complete", attempt: 3 });
    expect(trial?.curve.steps).toEqual([1, 2, 3]);
  });

  it.each<[string, string, Partial<ReturnType<SchedulerChoice["create"]>>]>([
    [
      "decides",
      "no idea",
      {
        decide: () => {
          throw new Error("no idea");
        },
      },
    ],
    [
      "resumes what is not paused",
      "it resumed trial 0, which is unknown",
      { resume: () => ({ trial: 0, explanation: { rule: "", reason: "", values: {} } }) },
    ],
  ])("that fails when it %s is reported, and the study is followed all the same", (_, message, broken) => {
    const events = logOf(...complete(0, [4, 3, 2, 1]), ...complete(1, [4, 3, 2, 1]));
    const choice: SchedulerChoice = {
      name: "broken",
      options: {},
      create: () => ({
        restore: () => {},
        observe: () => {},
        decide: () => ({ action: "continue" }),
        ...broken,
      }),
    };
    const course = follow(events, choice);
    expect(course.recorded.totalSteps).toBe(8);
    expect(reportOfShadow(choice, course).failure).toMatchObject({ code: "SCHEDULER_FAILED", message });
    expect(course.shadow.totalSteps).toBeLessThan(2);
  });

  it("that cannot be made for the study is reported too", () => {
    const choice: SchedulerChoice = {
      name: "picky",
      options: {},
      create: () => {
        throw new Error("not here");
      },
    };
    const { failure } = reportOfShadow(choice, follow(logOf(...complete(0, [1])), choice));
    expect(failure).toEqual({ events: 1, code: "SCHEDULER_FAILED", message: "not here" });
  });

  /** A scheduler that pauses trial 0 at step 1, and writes down whenever it is asked what to resume. */
  function pausing(resumes: (asks: number, isEnding: boolean) => number | undefined = () => undefined) {
    const asks: string[] = [];
    const choice = scripted({
      at: { "0:1": "pause" },
      resumes: (count, isEnding) => {
        asks.push(`${choice.heard.length}${isEnding ? " ending" : ""}`);
        return resumes(count, isEnding);
      },
    });
    return { choice, asks };
  }
  const side = [asked(0), started(0), asked(1), started(1)];
  /** What comes after a report shows that it was answered. */
  const after: EventBody = { type: "note", code: "N", message: "n" };

  it("is asked what to resume as soon as its pause leaves a worker free, while others train", () => {
    const { choice } = pausing(() => 0);
    const reports = [reported(0, 1, 4), reported(0, 2, 3), reported(1, 1, 5), reported(1, 2, 5)];
    const events = logOf(...side, ...reports, after);
    const { shadow } = follow(events, choice);
    expect(choice.heard).toEqual(["0:1", "0:2", "1:1", "1:2"]);
    expect(shadow.trials.map(({ state, attempt }) => [state, attempt])).toEqual([
      ["running", 2],
      ["running", 1],
    ]);
  });

  it("is not asked again before anything new has happened to it", () => {
    const { choice, asks } = pausing();
    const events = logOf(
      ...side,
      ...[1, 2, 3, 4].map((step) => reported(0, step, 4)),
      reported(1, 1, 5),
      after,
    );
    follow(events, choice);
    expect(asks).toEqual(["1", "2", "2"]);
  });

  it("is not told that the study ends while anything trains or waits, also at the end of the log", () => {
    const training = pausing();
    follow(logOf(...side, reported(0, 1, 4), reported(0, 2, 3)), training.choice);
    expect(training.asks).toEqual(["1"]);
    const waiting = pausing();
    const alone = [asked(0), started(0), reported(0, 1, 4), reported(0, 2, 3), finished(0, "complete")];
    follow(logOf(...alone, asked(1)), waiting.choice);
    expect(waiting.asks.filter((ask) => ask.endsWith("ending"))).toEqual([]);
    const over = pausing();
    follow(logOf(...alone), over.choice);
    expect(over.asks.at(-1)).toBe("1 ending");
  });

  it("lets a trial that it resumes wait where the study has it paused", () => {
    const { choice, asks } = pausing(() => 0);
    const events = logOf(
      asked(0),
      started(0),
      reported(0, 1, 4),
      { type: "paused", trial: 0, attempt: 1 },
      ...complete(1, [5]),
    );
    const course = follow(events, choice);
    expect(asks).toEqual(["1"]);
    expect(course.shadow.trials[0]).toMatchObject({ state: "waiting", attempt: 1 });
    expect(reportOfShadow(choice, course)).toMatchObject({ open: [0], openSteps: 3, ends: [] });
  });

  it("is asked for its last resort where the study was, and not where another trial waits", () => {
    const goOn: readonly EventBody[] = [
      { type: "paused", trial: 0, attempt: 1 },
      { type: "resumed", trial: 0 },
      started(0, 2, 1),
      reported(0, 2, 3, 2),
      finished(0, "complete", 2),
    ];
    const atLast = (_asks: number, isEnding: boolean) => (isEnding ? 0 : undefined);
    const begun = [asked(0), started(0), reported(0, 1, 4)];
    const [, ...trained] = complete(1, [5, 5]);
    const alone = pausing(atLast);
    follow(logOf(...begun, ...goOn, asked(1), ...trained), alone.choice);
    expect(alone.choice.heard).toEqual(["0:1", "0:2", "1:1", "1:2"]);
    const together = pausing(atLast);
    follow(logOf(...begun, asked(1), ...goOn, ...trained), together.choice);
    expect(together.choice.heard).toEqual(["0:1", "1:1", "1:2", "0:2"]);
  });

  it("is asked what to resume before a trial is made by the sampler, not by the user", () => {
    const byUser: EventBody = { type: "trial-asked", trial: 1, params: {}, seed: 1, sampler: "enqueue" };
    const beginning = [asked(0), started(0), reported(0, 1, 4), finished(0, "complete")];
    const sampled = pausing();
    follow(logOf(...beginning, asked(1)), sampled.choice);
    const enqueued = pausing();
    follow(logOf(...beginning, byUser), enqueued.choice);
    expect([sampled.asks, enqueued.asks]).toEqual([["1"], []]);
  });

  it("leaves open what the study ended before its time alone, not what waits or runs in both", () => {
    const events = logOf(
      asked(0),
      started(0),
      reported(0, 1, 4),
      { type: "paused", trial: 0, attempt: 1 },
      asked(1),
      asked(2),
      started(2),
      asked(3),
      started(3),
      reported(3, 1, 4),
      finished(3, "stopped"),
    );
    const report = reportOfShadow(none(), follow(events, none()));
    expect(report).toMatchObject({ open: [0, 3], openSteps: 6, ends: [], good: [], lost: [] });
    expect("best" in report && report.best).toBeUndefined();
  });

  it("keeps the snapshots and late reports of its trials, under the attempts that it has them at", () => {
    const { choice } = pausing(() => 0);
    const saved = (step: number): EventBody => ({
      type: "snapshot-saved",
      trial: 0,
      attempt: 1,
      step,
      path: `trial-0/${step}`,
      digest: "ab",
      bytes: 1,
    });
    const late: EventBody = { type: "reported-late", trial: 0, attempt: 1, step: 9, metrics: { loss: 0 } };
    const events = logOf(
      asked(0),
      started(0),
      reported(0, 1, 4),
      saved(1),
      reported(0, 2, 3),
      saved(2),
      late,
      finished(0, "complete"),
    );
    const { shadow } = follow(events, choice);
    expect(shadow.trials[0]).toMatchObject({
      state: "complete",
      attempt: 2,
      snapshot: { step: 2, path: "trial-0/2", digest: "ab" },
      curve: { steps: [1, 2] },
    });
  });

  it("refuses studies whose trials went on with the models of others, and schedulers that would do so", () => {
    const snapshot = { step: 1, path: "trial-0/s", digest: "ab" };
    const exploited: EventBody = {
      type: "exploited",
      trial: 1,
      parent: 0,
      value: 4,
      params: {},
      ...snapshot,
    };
    const copied = follow(logOf(...side, reported(0, 1, 4), exploited), none());
    expect(copied.failure?.error).toMatchObject({ code: "SHADOW_IMPOSSIBLE", kind: "user" });
    const explanation = { rule: "r", reason: "because", values: {} };
    const exploit = { parent: 0, snapshot, value: 4, params: {} };
    const copying: SchedulerChoice = {
      ...none(),
      create: (setup) => ({
        ...none().create(setup),
        decide: () => ({ action: "exploit", explanation, exploit }),
      }),
    };
    const wished = follow(logOf(...side, reported(1, 1, 4), after), copying);
    expect(wished.failure).toMatchObject({ events: 6, error: { code: "SHADOW_IMPOSSIBLE" } });
  });

  it("says nothing at a report whose coordinator ended before it answered", () => {
    const opened: EventBody = { type: "study-opened", host: "h", pid: 1 };
    const stopping = scripted({ at: { "0:1": "stop", "0:2": "stop" } });
    const lost: EventBody = { type: "released", trial: 0, attempt: 1, reason: "lost" };
    const events = logOf(asked(0), started(0), reported(0, 1, 4), opened, lost);
    const course = follow(events, stopping);
    expect([stopping.heard, course.compared]).toEqual([[], 0]);
    expect(course.shadow.trials[0]).toMatchObject({ state: "waiting", curve: { steps: [1] } });
  });

  it("knows nothing of an empty log", () => {
    expect(createShadowStudy(none()).conclude()).toBeUndefined();
  });
});

const CHOICES: readonly SchedulerChoice[] = [
  none(),
  median(),
  asha(),
  asha({ type: "stopping" }),
  hyperband(),
  lcm(),
  lcm({ mode: "poster", accumulate: 3 }),
  lcm({ mode: "stop" }),
];

function curves(seed: number): number[][] {
  return Array.from({ length: 30 }, (_, index) => {
    const end = ((index * 7919 + seed * 104_729) % 1000) / 1000;
    const pace = 1 + ((index * 31 + seed * 17) % 9);
    return Array.from({ length: 20 }, (__, step) => Number((end + Math.exp(-(step + 1) / pace)).toFixed(3)));
  });
}

it("several schedulers shadow a study in storage in one reading of its log, each for itself", async () => {
  const storage = memoryStorage();
  const [, ...events] = logOf(...complete(0, [4, 3, 2, 1]), ...complete(1, [5, 5, 5, 5]));
  await storage.createStudy(DEFINITION, 0);
  await storage.append(await storage.acquire("s", request(ALICE)), events);
  const shadows = [scripted({ at: { "0:2": "stop" } }), { ...none(), name: "other" }];
  const reports = await readShadows(storage, "s", shadows);
  expect(reports.map(({ scheduler, steps, ends }) => [scheduler.name, steps, ends.length])).toEqual([
    ["scripted", 6, 1],
    ["other", 8, 0],
  ]);
  await expect(readShadows(storage, "t", shadows)).rejects.toMatchObject({ code: "STUDY_NOT_FOUND" });
});

describe.each(CHOICES.map((choice) => [choice.name, JSON.stringify(choice.options), choice] as const))(
  "%s %s",
  (_name, _options, choice) => {
    it.each([1, 8])("as the shadow of its own study comes to that study, with %d workers", (workers) => {
      for (let seed = 0; seed < 4; seed++) {
        const own = curves(seed);
        const table = tableOfCurves({
          task: "t",
          unit: "epoch",
          metric: "loss",
          direction: "minimize",
          configurations: own.map((_, index) => ({ x: index })),
          curves: own.map((curve) => Float64Array.from(curve)),
        });
        const events: StudyEvent[] = [];
        const definition = { ...DEFINITION, name: "t", goal: table.goal, maxSteps: 20, seed };
        events.push({ type: "study-created", definition, time: 0 });
        const { study } = replayTable({
          table,
          scheduler: choice,
          sampler: random(),
          seed,
          workers,
          onEvent: (event) => events.push(event),
        });
        const course = follow(events, choice);
        expect(course.failure).toBeUndefined();
        expect(course.differences).toEqual([]);
        expect(course.shadow.trials).toEqual(study.trials);
        expect(course.shadow.events).toBe(study.events);
        expect(course.recorded.trials).toEqual(study.trials);
      }
    });

    it("follows any study: its curves are beginnings of the recorded ones, and it fails nowhere", () => {
      fc.assert(
        fc.property(simulationSettings(), fc.constantFrom(...CHOICES), (settings, real) => {
          const { goal, maxSteps, seed } = simulateStudy(settings).definition;
          const scheduler = real.create({ goal, maxSteps, seed });
          const { definition, events } = simulateStudy(settings, { scheduler });
          const log: StudyEvent[] = [{ type: "study-created", definition, time: 0 }, ...events];
          const course = follow(log, choice);
          expect(course.failure).toBeUndefined();
          for (const trial of course.shadow.trials) {
            const recorded = course.recorded.trials[trial.number];
            const { steps } = trial.curve;
            expect(recorded?.curve.steps.slice(0, steps.length)).toEqual(steps);
            expect([trial.state === "complete", recorded?.state]).not.toEqual([true, "stopped"]);
            expect([trial.state === "complete", recorded?.state]).not.toEqual([true, "paused"]);
          }
          const report = reportOfShadow(choice, course);
          const gone = new Set([...report.ends.map((end) => end.trial), ...report.open]);
          for (const { number, curve } of course.recorded.trials.filter((trial) => !gone.has(trial.number))) {
            expect(course.shadow.trials[number]?.curve.steps).toEqual(curve.steps);
          }
          expect(follow(log, choice)).toEqual(course);
        }),
        { numRuns: 40 },
      );
    });
  },
);
