import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { lineageFlaws } from "../src/analysis/lineage.js";
import { readTrainings } from "../src/analysis/recorded-trainings.js";
import { recordedEffort, replayStudy } from "../src/analysis/replay-study.js";
import { verifyStudy } from "../src/analysis/verify-study.js";
import { chooseAlgorithm, knownSamplers, knownSchedulers } from "../src/config/algorithms.js";
import { bestTrial } from "../src/core/best-trial.js";
import type { StudyEvent } from "../src/core/events.js";
import type { Launcher } from "../src/core/launcher.js";
import { createSearchSpace } from "../src/core/search-space.js";
import type { Storage } from "../src/core/storage.js";
import type { StudyDefinition } from "../src/core/study-definition.js";
import { readStudy } from "../src/engine/read-study.js";
import { runStudy } from "../src/engine/run-study.js";
import { createShadowStudy } from "../src/engine/shadow-study.js";
import { asha } from "../src/schedulers/index.js";
import { openSqlite } from "../src/storage/sqlite.js";

/*
 * tests/recorded has one database per earlier version, and `best.json` with each study's best value as printed by that
 * version. This version must open them, find the same values, make the same decisions again, replay them under other
 * rules, and continue them.
 */

const RECORDED = fileURLToPath(new URL("recorded/", import.meta.url));
const POPULATIONS = new Set(["pbt", "pbt-synchronous", "pb2"]);
const bestOf: Readonly<Record<string, Readonly<Record<string, number>>>> = JSON.parse(
  readFileSync(join(RECORDED, "best.json"), "utf8"),
);

function schedulerOf({ scheduler }: StudyDefinition) {
  const choice = chooseAlgorithm(knownSchedulers(), { [scheduler.name]: scheduler.options });
  if (choice === undefined) throw new Error(`scheduler ${scheduler.name} is unknown`);
  return choice;
}

async function logOf(storage: Storage, name: string): Promise<StudyEvent[]> {
  const events: StudyEvent[] = [];
  for await (const { event } of storage.readEvents(name)) events.push(event);
  return events;
}

const files = readdirSync(RECORDED).filter((file) => file.endsWith(".gz"));

it.each(files)("%s is known to best.json", (file) => {
  expect(Object.keys(bestOf)).toContain(file);
});

describe.each(files)("%s", (file) => {
  let folder = "";
  let storage: Storage;
  const best = Object.entries(bestOf[file] ?? {});

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "curvewise-recorded-"));
    writeFileSync(join(folder, "recorded.sqlite3"), gunzipSync(readFileSync(join(RECORDED, file))));
    storage = await openSqlite(join(folder, "recorded.sqlite3"));
  });
  afterAll(async () => {
    await storage.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("has the expected studies", async () => {
    const names = (await storage.listStudies(Date.now())).map(({ name }) => name);
    expect(names.sort()).toEqual(best.map(([name]) => name).sort());
  });

  it.each(best)("opens %s with its best value %d", async (name, value) => {
    const study = await readStudy(storage, name);
    expect(bestTrial(study)?.value).toBeCloseTo(value, 12);
  });

  it.each(best)("makes the decisions of %s again", async (name) => {
    const events = await logOf(storage, name);
    const study = await readStudy(storage, name);
    const { compared, differences } = verifyStudy(events, schedulerOf(study.definition));
    expect(differences).toEqual([]);
    expect(compared).toBeGreaterThan(10);
    if (!POPULATIONS.has(name)) return;
    expect(events.filter(({ type }) => type === "exploited").length).toBeGreaterThan(0);
    expect(lineageFlaws(study, events)).toEqual([]);
  });

  it.each(best.filter(([name]) => !POPULATIONS.has(name)))(
    "shadows %s with its own scheduler, and replays it under another one",
    async (name) => {
      const events = await logOf(storage, name);
      const { definition } = await readStudy(storage, name);
      const shadow = createShadowStudy(schedulerOf(definition));
      for (const event of events) shadow.observe(event);
      const course = shadow.conclude();
      expect(course?.failure).toBeUndefined();
      expect(course?.differences).toEqual([]);

      const recorded = readTrainings(events);
      if (recorded === undefined) throw new Error("nothing was recorded");
      const { steps, best: found } = replayStudy(
        { recorded, scheduler: asha({ eta: 3 }), seed: 1, budgets: [2] },
        "pessimistic",
      );
      expect(steps).toBeGreaterThan(0);
      expect(steps).toBeLessThanOrEqual(recordedEffort(recorded).fullSteps);
      expect(Number.isFinite(found)).toBe(true);
    },
  );

  it("continues one of its studies", async () => {
    const { definition } = await readStudy(storage, "asha-promotion");
    const launcher: Launcher = {
      name: "test",
      slots: 2,
      close: async () => {},
      run: async ({ maxSteps = 0 }, channel) => {
        for (let step = 1; step <= maxSteps; step++) {
          if ((await channel.report(step, { loss: 1 / step })) !== "continue") break;
        }
        return { kind: "ended" };
      },
    };
    const sampler = chooseAlgorithm(knownSamplers(), {
      [definition.sampler.name]: definition.sampler.options,
    });
    if (sampler === undefined) throw new Error(`sampler ${definition.sampler.name} is unknown`);
    const trials = (definition.budget.trials ?? 0) + 5;
    const { study } = await runStudy({
      storage,
      definition: { ...definition, budget: { ...definition.budget, trials } },
      space: createSearchSpace(definition.space),
      sampler,
      scheduler: schedulerOf(definition),
      folder: join(folder, "files"),
      launcher,
      extend: true,
    });
    expect(study.trials).toHaveLength(trials);
    const events = await logOf(storage, "asha-promotion");
    expect(verifyStudy(events, schedulerOf(definition)).differences).toEqual([]);
  });
});
