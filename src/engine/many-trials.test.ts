import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { bestTrial } from "../core/best-trial.js";
import type { Launcher, TrialChannel } from "../core/launcher.js";
import { float } from "../core/param.js";
import { createSearchSpace } from "../core/search-space.js";
import type { StudyDefinition } from "../core/study-definition.js";
import { grid } from "../samplers/grid/grid.js";
import { none } from "../schedulers/none.js";
import { memoryStorage } from "../storage/memory.js";
import { createLateReports } from "./late-reports.js";
import { thisProcess } from "./process-identity.js";
import { readStudy, readTrial, withoutComplete } from "./read-study.js";
import { createRecorder } from "./recorder.js";
import { runStudy } from "./run-study.js";

it("holds few of its trials when there are many, and loses none", async () => {
  const folder = mkdtempSync(join(tmpdir(), "curvewise-many-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const storage = memoryStorage();
  const space = createSearchSpace({ a: float(0, 1), b: float(0, 1) });
  const [sampler, scheduler] = [grid({ levels: 102 }), none()];
  const definition: StudyDefinition = {
    name: "many",
    goal: { metric: "loss", direction: "minimize" },
    space: space.params,
    constraints: [],
    sampler: { name: sampler.name, options: sampler.options },
    scheduler: { name: scheduler.name, options: scheduler.options },
    budget: {},
    seed: 1,
    retries: 0,
  };
  const launcher: Launcher = {
    name: "test",
    slots: 4,
    run: async ({ params }, channel: TrialChannel) => {
      await channel.report(1, { loss: (Number(params["a"]) - 0.4) ** 2 + Number(params["b"]) });
      return { kind: "ended" };
    },
    close: async () => {},
  };
  const all = 102 * 102;
  const { study } = await runStudy({ storage, definition, space, sampler, scheduler, folder, launcher });
  expect([study.trials.length, study.byState.complete.size]).toEqual([all, all]);
  expect([...study.trials]).toHaveLength(1);
  expect(readdirSync(folder)).toEqual([]);

  const whole = await readStudy(storage, "many");
  expect([...whole.trials]).toHaveLength(all);
  expect(new Set(whole.trials.map(({ params }) => JSON.stringify(params))).size).toBe(all);
  expect(bestTrial(study)).toEqual(bestTrial(whole));
  expect(bestTrial(await readStudy(storage, "many", withoutComplete))).toEqual(bestTrial(whole));

  const forgotten = [...whole.trials.keys()].find((number) => study.trials[number] === undefined) ?? 0;
  const { completion: _, ...recorded } = whole.trials[forgotten] ?? {};
  expect(await readTrial(storage, study, forgotten)).toMatchObject(recorded);
  expect(await readTrial(storage, study, all)).toBeUndefined();

  // A report that comes after the end of a forgotten trial is still data; one of an attempt that never
  // existed is not.
  const lease = await storage.acquire("many", {
    holder: thisProcess(),
    now: Date.now(),
    duration: 60_000,
    isGone: () => false,
  });
  const broken = (error: unknown): void => {
    throw error;
  };
  const record = await readStudy(storage, "many", withoutComplete);
  const recorder = createRecorder({
    storage,
    lease,
    study: record,
    now: Date.now,
    onEvent: () => {},
    onBroken: broken,
    imaged: 0,
  });
  const reportLate = createLateReports(storage, record, recorder);
  await reportLate({ trial: forgotten, attempt: 1 }, 2, { loss: 3 });
  await expect(reportLate({ trial: forgotten, attempt: 2 }, 2, { loss: 3 })).rejects.toMatchObject({
    code: "ATTEMPT_UNKNOWN",
  });
  const late = [];
  for await (const { event } of storage.readEvents("many", { trial: forgotten })) {
    if (event.type === "reported-late") late.push([event.step, event.metrics]);
  }
  expect(late).toEqual([[2, { loss: 3 }]]);
});
