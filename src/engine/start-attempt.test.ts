import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { EventBody } from "../core/events.js";
import type { Scheduler } from "../core/scheduler.js";
import { applyEvent, beginStudy } from "../core/study-fold.js";
import { memoryStorage } from "../storage/memory.js";
import { ALICE, definitionOf, NOW, request } from "../testing/storage-contract/example-events.js";
import { createRecorder } from "./recorder.js";
import { digestOf } from "./snapshot-file.js";
import { startAttempt } from "./start-attempt.js";

const place = { worker: "w", host: "h", process: "p" };
const explanation = { rule: "test", reason: "as the test says", values: {} };

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "curvewise-start-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it("goes on from the snapshot that it has verified, although another trial says meanwhile that it is gone", async () => {
  const storage = memoryStorage();
  const definition = definitionOf("digits");
  await storage.createStudy(definition, NOW);
  const study = beginStudy({ type: "study-created", definition, time: NOW });
  const happen = (body: EventBody): void => applyEvent(study, { ...body, time: NOW });
  mkdirSync(join(folder, "trial-0"));
  writeFileSync(join(folder, "trial-0/model"), "good");
  const file = { path: "trial-0/model", digest: await digestOf(join(folder, "trial-0/model")), bytes: 4 };
  for (const trial of [0, 1]) {
    happen({ type: "trial-asked", trial, params: {}, seed: 1, sampler: "random" });
    happen({ type: "attempt-started", trial, attempt: 1, worker: "w", fromStep: 0 });
    happen({ type: "reported", trial, attempt: 1, step: 2, metrics: { loss: 1 + trial } });
  }
  happen({ type: "snapshot-saved", trial: 0, attempt: 1, step: 2, ...file });
  const exploit = { parent: 0, snapshot: { step: 2, ...file }, value: 1, params: {} };
  happen({ type: "decided", trial: 1, attempt: 1, step: 2, action: "exploit", explanation, exploit });
  happen({ type: "released", trial: 0, attempt: 1, reason: "host" });
  const recorder = createRecorder({
    storage,
    lease: await storage.acquire("digits", request(ALICE)),
    study,
    now: () => NOW,
    onEvent: () => {},
    onBroken: () => {},
    imaged: 0,
  });
  const scheduler: Scheduler = {
    restore: () => {},
    observe: () => {},
    decide: () => ({ action: "continue" }),
  };
  const context = {
    study,
    recorder,
    folder,
    scheduler,
    hands: { reserved: new Set([0]), live: new Map() },
    interrupted: new AbortController().signal,
  };
  const started = startAttempt(context, 0, { place, isParked: false }, []);
  // Reading a file takes longer than that.
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  happen({ type: "exploit-failed", trial: 1, parent: 0, path: file.path, reason: "it is gone" });
  expect(study.trials[0]?.snapshot).toBeUndefined();
  const resume = { step: 2, path: join(folder, file.path) };
  expect((await started)?.assignment).toMatchObject({ trial: 0, attempt: 2, resume });
});
