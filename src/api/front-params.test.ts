import { describe, expect, it } from "vitest";
import { createStudy, float, memoryStorage } from "./index.js";

const space = { x: float(0, 1), waste: float(0, 1) };

describe("the front of a study", () => {
  it("has the feasible trials that no other one beats in all goals, the best in the first goal first", async () => {
    const study = createStudy({
      name: "front",
      storage: memoryStorage(),
      goals: [{ minimize: "loss" }, { maximize: "speed", reference: 0 }],
      constraints: { memory: "<= 4" },
      space,
      enqueue: [
        { x: 0.5, waste: 0 },
        { x: 0.25, waste: 0 },
        { x: 0.5, waste: 0.5 },
        { x: 0.75, waste: 0 },
        { x: 0, waste: 0.9 },
      ],
      sampler: "random",
    });
    await study.run(
      async ({ params: { x, waste }, report }) => {
        await report(1, { loss: x, speed: x - waste, memory: 5 * waste + 1 });
      },
      { trials: 5 },
    );
    const front = await study.front();
    expect(front.map(({ number, values }) => [number, values])).toEqual([
      [1, { loss: 0.25, speed: 0.25 }],
      [0, { loss: 0.5, speed: 0.5 }],
      [3, { loss: 0.75, speed: 0.75 }],
    ]);
    expect(front[0]?.params).toEqual({ x: 0.25, waste: 0 });
    expect(front.every(({ complete }) => complete)).toBe(true);
    expect(front.reduce((sum, { adds }) => sum + adds, 0)).toBeCloseTo(1, 12);
    expect(front.filter(({ knee }) => knee).length).toBeLessThanOrEqual(1);
  });

  it("is refused where there is one goal", async () => {
    const study = createStudy({ name: "one", storage: memoryStorage(), goal: { minimize: "loss" }, space });
    await study.run(({ params }) => params.x, { trials: 1 });
    await expect(study.front()).rejects.toMatchObject({
      code: "GOALS_INVALID",
      hint: "Its best trial is study.best().",
    });
  });
});
