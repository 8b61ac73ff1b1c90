import { describe, expect, it } from "vitest";
import { lastStep } from "../core/trial.js";
import { asha, combined, createStudy, discard, float, hyperband, threshold } from "./index.js";

const MAX_STEPS = 9;

/**
 * A study whose training's loss falls to its `level`; every step is trained once, and paused trials continue
 * where they were.
 */
function studyWith(scheduler: ReturnType<typeof asha>, trained: Map<number, number>) {
  const study = createStudy({
    name: "pausing",
    goal: { minimize: "loss" },
    space: { level: float(0, 1) },
    maxSteps: MAX_STEPS,
    sampler: "random",
    scheduler,
    seed: 3,
  });
  const run = (options: { readonly trials: number; readonly workers: number }) =>
    study.run(async (trial) => {
      for (let step = 1; step <= MAX_STEPS; step++) {
        await new Promise((resolve) => {
          setImmediate(resolve);
        });
        trained.set(trial.number, Math.max(step, trained.get(trial.number) ?? 0));
        const loss = trial.params.level + 1 / step;
        if ((await trial.report(step, { loss })) !== "continue") return;
      }
    }, options);
  return { study, run };
}

describe("schedulers that pause, in a study that runs", () => {
  it.each([1, 8])("asha trains the best to the end, with %d workers", async (workers) => {
    const trained = new Map<number, number>();
    const { study, run } = studyWith(asha({ eta: 3 }), trained);
    const best = await run({ trials: 27, workers });
    const { trials } = await study.read();
    const levels = trials.map(({ params }) => Number(params["level"])).toSorted((a, b) => a - b);
    expect(trials).toHaveLength(27);
    expect(best.params.level).toBe(levels[0]);
    // Everyone reached the first rung, a third or a few more the second.
    expect(trials.filter((trial) => lastStep(trial) >= 1)).toHaveLength(27);
    const second = trials.filter((trial) => lastStep(trial) >= 3).length;
    expect(second).toBeGreaterThanOrEqual(9);
    expect(second).toBeLessThanOrEqual(16);
    expect(trials.every((trial) => trial.state === "paused" || trial.state === "complete")).toBe(true);
  });

  it("asha finishes one training of a study that is too small for its rungs", async () => {
    const { study, run } = studyWith(asha({ eta: 4 }), new Map());
    const best = await run({ trials: 3, workers: 2 });
    const { trials, byState } = await study.read();
    expect(best.params.level).toBe(Math.min(...trials.map(({ params }) => Number(params["level"]))));
    expect(byState.complete.size).toBe(1);
    expect(byState.paused.size).toBe(2);
  });

  it.each([1, 8])("hyperband halves its brackets, with %d workers", async (workers) => {
    const { study, run } = studyWith(hyperband({ eta: 3 }), new Map());
    // One cycle for R = 9: 9, 5 and 3 trials, of which 3 and 1, 1, and 3 reach steps 3 and 9.
    await run({ trials: 17, workers });
    const { trials } = await study.read();
    const reached = (from: number, to: number, step: number) =>
      trials.slice(from, to).filter((trial) => lastStep(trial) >= step).length;
    expect([reached(0, 9, 1), reached(0, 9, 3), reached(0, 9, 9)]).toEqual([9, 3, 1]);
    expect([reached(9, 14, 3), reached(9, 14, 9)]).toEqual([5, 1]);
    expect(reached(14, 17, 9)).toBe(3);
  });

  it.each([1, 8])("discard keeps the best few of what a threshold left, with %d workers", async (workers) => {
    const scheduler = combined(threshold({ bound: 1.5 }), discard({ steps: 1, keep: 2 }));
    const { study, run } = studyWith(scheduler, new Map());
    await run({ trials: 12, workers });
    const { trials, byState } = await study.read();
    const levels = trials.map(({ params }) => Number(params["level"]));
    const complete = [...byState.complete].map((number) => levels[number] ?? 1).toSorted((a, b) => a - b);
    expect(complete).toEqual(levels.toSorted((a, b) => a - b).slice(0, 2));
    expect(byState.stopped.size).toBe(levels.filter((level) => level + 1 > 1.5).length);
  });
});
