import { beforeEach, describe, expect, it } from "vitest";
import type { EventBody } from "../core/events.js";
import { forgetComplete } from "../core/forgetting.js";
import type { Storage } from "../core/storage.js";
import { type StudyRecord, studyRecord } from "../core/study-record.js";
import { memoryStorage } from "../storage/memory.js";
import { ALICE, definitionOf, NOW, request } from "../testing/storage-contract/example-events.js";
import { createLateReports, type ReportLate } from "./late-reports.js";
import { createRecorder, type Recorder } from "./recorder.js";

let storage: Storage;
let study: StudyRecord;
let recorder: Recorder;
let reportLate: ReportLate;

beforeEach(async () => {
  storage = memoryStorage();
  const definition = definitionOf("digits");
  await storage.createStudy(definition, NOW);
  study = studyRecord(definition, NOW);
  const forget = forgetComplete(study, 0);
  recorder = createRecorder({
    storage,
    lease: await storage.acquire("digits", request(ALICE)),
    study,
    now: () => NOW,
    onEvent: forget,
    onBroken: (error) => {
      throw error;
    },
    imaged: 0,
  });
  reportLate = createLateReports(storage, study, recorder);
});

const ask = (trial: number): EventBody => ({
  type: "trial-asked",
  trial,
  params: {},
  seed: 1,
  sampler: "random",
});
const asked = ask(0);
const begin = (attempt: number, trial = 0): EventBody => ({
  type: "attempt-started",
  trial,
  attempt,
  worker: "w",
  fromStep: 0,
});
const report = (attempt: number, step: number, trial = 0): EventBody => ({
  type: "reported",
  trial,
  attempt,
  step,
  metrics: { loss: 1 },
});
const lose = (attempt: number): EventBody => ({ type: "released", trial: 0, attempt, reason: "lost" });

async function kept(): Promise<(readonly [attempt: number, step: number])[]> {
  const late: (readonly [number, number])[] = [];
  for await (const { event } of storage.readEvents("digits")) {
    if (event.type === "reported-late") late.push([event.attempt, event.step]);
  }
  return late;
}

describe("a report of an attempt that is over", () => {
  it("is kept once, however often and however close together it comes", async () => {
    await recorder.record(asked, begin(1), report(1, 1), lose(1));
    const place = { trial: 0, attempt: 1 };
    await Promise.all([1, 2, 2, 3, 2].map((step) => reportLate(place, step, { loss: 9 })));
    await reportLate(place, 3, { loss: 9 });
    expect(await kept()).toEqual([
      [1, 2],
      [1, 3],
    ]);
  });

  it("is kept once also where an earlier coordinator kept it", async () => {
    await recorder.record(asked, begin(1), report(1, 1), lose(1));
    const place = { trial: 0, attempt: 1 };
    for (const again of [reportLate, createLateReports(storage, study, recorder)]) {
      for (const step of [1, 2]) await again(place, step, { loss: 9 });
    }
    expect(await kept()).toEqual([[1, 2]]);
  });

  it("is told from those of the trial's other attempts", async () => {
    await recorder.record(asked, begin(1), report(1, 1), lose(1), begin(2), report(2, 2), lose(2));
    await reportLate({ trial: 0, attempt: 1 }, 2, { loss: 9 });
    await reportLate({ trial: 0, attempt: 2 }, 1, { loss: 9 });
    await reportLate({ trial: 0, attempt: 2 }, 2, { loss: 9 });
    expect(await kept()).toEqual([
      [1, 2],
      [2, 1],
    ]);
  });

  it("is kept while a later attempt runs, whose own reports do not come this way", async () => {
    await recorder.record(asked, begin(1), lose(1), begin(2));
    await reportLate({ trial: 0, attempt: 1 }, 1, { loss: 9 });
    await expect(reportLate({ trial: 0, attempt: 2 }, 1, { loss: 9 })).rejects.toMatchObject({
      code: "ATTEMPT_UNKNOWN",
    });
    expect(await kept()).toEqual([[1, 1]]);
  });

  it("is kept also where its trial was forgotten", async () => {
    await recorder.record(asked, begin(1), report(1, 1));
    await recorder.record({ type: "finished", trial: 0, attempt: 1, state: "complete" });
    await recorder.record(ask(1), begin(1, 1), report(1, 1, 1));
    await recorder.record({ type: "finished", trial: 1, attempt: 1, state: "complete" });
    const forgotten = [0, 1].find((trial) => study.trials[trial] === undefined) ?? 9;
    await reportLate({ trial: forgotten, attempt: 1 }, 2, { loss: 9 });
    expect(await kept()).toEqual([[1, 2]]);
    await expect(reportLate({ trial: forgotten, attempt: 2 }, 2, { loss: 9 })).rejects.toMatchObject({
      code: "ATTEMPT_UNKNOWN",
    });
  });
});

describe("a report of an attempt that nobody began", () => {
  it("is refused, and does no harm to the attempt of that number", async () => {
    await recorder.record(asked);
    for (const [trial, attempt] of [
      [0, 0],
      [0, 1],
      [1, 1],
      [-1, 1],
    ] as const) {
      await expect(reportLate({ trial, attempt }, 1, { loss: 9 })).rejects.toMatchObject({
        code: "ATTEMPT_UNKNOWN",
        kind: "user",
        message: `attempt ${attempt} of trial ${trial} does not belong to this worker`,
      });
    }
    await recorder.record(begin(1), lose(1), ask(1), begin(1, 1));
    await recorder.record({ type: "released", trial: 1, attempt: 1, reason: "lost" });
    for (const trial of [0, 1]) await reportLate({ trial, attempt: 1 }, 1, { loss: 9 });
    expect(await kept()).toEqual([
      [1, 1],
      [1, 1],
    ]);
  });

  it("is refused as a report first, where it is none", async () => {
    await expect(reportLate({ trial: 9, attempt: 1 }, 0, { loss: 9 })).rejects.toMatchObject({
      code: "REPORT_INVALID",
    });
  });
});
