import { describe, expect, it } from "vitest";
import type { SchedulerChoice } from "../core/scheduler.js";
import { studyJson } from "../engine/study-json.js";
import { stepsSaved } from "../forecast/steps-saved.js";
import { asha, createStudy, float, memoryStorage, type RunOptions, type Study } from "./index.js";

/** Runs a study whose trials end with a loss of x + 1 / 3, each after three steps. */
async function studyOf(
  options: RunOptions,
  trained: { readonly maxSteps?: number; readonly scheduler?: SchedulerChoice } = {},
): Promise<Study> {
  const study = createStudy({
    ...trained,
    name: "worth",
    goal: { minimize: "loss" },
    space: { x: float(0, 1) },
    storage: memoryStorage(),
    seed: 4,
  });
  await study.run(async (trial) => {
    for (let step = 1; step <= 3; step++) {
      // What a step costs is known only if it takes time.
      await new Promise((done) => setTimeout(done, 1));
      await trial.report(step, { loss: trial.params.x + 1 / step });
    }
  }, options);
  return study.read();
}

const trialsOf = async (options: RunOptions): Promise<number> => (await studyOf(options)).trials.length;

describe("a budget until going on is no longer worthwhile", () => {
  it("ends a study early where training is expensive, and later where results are worth more", async () => {
    const expensive = await trialsOf({ trials: 60, worthwhile: { price: 1e12, value: 1 } });
    const cheap = await trialsOf({ trials: 60, worthwhile: { price: 1e-6, value: 1e12 } });
    // Nothing is judged before three trainings are complete.
    expect(expensive).toBeGreaterThanOrEqual(3);
    expect(expensive).toBeLessThan(10);
    expect(cheap).toBe(60);
  });

  it("has finished a study once it is not, and only then", async () => {
    const stateOf = async (options: RunOptions) => studyJson(await studyOf(options), undefined)["state"];
    expect(await stateOf({ worthwhile: { price: 1e12, value: 1 } })).toBe("finished");
    const cheap = await studyOf({ trials: 8, worthwhile: { price: 1e-6, value: 1e12 } });
    const further = {
      ...cheap,
      definition: { ...cheap.definition, budget: { worthwhile: { price: 1e-6, value: 1e12 } } },
    };
    expect(studyJson(further, undefined)["state"]).toBe("idle");
    const dear = {
      ...cheap,
      definition: { ...cheap.definition, budget: { worthwhile: { price: 1e12, value: 1 } } },
    };
    expect(studyJson(dear, undefined)["state"]).toBe("finished");
  });

  it("has saved the steps of what stays paused once it is not, and only then", async () => {
    const halved = { maxSteps: 3, scheduler: asha({ eta: 2 }) };
    const ended = await studyOf({ trials: 12 }, halved);
    const savedAt = (price: number): number | undefined =>
      stepsSaved({
        ...ended,
        definition: { ...ended.definition, budget: { worthwhile: { price, value: 1 } } },
      });
    expect(ended.byState.paused.size).toBeGreaterThan(0);
    // The function has no snapshots: what goes on after a pause is trained again from its first step.
    const { again } = ended.pace;
    expect(again).toBeGreaterThan(0);
    expect(savedAt(1e12)).toBe(12 * 3 - ended.totalSteps - again);
    expect(savedAt(1e-12)).toBe(0 - again);
  });

  it("is refused with a price of 0", async () => {
    await expect(trialsOf({ trials: 3, worthwhile: { price: 0, value: 1 } })).rejects.toMatchObject({
      code: "STUDY_INVALID",
      message: "the options of the run: worthwhile.price must be above 0",
    });
  });
});
