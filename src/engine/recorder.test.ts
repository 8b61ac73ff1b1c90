import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Storage } from "../core/storage.js";
import { beginStudy } from "../core/study-fold.js";
import { openSqlite } from "../storage/sqlite.js";
import { ALICE, definitionOf, NOW, request } from "../testing/storage-contract/example-events.js";
import { createRecorder, type Recorder } from "./recorder.js";

/** How many events make an image due in a study without one. */
const MANY = 20_000;

let folder: string;
let storage: Storage;
let recorder: Recorder;
/** The recorder's clock; it advances by a millisecond whenever it is read. */
let clock = 0;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "curvewise-recorder-"));
  storage = await openSqlite(join(folder, "curvewise.db"));
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
afterEach(async () => {
  await storage.close();
  rmSync(folder, { recursive: true, force: true });
});

const record = (count: number): Promise<void> =>
  recorder.record(
    ...Array.from({ length: count }, () => ({ type: "note" as const, code: "NOTHING", message: "nothing" })),
  );
const imaged = async (): Promise<number | undefined> => (await storage.readImage("digits"))?.events;

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
