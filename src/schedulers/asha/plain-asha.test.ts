import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { simulatedGoal, simulateStudy, simulationSettings } from "../../testing/simulated-study.js";
import { type Compared, compared } from "../plain-answer.js";
import { asha } from "./asha.js";
import { plainPromotion, plainStopping } from "./plain-asha.js";

describe("asha: equality with the definition", () => {
  const options = fc.record({
    eta: fc.integer({ min: 2, max: 4 }),
    minSteps: fc.constantFrom(1, 1, 2),
    brackets: fc.integer({ min: 1, max: 3 }),
  });

  it.each(["promotion", "stopping"] as const)(
    "type %s: holds for all answers in 15 random studies",
    (type) => {
      const counts: Compared["counts"] = new Map();
      fc.assert(
        fc.property(simulationSettings(), options, (settings, chosen) => {
          const { seed, maxSteps } = settings;
          const goal = simulatedGoal(settings);
          const { minSteps, ...rest } = chosen;
          const given = { ...rest, minSteps: maxSteps > 2 ? minSteps : 1 };
          const product = asha({ type, ...given }).create({ goal, maxSteps, seed });
          const plain = (type === "promotion" ? plainPromotion : plainStopping)({
            goal,
            maxSteps,
            seed,
            ...given,
          });
          const found: string[] = [];
          simulateStudy(settings, { scheduler: compared(product, plain, { found, counts }) });
          expect(found).toEqual([]);
        }),
        { numRuns: 15 },
      );
      const acts = type === "promotion" ? (["pause", "resume", "continue"] as const) : (["stop"] as const);
      for (const action of acts) expect(counts.get(action)).toBeGreaterThan(15);
    },
  );
});
