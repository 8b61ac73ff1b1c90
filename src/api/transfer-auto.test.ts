import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { verifyStudy } from "../analysis/verify-study.js";
import type { StudyEvent } from "../core/events.js";
import type { Space } from "../core/param.js";
import type { Storage } from "../core/storage.js";
import {
  combined,
  createStudy,
  curve,
  float,
  grid,
  lcm,
  memoryStorage,
  type StudySettings,
  threshold,
} from "./index.js";

const MAX_STEPS = 4;
const SPACE = { level: float(0, 1) };

const studyOf = (name: string, storage: Storage, options: Partial<StudySettings<Space>> = {}) =>
  createStudy<Space>({
    name,
    storage,
    goal: { minimize: "loss" },
    space: SPACE,
    maxSteps: MAX_STEPS,
    seed: Buffer.from(name).reduce((sum, byte) => sum + byte, 0),
    ...options,
  });

const run = (study: ReturnType<typeof studyOf>, trials: number, { change = false } = {}) =>
  study.run(
    async (trial) => {
      for (let step = (trial.resume?.step ?? 0) + 1; step <= MAX_STEPS; step++)
        if ((await trial.report(step, { loss: Number(trial.params["level"]) + 1 / step })) !== "continue")
          return;
    },
    { trials, change },
  );

async function eventsOf(storage: Storage, study: string): Promise<StudyEvent[]> {
  const events: StudyEvent[] = [];
  for await (const { event } of storage.readEvents(study)) events.push(event);
  return events;
}

const transferredIn = async (storage: Storage, study: string): Promise<string[]> =>
  (await eventsOf(storage, study)).flatMap((event) =>
    event.type === "curves-transferred" ? [event.study] : [],
  );

const levelsOf = async (study: ReturnType<typeof studyOf>): Promise<number[]> =>
  (await study.read()).trials.map(({ params }) => Number(params["level"]));

describe("transfer: auto", () => {
  it("takes the studies that fit, tries their best params first, and goes on the same", async () => {
    const storage = memoryStorage();
    const old = studyOf("old", storage);
    const older = studyOf("older", storage);
    await run(old, 8);
    await run(older, 8);
    await run(studyOf("longer", storage, { maxSteps: 5 }), 2);
    await run(studyOf("other", storage, { space: { ...SPACE, more: float(0, 1) } }), 2);
    await run(
      createStudy<Space>({ name: "up", storage, goal: { maximize: "loss" }, space: SPACE, maxSteps: 4 }),
      2,
    );
    const next = () =>
      studyOf("next", storage, {
        transfer: "auto",
        sampler: curve(),
        scheduler: combined(threshold({ bound: 9, from: 1 }), lcm({ mode: "stop" })),
      });
    await run(next(), 6);
    expect(await transferredIn(storage, "next")).toEqual(["old", "older"]);
    const begun = await next().read();
    expect(begun.definition.sampler.options["transfer"]).toEqual(["old", "older"]);
    expect(JSON.stringify(begun.definition.scheduler.options)).toContain('"transfer":["old","older"]');
    const [a = 0, b = 0] = [await levelsOf(old), await levelsOf(older)].map((levels) => Math.min(...levels));
    const second = (await levelsOf(old)).toSorted((x, y) => x - y)[1];
    expect((await levelsOf(next())).slice(0, 3)).toEqual([a, b, second]);

    // A further study would fit now, but what the study has is settled.
    await run(studyOf("late", storage), 2);
    await run(next(), 9);
    expect(await transferredIn(storage, "next")).toEqual(["old", "older"]);
    expect((await next().read()).trials).toHaveLength(9);
    const scheduler = combined(
      threshold({ bound: 9, from: 1 }),
      lcm({ mode: "stop", transfer: ["old", "older"] }),
    );
    expect(verifyStudy(await eventsOf(storage, "next"), scheduler).differences).toEqual([]);
  });

  it("goes by what a study was changed to", async () => {
    const storage = memoryStorage();
    const more = { ...SPACE, more: float(0, 1, { default: 0.5 }) };
    await run(studyOf("grown", storage, { maxSteps: 3 }), 4);
    await run(studyOf("grown", storage, { space: more }), 8, { change: true });
    await run(studyOf("was-alike", storage), 4);
    await run(studyOf("was-alike", storage, { maxSteps: 5 }), 8, { change: true });
    const grown = studyOf("next", storage, { space: more, transfer: "auto", sampler: curve() });
    await run(grown, 6);
    expect(await transferredIn(storage, "next")).toEqual(["grown"]);
    await run(studyOf("last", storage, { transfer: "auto" }), 2);
    expect(await transferredIn(storage, "last")).toEqual([]);
  });

  it("begins without where nothing fits", async () => {
    const storage = memoryStorage();
    const next = () => studyOf("next", storage, { transfer: "auto", sampler: curve() });
    await run(next(), 2);
    await run(next(), 3);
    expect(await transferredIn(storage, "next")).toEqual([]);
    expect((await next().read()).trials).toHaveLength(3);
  });

  it("is also an option of the algorithms that learn from curves", async () => {
    const storage = memoryStorage();
    await run(studyOf("old", storage), 4);
    const next = () => studyOf("next", storage, { sampler: curve({ transfer: "auto" }), scheduler: lcm() });
    await run(next(), 3);
    await run(next(), 4);
    const { definition } = await next().read();
    expect(definition.sampler.options["transfer"]).toEqual(["old"]);
    expect(definition.scheduler.options).not.toHaveProperty("transfer");
  });
});

describe("the best earlier params", () => {
  it("are as many as the study says, and a grid has none before it", async () => {
    const storage = memoryStorage();
    const old = studyOf("old", storage);
    await run(old, 6);
    const best = Math.min(...(await levelsOf(old)));
    const count = async (name: string, options: Partial<StudySettings<Space>>): Promise<boolean[]> => {
      const next = studyOf(name, storage, options);
      await run(next, 3);
      const known = new Set(await levelsOf(old));
      return (await levelsOf(next)).map((level) => known.has(level));
    };
    expect(await count("one", { transfer: { from: ["old"], first: 1 } })).toEqual([true, false, false]);
    expect(await levelsOf(studyOf("one", storage))).toContain(best);
    expect(await count("none", { transfer: { from: ["old"], first: 0 } })).toEqual([false, false, false]);
    const sampler = grid({ levels: 5 });
    expect(await count("grid", { transfer: ["old"], sampler })).toEqual([false, false, false]);
    expect(await transferredIn(storage, "grid")).toEqual(["old"]);
  });

  it("come from a table too, which may be deleted once the study has begun", async () => {
    const folder = mkdtempSync(join(tmpdir(), "curvewise-transfer-"));
    writeFileSync(join(folder, "old.csv"), "rate,loss\n0.75,0.5\n0.5,0.1\n3,0\n");
    const storage = memoryStorage();
    const transfer = { from: ["old.csv"], columns: { level: "rate" }, folder };
    const next = () => studyOf("next", storage, { transfer, sampler: curve() });
    await run(next(), 3);
    rmSync(folder, { recursive: true });
    await run(next(), 4);
    expect((await levelsOf(next())).slice(0, 2)).toEqual([0.5, 0.75]);
    const notes = (await eventsOf(storage, "next")).flatMap((event) =>
      event.type === "note" ? [event.message] : [],
    );
    expect(notes).toEqual(['old.csv: skipped 1 row: "level" is outside of the space (1)']);
  });

  it("are left out where they lie outside of the space", async () => {
    const storage = memoryStorage();
    await run(studyOf("old", storage), 8);
    const space = { level: float(0.5, 1) };
    const next = studyOf("next", storage, { space, transfer: ["old"] });
    await run(next, 3);
    expect((await levelsOf(next)).every((level) => level >= 0.5)).toBe(true);
  });

  it("cannot be taken where several goals count", async () => {
    const study = createStudy<Space>({
      name: "two",
      storage: memoryStorage(),
      goals: [{ minimize: "loss" }, { minimize: "cost" }],
      space: SPACE,
      transfer: "auto",
    });
    await expect(run(study, 1)).rejects.toMatchObject({ code: "GOALS_UNSUPPORTED" });
  });
});
