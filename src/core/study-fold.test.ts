import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { EventBody, StudyEvent } from "./events.js";
import { float } from "./param.js";
import type { StudyDefinition } from "./study-definition.js";
import { applyEvent, beginStudy } from "./study-fold.js";
import { decodeImage, encodeImage } from "./study-image.js";
import { type StudyRecord } from "./study-record.js";
import { lastStep, lastValue, valueAtStep } from "./trial.js";

const definition: StudyDefinition = {
  name: "fold",
  goal: { metric: "loss", direction: "minimize" },
  space: { lr: float(0, 1) },
  constraints: [],
  maxSteps: 3,
  sampler: { name: "random", options: {} },
  scheduler: { name: "none", options: {} },
  budget: { trials: 5 },
  seed: 1,
  retries: 1,
};

const explanation = { rule: "test", reason: "because", values: { distance: Number.NaN } };

function timed(bodies: readonly EventBody[], start = 1000, gap = 500): StudyEvent[] {
  return bodies.map((body, index) => ({ ...body, time: start + index * gap }));
}

/** A story in which everything happens once */
const story: readonly EventBody[] = [
  { type: "study-created", definition },
  { type: "study-opened", host: "here", pid: 1 },
  {
    type: "worker-joined",
    worker: "n1",
    host: "n1",
    pid: 5,
    slots: 2,
    gpus: ["0", "1"],
    labels: { JOB: "7" },
  },
  { type: "worker-joined", worker: "n2", host: "n2", pid: 6, slots: 1, gpus: [], labels: {} },
  { type: "worker-lost", worker: "n1", reason: "silent", message: "silent for 30 s" },
  { type: "trial-asked", trial: 0, params: { lr: 0.1 }, seed: 11, sampler: "random" },
  { type: "attempt-started", trial: 0, attempt: 1, worker: "local-0", fromStep: 0 },
  { type: "trial-asked", trial: 1, params: { lr: 0.2 }, seed: 12, sampler: "random" },
  { type: "attempt-started", trial: 1, attempt: 1, worker: "local-1", fromStep: 0 },
  { type: "reported", trial: 0, attempt: 1, step: 1, metrics: { loss: 0.5 } },
  { type: "reported", trial: 1, attempt: 1, step: 1, metrics: { loss: Number.NaN, accuracy: 0.1 } },
  { type: "decided", trial: 1, attempt: 1, step: 1, action: "stop", explanation },
  { type: "finished", trial: 1, attempt: 1, state: "stopped" },
  { type: "reported", trial: 0, attempt: 1, step: 2, metrics: { loss: 0.4, accuracy: 0.8 } },
  { type: "snapshot-saved", trial: 0, attempt: 1, step: 2, path: "trial-0/s", digest: "ab", bytes: 3 },
  { type: "decided", trial: 0, attempt: 1, step: 2, action: "pause", explanation },
  { type: "paused", trial: 0, attempt: 1 },
  { type: "resumed", trial: 0, explanation },
  { type: "attempt-started", trial: 0, attempt: 2, worker: "local-0", fromStep: 2 },
  { type: "reported-late", trial: 1, attempt: 1, step: 2, metrics: { loss: 1 } },
  { type: "note", trial: 0, code: "ODD", message: "odd" },
  { type: "failed", trial: 0, attempt: 2, error: { code: "X", message: "x" }, output: ["x"], retry: true },
  { type: "attempt-started", trial: 0, attempt: 3, worker: "local-0", fromStep: 2 },
  { type: "reported", trial: 0, attempt: 3, step: 3, metrics: { accuracy: 0.9 } },
  { type: "finished", trial: 0, attempt: 3, state: "complete" },
  { type: "trial-asked", trial: 2, params: { lr: 0.3 }, seed: 13, sampler: "random" },
  { type: "attempt-started", trial: 2, attempt: 1, worker: "local-1", fromStep: 0 },
  { type: "failed", trial: 2, attempt: 1, error: { code: "X", message: "x" }, output: [], retry: false },
  { type: "retried", trial: 2 },
  { type: "attempt-started", trial: 2, attempt: 2, worker: "local-1", fromStep: 0 },
  { type: "released", trial: 2, attempt: 2, reason: "interrupted" },
  { type: "study-changed", budget: { trials: 9 }, timeout: 60 },
];

function fold(events: readonly StudyEvent[]): StudyRecord {
  const [first, ...rest] = events;
  if (first === undefined) throw new Error("an empty log");
  const study = beginStudy(first);
  for (const event of rest) applyEvent(study, event);
  return study;
}

describe("the fold over a study's events", () => {
  it("knows the state of every trial", () => {
    const study = fold(timed(story));
    expect(study.trials.map((trial) => [trial.state, trial.attempt, trial.failures])).toEqual([
      ["complete", 3, 1],
      ["stopped", 1, 0],
      ["waiting", 2, 0],
    ]);
    const [first, second] = study.trials;
    if (first === undefined || second === undefined) throw new Error("trials are missing");
    expect(first.curve.steps).toEqual([1, 2, 3]);
    expect(first.curve.metrics.get("loss")).toEqual([0.5, 0.4, null]);
    expect(first.curve.metrics.get("accuracy")).toEqual([null, 0.8, 0.9]);
    expect(lastValue(first, "loss")).toBe(0.4);
    expect(lastStep(first)).toBe(3);
    expect(valueAtStep(first, "accuracy", 2)).toBe(0.8);
    expect(valueAtStep(first, "accuracy", 1)).toBeUndefined();
    expect(first.completion).toBe(0);
    expect(first.decision).toBeUndefined();
    expect(second.decision).toEqual({ step: 1, action: "stop", rule: "test", reason: "because" });
    expect(lastValue(second, "loss")).toBeNaN();
    expect(study.totalSteps).toBe(4);
    expect(study.definition).toEqual({ ...definition, budget: { trials: 9 }, timeout: 60 });
    expect(study.notes).toEqual([{ trial: 0, code: "ODD", message: "odd", hint: undefined, time: 11_000 }]);
    expect([...study.workers.values()]).toEqual([
      { name: "n2", host: "n2", pid: 6, slots: 1, gpus: [], labels: {}, joinedAt: 2500 },
    ]);
    expect([...study.formerWorkers.values()]).toEqual([
      {
        name: "n1",
        host: "n1",
        pid: 5,
        slots: 2,
        gpus: ["0", "1"],
        labels: { JOB: "7" },
        joinedAt: 2000,
        reason: "silent",
        message: "silent for 30 s",
        goneAt: 3000,
      },
    ]);
  });

  it("lets workers rejoin, and has none when the next coordinator opens the study", () => {
    const study = fold(timed(story));
    const joined: EventBody = {
      type: "worker-joined",
      worker: "n1",
      host: "n1",
      pid: 9,
      slots: 1,
      gpus: [],
      labels: {},
    };
    applyEvent(study, { ...joined, time: 50_000 });
    expect([...study.workers.keys()]).toEqual(["n2", "n1"]);
    expect(study.formerWorkers.size).toBe(0);
    applyEvent(study, { type: "study-opened", host: "there", pid: 2, time: 90_000 });
    expect(study.workers.size).toBe(0);
    expect(
      [...study.formerWorkers.values()].map(({ name, reason, goneAt }) => [name, reason, goneAt]),
    ).toEqual([
      ["n2", "coordinator-ended", 50_000],
      ["n1", "coordinator-ended", 50_000],
    ]);
  });

  it("keeps only the workers that left last", () => {
    const study = fold(timed(story));
    for (let number = 0; number < 1200; number++) {
      const worker = `w${number}`;
      const place = { host: "h", pid: 1, slots: 1, gpus: [], labels: {} };
      applyEvent(study, { type: "worker-joined", worker, ...place, time: 1 });
      applyEvent(study, { type: "worker-lost", worker, reason: "left", message: "done", time: 1 });
    }
    expect(study.formerWorkers.size).toBe(1000);
    expect([...study.formerWorkers.keys()].at(0)).toBe("w200");
  });

  it("counts only the time of sessions", () => {
    const [created, ...rest] = story;
    if (created === undefined) throw new Error("an empty story");
    const study = fold([...timed([created], 0), ...timed(rest, 1_000_000)]);
    expect(study.elapsed).toBeCloseTo((rest.length - 1) * 0.5);
  });

  it("gives the same study in pieces or through an image as in one go", () => {
    const events = timed(story);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: events.length }), (cut) => {
        const decoded = decodeImage(encodeImage(fold(events.slice(0, cut))));
        if (decoded === undefined) throw new Error("the image was not recognised");
        expect(decoded).toEqual(fold(events.slice(0, cut)));
        for (const event of events.slice(cut)) applyEvent(decoded, event);
        expect(decoded).toEqual(fold(events));
      }),
    );
  });

  it.each<[string, EventBody]>([
    ["a trial out of turn", { type: "trial-asked", trial: 7, params: {}, seed: 1, sampler: "random" }],
    [
      "a report of an unknown trial",
      { type: "reported", trial: 9, attempt: 1, step: 1, metrics: { loss: 1 } },
    ],
    [
      "a step that does not increase",
      { type: "reported", trial: 0, attempt: 3, step: 3, metrics: { loss: 1 } },
    ],
    [
      "the end of an attempt that does not run",
      { type: "finished", trial: 0, attempt: 3, state: "complete" },
    ],
    ["a wrong attempt", { type: "attempt-started", trial: 2, attempt: 7, worker: "w", fromStep: 0 }],
    ["a second beginning", { type: "study-created", definition }],
    ["the resumption of a trial that is not paused", { type: "resumed", trial: 1 }],
  ])("refuses %s", (_what, body) => {
    const study = fold(timed(story));
    expect(() => applyEvent(study, { ...body, time: 1 })).toThrow(
      expect.objectContaining({ name: "CurvewiseError", code: "LOG_INVALID" }),
    );
  });

  it("refuses a log that does not begin with the study's creation", () => {
    expect(() => beginStudy({ type: "retried", trial: 0, time: 1 })).toThrow(/cannot begin with retried/);
  });
});
