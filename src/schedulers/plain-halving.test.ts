import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SchedulerChoice } from "../core/scheduler.js";
import {
  type SimulationSettings,
  simulatedGoal,
  simulateStudy,
  simulationSettings,
} from "../testing/simulated-study.js";
import { discard } from "./discard.js";
import { hyperband } from "./hyperband/hyperband.js";
import { type Compared, compared } from "./plain-answer.js";
import { hyperbandGroup, type PlainHalvingSettings, plainHalving } from "./plain-halving.js";

interface Halving {
  readonly choice: SchedulerChoice;
  readonly plain: Pick<PlainHalvingSettings, "noun" | "group">;
}

/** Plays a study; what was answered otherwise than the definition says. */
function played(
  settings: SimulationSettings,
  { choice, plain }: Halving,
  counts: Compared["counts"],
): string[] {
  const { seed, maxSteps } = settings;
  const goal = simulatedGoal(settings);
  const product = choice.create({ goal, maxSteps, seed });
  const found: string[] = [];
  const scheduler = compared(product, plainHalving({ goal, maxSteps, ...plain }), { found, counts });
  simulateStudy(settings, { scheduler });
  return found;
}

describe("successive halving: equality with the definition", () => {
  it("holds for all answers of hyperband in 15 random studies", () => {
    const options = fc.record({
      eta: fc.integer({ min: 2, max: 4 }),
      minSteps: fc.constantFrom(1, 1, 2, 3),
    });
    const counts: Compared["counts"] = new Map();
    fc.assert(
      fc.property(simulationSettings(), options, (settings, { eta, minSteps }) => {
        const least = settings.maxSteps > 3 ? minSteps : 1;
        const group = hyperbandGroup(eta, least, settings.maxSteps);
        const halving = { choice: hyperband({ eta, minSteps: least }), plain: { noun: "bracket", group } };
        expect(played(settings, halving, counts)).toEqual([]);
      }),
      { numRuns: 15 },
    );
    for (const action of ["pause", "resume"] as const) expect(counts.get(action)).toBeGreaterThan(3);
  });

  it("holds for all answers of discard in 15 random studies", () => {
    const options = fc.record({
      steps: fc.constantFrom(1, 1, 2, 3),
      keep: fc.integer({ min: 1, max: 4 }),
      batch: fc.constantFrom(undefined, 1, 4, 12),
    });
    const counts: Compared["counts"] = new Map();
    fc.assert(
      fc.property(simulationSettings(), options, (settings, { steps: wanted, keep, batch }) => {
        const steps = settings.maxSteps > 3 ? wanted : 1;
        const choice = discard({ steps, keep, ...(batch === undefined ? {} : { batch }) });
        const group = () => ({
          trials: batch ?? Number.POSITIVE_INFINITY,
          steps: steps < settings.maxSteps ? [steps] : [],
          survivors: () => keep,
        });
        expect(played(settings, { choice, plain: { noun: "batch", group } }, counts)).toEqual([]);
      }),
      { numRuns: 15 },
    );
    for (const action of ["pause", "resume"] as const) expect(counts.get(action)).toBeGreaterThan(3);
  });
});
