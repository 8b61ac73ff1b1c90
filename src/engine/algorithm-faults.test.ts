import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { StudyEvent } from "../core/events.js";
import { float } from "../core/param.js";
import type { SamplerChoice } from "../core/sampler.js";
import type { Scheduler, SchedulerChoice } from "../core/scheduler.js";
import { createSearchSpace } from "../core/search-space.js";
import type { Storage } from "../core/storage.js";
import type { StudyDefinition } from "../core/study-definition.js";
import { inlineLauncher } from "../launchers/inline.js";
import { random } from "../samplers/random.js";
import { none } from "../schedulers/none.js";
import { memoryStorage } from "../storage/memory.js";
import { readStudy } from "./read-study.js";
import { type RunStudyOptions, runStudy } from "./run-study.js";
import type { SessionResult } from "./session.js";

const space = createSearchSpace({ lr: float(0, 1) });
const definition: StudyDefinition = {
  name: "faulty",
  goal: { metric: "loss", direction: "minimize" },
  space: space.params,
  constraints: [],
  maxSteps: 4,
  sampler: { name: "random", options: {} },
  scheduler: { name: "none", options: {} },
  budget: { trials: 6 },
  seed: 3,
  retries: 0,
};

let folder = "";
let storage: Storage;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "curvewise-faults-"));
  storage = memoryStorage();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Trains like a program that continues when its report is refused. */
async function run(more: Partial<RunStudyOptions>): Promise<SessionResult> {
  const launcher = inlineLauncher<{ readonly lr: number }>({
    slots: 2,
    train: async (trial) => {
      for (let step = 1; step <= 4 && !trial.signal.aborted; step++) {
        const action = await trial.report(step, { loss: trial.params.lr + 1 / step }).catch(() => "continue");
        if (action !== "continue") return;
      }
    },
  });
  const algorithms = { sampler: random(), scheduler: none() };
  return runStudy({ storage, definition, space, ...algorithms, launcher, folder, ...more });
}

const logOf = async (): Promise<StudyEvent[]> => {
  const events: StudyEvent[] = [];
  for await (const { event } of storage.readEvents("faulty")) events.push(event);
  return events;
};

const failing = (parts: Partial<Scheduler>): SchedulerChoice => ({
  name: "none",
  options: {},
  create: () => ({
    restore: () => {},
    observe: () => {},
    decide: () => ({ action: "continue" }),
    ...parts,
  }),
});
const boom = (): never => {
  throw new Error("boom");
};
const failingSampler: SamplerChoice = {
  name: "random",
  options: {},
  create: () => ({ ask: (trial) => (trial < 2 ? { lr: 0.5 } : boom()) }),
};

describe("a sampler or a scheduler that throws", () => {
  const faults: readonly (readonly [method: string, parts: Partial<RunStudyOptions>])[] = [
    ["ask", { sampler: failingSampler }],
    [
      "decide",
      { scheduler: failing({ decide: (trial) => (trial.number < 2 ? { action: "continue" } : boom()) }) },
    ],
    ["resume", { scheduler: failing({ resume: (study) => (study.trials.length < 2 ? undefined : boom()) }) }],
    [
      "observe",
      { scheduler: failing({ observe: ({ type }) => (type === "finished" ? boom() : undefined) }) },
    ],
    [
      "observe of a sampler",
      { sampler: { ...random(), create: () => ({ ask: () => ({ lr: 1 }), observe: boom }) } },
    ],
  ];

  it.each(faults)(
    "ends the run with its error (%s), and the study goes on without it",
    async (_method, parts) => {
      await expect(run(parts)).rejects.toThrow("boom");
      const before = await logOf();
      expect(before.length).toBeGreaterThan(1);
      const { study } = await run({});
      expect(study.byState.complete.size).toBe(6);
      const after = await logOf();
      expect(after.slice(0, before.length)).toEqual(before);
      expect(await readStudy(storage, "faulty")).toEqual(study);
    },
  );

  it("does not keep what happened from the log", async () => {
    const scheduler = failing({ observe: ({ type }) => (type === "reported" ? boom() : undefined) });
    await expect(run({ scheduler })).rejects.toThrow("boom");
    const log = await logOf();
    expect(log.filter(({ type }) => type === "reported")).toHaveLength(1);
    expect(log.at(-1)).toMatchObject({ type: "reported", step: 1 });
  });

  it("is not asked again", async () => {
    let asked = 0;
    const decide = (): never => {
      asked += 1;
      return boom();
    };
    await expect(run({ scheduler: failing({ decide }) })).rejects.toThrow("boom");
    expect(asked).toBeLessThanOrEqual(2);
  });
});
