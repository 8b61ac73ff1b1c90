import { beforeEach, describe, expect, it } from "vitest";
import type { Storage } from "../core/storage.js";
import { beginStudy } from "../core/study-fold.js";
import { memoryStorage } from "../storage/memory.js";
import { ALICE, BOB, definitionOf, NOW, request } from "../testing/storage-contract/example-events.js";
import { createRecorder, type Recorder } from "./recorder.js";

/** How many events make an image due in a study without one. */
const MANY = 20_000;

let storage: Storage;
let recorder: Recorder;
/** The recorder's clock; it advances by a millisecond whenever it is read. */
let clock = 0;

beforeEach(async () => {
  storage = { ...memoryStorage(), wantsImages: true };
  const definition = definitionOf("digits");
  await storage.createStudy(definition, NOW);
  clock = 0;
  recorder = createRecorder({
    storage,
    lease: await storage.acquire("digits", request(ALICE)),
    study: beginStudy({ type: "study-created", definition, time: NOW }),
    now: () => NOW,
    onEvent: () => {},
    onBroken: () => {},
    imaged: 0,
    clock: () => clock++,
  });
});

const record = (count: number): Promise<void> =>
  recorder.record(
    ...Array.from({ length: count }, () => ({ type: "note" as const, code: "NOTHING", message: "nothing" })),
  );
const imaged = async (): Promise<number | undefined> => (await storage.readImage("digits"))?.events;

describe("a recorder whose storage refuses an append", () => {
  it("tells so once, and records nothing more, not even an image", async () => {
    const told: unknown[] = [];
    const study = beginStudy({ type: "study-created", definition: definitionOf("digits"), time: NOW });
    const lease = await storage.acquire("digits", { ...request(BOB), isGone: () => true });
    const broken = createRecorder({
      storage,
      lease: { ...lease, fence: lease.fence + 1 },
      study,
      now: () => NOW,
      onEvent: () => {},
      onBroken: (error) => told.push(error),
      imaged: 0,
    });
    const note = { type: "note" as const, code: "NOTHING", message: "nothing" };
    const lost = expect.objectContaining({ code: "LEASE_LOST" });
    await expect(broken.record(note)).rejects.toEqual(lost);
    const { events } = study;
    await expect(broken.record(note)).rejects.toEqual(lost);
    expect(study.events).toBe(events);
    await broken.writeImage();
    expect(await imaged()).toBeUndefined();
    expect(told).toEqual([lost]);
  });
});

describe("a recorder whose listener throws", () => {
  it("records what happened all the same, shows it nothing more, and takes nothing after it", async () => {
    const told: unknown[] = [];
    const shown: string[] = [];
    const fault = new Error("the listener is broken");
    const study = beginStudy({ type: "study-created", definition: definitionOf("digits"), time: NOW });
    const lease = await storage.acquire("digits", { ...request(BOB), isGone: () => true });
    const faulty = createRecorder({
      storage,
      lease,
      study,
      now: () => NOW,
      onEvent: (event) => {
        if (event.type === "note") shown.push(event.message);
        if (shown.length === 2) throw fault;
      },
      onBroken: (error) => told.push(error),
      imaged: 0,
    });
    const notes = ["one", "two", "three"].map((message) => ({ type: "note" as const, code: "N", message }));
    await expect(faulty.record(...notes)).rejects.toBe(fault);
    await expect(faulty.record(...notes)).rejects.toBe(fault);
    expect(shown).toEqual(["one", "two"]);
    expect(told).toEqual([fault]);
    const logged: string[] = [];
    for await (const { event } of storage.readEvents("digits")) {
      if (event.type === "note") logged.push(event.message);
    }
    expect(logged).toEqual(["one", "two", "three"]);
    expect(study.notes.map(({ message }) => message)).toEqual(logged);
  });
});

describe("the image of a growing study", () => {
  it("is written when the log has grown by much, and not before", async () => {
    await record(MANY - 2);
    expect(await imaged()).toBeUndefined();
    await record(1);
    expect(await imaged()).toBe(MANY);
    clock += 1e9;
    await record(MANY - 1);
    expect(await imaged()).toBe(MANY);
    await record(1);
    expect(await imaged()).toBe(2 * MANY);
  });

  it("waits many times as long as the last one took, however the log grows; the end waits for nothing", async () => {
    await record(MANY);
    expect(await imaged()).toBe(MANY + 1);
    await record(2 * MANY);
    expect(await imaged()).toBe(MANY + 1);
    clock += 1000;
    await record(1);
    expect(await imaged()).toBe(3 * MANY + 2);
    await record(2 * MANY);
    expect(await imaged()).toBe(3 * MANY + 2);
    await recorder.writeImage();
    expect(await imaged()).toBe(5 * MANY + 2);
  });
});

describe("the image of a study whose image covers much already", () => {
  it("is written again when the log has grown by half", async () => {
    const imagedBefore = 50_000;
    const definition = definitionOf("letters");
    await storage.createStudy(definition, NOW);
    const study = beginStudy({ type: "study-created", definition, time: NOW });
    const lease = await storage.acquire("letters", request(ALICE));
    const grown = createRecorder({
      storage,
      lease,
      study,
      now: () => NOW,
      onEvent: () => {},
      onBroken: () => {},
      imaged: imagedBefore,
      clock: () => clock++,
    });
    const note = { type: "note" as const, code: "NOTHING", message: "nothing" };
    await grown.record(...Array.from({ length: 100 }, () => note));
    // What is missing of the log stands for what was read before.
    study.events = 1.5 * imagedBefore - 2;
    await grown.record(note);
    expect(await storage.readImage("letters")).toBeUndefined();
    // That it is due shows by the storage's refusal: the events that stand for what was read are in no log.
    await expect(grown.record(note)).rejects.toMatchObject({ code: "IMAGE_AHEAD" });
  });
});
