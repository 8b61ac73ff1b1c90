import { describe, expect, it } from "vitest";
import type { EventBody, StudyEvent } from "../core/events.js";
import { forgetComplete } from "../core/forgetting.js";
import { float } from "../core/param.js";
import type { Lease, Storage } from "../core/storage.js";
import type { StudyDefinition } from "../core/study-definition.js";
import { applyEvent } from "../core/study-fold.js";
import { encodeImage } from "../core/study-image.js";
import { studyRecord } from "../core/study-record.js";
import { memoryStorage } from "../storage/memory.js";
import { ALICE, definitionOf, NOW, request } from "../testing/storage-contract/example-events.js";
import { readStudy, readStudyAndImage, readTrial, withoutComplete } from "./read-study.js";

const definition = definitionOf("digits");

/** A trial of one report, from its beginning to its end. */
const trained = (trial: number, loss: number): EventBody[] => [
  { type: "trial-asked", trial, params: {}, seed: trial, sampler: "random" },
  { type: "attempt-started", trial, attempt: 1, worker: "w", fromStep: 0 },
  { type: "reported", trial, attempt: 1, step: 1, metrics: { loss } },
  { type: "finished", trial, attempt: 1, state: "complete" },
];
const timed = (bodies: readonly EventBody[]): StudyEvent[] =>
  bodies.map((body, index) => ({ ...body, time: NOW + index }));

async function stored(events: readonly StudyEvent[]): Promise<{ storage: Storage; lease: Lease }> {
  const storage = memoryStorage();
  await storage.createStudy(definition, NOW);
  const lease = await storage.acquire("digits", request(ALICE));
  await storage.append(lease, events);
  return { storage, lease };
}

function folded(events: readonly StudyEvent[]) {
  const study = studyRecord(definition, NOW);
  for (const event of events) applyEvent(study, event);
  return study;
}

describe("reading a study", () => {
  const events = timed([...trained(0, 3), ...trained(1, 2), ...trained(2, 1)]);

  it("gives the fold of its log", async () => {
    const { storage } = await stored(events);
    const { study, imaged } = await readStudyAndImage(storage, "digits");
    expect(study).toEqual(folded(events));
    expect(imaged).toBe(0);
  });

  it("begins at its image, and reads only the events after it", async () => {
    const { storage, lease } = await stored(events);
    const past = { ...folded(events.slice(0, 6)), createdAt: NOW - 99 };
    await storage.writeImage(lease, { events: past.events, body: encodeImage(past) });
    const { study, imaged } = await readStudyAndImage(storage, "digits");
    expect(imaged).toBe(7);
    expect(study).toEqual({ ...folded(events), createdAt: NOW - 99 });
  });

  it("reads the whole log where the image is of another version", async () => {
    const { storage, lease } = await stored(events);
    const body = JSON.stringify({ ...JSON.parse(encodeImage(folded(events))), format: 0 });
    await storage.writeImage(lease, { events: 13, body });
    const { study, imaged } = await readStudyAndImage(storage, "digits");
    expect([study, imaged]).toEqual([folded(events), 0]);
  });

  it("fails for a study that is not there", async () => {
    await expect(readStudy(memoryStorage(), "digits")).rejects.toMatchObject({ code: "STUDY_NOT_FOUND" });
  });

  it("fails for a log without any event", async () => {
    const { storage } = await stored([]);
    const emptied = { ...storage, readEvents: () => storage.readEvents("digits", { after: 1 }) };
    await expect(readStudy(emptied, "digits")).rejects.toMatchObject({
      code: "LOG_INVALID",
      kind: "failure",
    });
  });
});

describe("a study that was changed", () => {
  it("has all trials, also for those who would forget some", async () => {
    const many = Array.from({ length: 10_005 }, (_, trial) => trained(trial, trial)).flat();
    const change: EventBody = {
      type: "study-changed",
      space: { added: float(0, 1) },
      filled: { added: 0.5 },
      maxSteps: 2,
      reopened: { trials: [7], state: "waiting" },
    };
    const events = timed([...many, change, ...trained(10_005, 1)]);
    const { storage } = await stored(events);
    const unchanged = await stored(timed(many));
    const { trials: few } = await readStudy(unchanged.storage, "digits", () => true);
    expect([...few].length).toBeLessThan(10);
    const { study, forget } = await readStudyAndImage(storage, "digits", () => true);
    expect([...study.trials]).toHaveLength(10_006);
    expect(study.trials[3]?.params).toEqual({ added: 0.5 });
    expect([...study.byState.waiting]).toEqual([7]);
    for (const event of timed(trained(10_006, 1))) {
      applyEvent(study, event);
      forget(event);
    }
    expect([...study.trials]).toHaveLength(10_007);
  });
});

describe("a study whose complete trials are forgotten", () => {
  const numbers = (trials: Iterable<{ readonly number: number }>) => [...trials].map(({ number }) => number);

  it("is held as its best trial alone once there are many, whatever happens next", async () => {
    const all = 10_001;
    const many = folded(timed(Array.from({ length: all }, (_, trial) => trained(trial, all - trial)).flat()));
    const { storage, lease } = await stored(timed(trained(0, 1)));
    // Only the image is looked at: nothing came after it.
    const { study, forget } = await readStudyAndImage(
      { ...storage, readImage: async () => ({ events: many.events, body: encodeImage(many) }) },
      lease.study,
      withoutComplete,
    );
    expect([study.trials.length, study.byState.complete.size]).toEqual([all, all]);
    expect(numbers(study.trials)).toEqual([all - 1]);
    for (const event of timed(trained(all, all))) {
      applyEvent(study, event);
      forget(event);
    }
    expect(numbers(study.trials)).toEqual([all - 1]);
  });

  it("has any forgotten trial read from the log again, and no other", async () => {
    const events = timed([...trained(0, 3), ...trained(1, 2), ...trained(2, 1)]);
    const { storage } = await stored(events);
    const few = folded(events);
    forgetComplete(few, 0);
    expect(numbers(few.trials)).toEqual([2]);
    for (const number of [0, 1]) {
      const { completion: _, ...trial } = folded(events).trials[number] ?? {};
      expect(await readTrial(storage, few, number)).toMatchObject(trial);
    }
    expect(await readTrial(storage, few, 2)).toBe(few.trials[2]);
    for (const number of [-1, 3, 0.5, Number.NaN]) {
      expect(await readTrial(storage, few, number)).toBeUndefined();
    }
  });
});

it("never forgets a population, whose members go on with each other's models", () => {
  const under = (name: string, options: StudyDefinition["scheduler"]["options"]) =>
    withoutComplete({ ...definition, scheduler: { name, options } });
  expect(under("none", {})).toBe(true);
  expect(under("pbt", { population: 8 })).toBe(false);
});
