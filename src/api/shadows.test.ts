import { describe, expect, it } from "vitest";
import { asha, createStudy, float, median } from "./index.js";

describe("shadows", () => {
  it("agree with the scheduler that ran the study with 8 workers, and tell of others", async () => {
    const study = createStudy({
      name: "shadowed",
      goal: { minimize: "loss" },
      space: { floor: float(0, 1) },
      maxSteps: 16,
      scheduler: asha({ eta: 2, minSteps: 1 }),
      seed: 3,
    });
    await study.run(
      async ({ params, report, resume, ...trial }) => {
        for (let step = (resume?.step ?? 0) + 1; step <= 16; step++) {
          await new Promise((resolve) => setTimeout(resolve, (trial.number * 7 + step * 3) % 5));
          if ((await report(step, { loss: params.floor + 1 / step })) !== "continue") return;
        }
      },
      { trials: 40, workers: 8 },
    );
    const [own, other] = await study.shadows(asha({ eta: 2, minSteps: 1 }), median());
    const { totalSteps } = await study.read();
    expect(own).toMatchObject({ failure: undefined, differences: [], open: [], steps: totalSteps });
    expect(own?.compared).toBeGreaterThan(60);
    expect(other?.differences.length).toBeGreaterThan(0);
    expect(other?.recordedSteps).toBe(totalSteps);
  });

  it("know nothing of a study that never ran", async () => {
    const study = createStudy({ name: "none", goal: { minimize: "loss" }, space: { x: float(0, 1) } });
    await expect(study.shadows(median())).rejects.toMatchObject({ code: "STUDY_NOT_FOUND" });
  });
});
