import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { earlierStudies } from "../../testing/earlier-studies.js";
import { type RecordedStudy, recordStudy } from "../../testing/recorded-study.js";
import {
  type SimulationSettings,
  simulatedGoal,
  simulateStudy,
  simulationSettings,
} from "../../testing/simulated-study.js";
import { plainStop } from "../plain-rungs.js";
import { lcm } from "./lcm.js";

/** Plays a study under the product; returns where it differs from the definition, and how often it stopped. */
function played(settings: SimulationSettings, eta: number, minSteps: number, transfer: string[]) {
  const { seed, maxSteps } = settings;
  const goal = simulatedGoal(settings);
  const rungs: number[] = [];
  for (let step = minSteps; step < maxSteps; step *= eta) rungs.push(step);
  rungs.push(maxSteps);
  const transferred = earlierStudies(settings, transfer);
  const earlier = transferred.flatMap(({ trials }) => trials);
  const product = lcm({ mode: "stop", eta, minSteps, transfer }).create({ goal, maxSteps, seed });
  const found: string[] = [];
  let stops = 0;
  simulateStudy(settings, {
    transferred,
    scheduler: {
      ...product,
      decide: (trial, step, study) => {
        const answer = product.decide(trial, step, study);
        const { action, ...wanted } = plainStop(trial, study.trials, earlier, goal, rungs, eta);
        const { rung, reached, rank, best } = answer.explanation?.values ?? {};
        const isDiverged = rank === undefined;
        const actual = { rung, reached, rank: isDiverged ? wanted.rank : rank, best };
        const said = JSON.stringify([answer.action, actual]);
        const meant = JSON.stringify([
          action,
          { rung: wanted.rung, reached: wanted.reached, rank: wanted.rank, best: wanted.best },
        ]);
        if (said !== meant)
          found.push(`trial ${trial.number} at step ${step}: ${said}, by definition ${meant}`);
        if (action === "stop") stops += 1;
        return answer;
      },
    },
  });
  return { found, stops };
}

describe("lcm, mode stop: equality with the definition", () => {
  it("holds at every report of 20 random studies, with and without earlier ones", () => {
    let stops = 0;
    const transfer = fc.constantFrom<string[]>([], ["one"], ["one", "two"]);
    fc.assert(
      fc.property(
        simulationSettings(),
        fc.integer({ min: 2, max: 5 }),
        fc.integer({ min: 1, max: 2 }),
        transfer,
        (settings, eta, minSteps, names) => {
          const study = played(settings, eta, settings.maxSteps > 2 ? minSteps : 1, names);
          expect(study.found).toEqual([]);
          stops += study.stops;
        },
      ),
      { numRuns: 20 },
    );
    expect(stops).toBeGreaterThan(5);
  });
});

describe("lcm, mode stop: by hand", () => {
  const goal = { metric: "loss", direction: "minimize" } as const;
  const record = (): RecordedStudy =>
    recordStudy(goal, lcm({ mode: "stop" }).create({ goal, maxSteps: 16, seed: 0 }));

  it("stops the fifth of five unless it is one of the best two", () => {
    const recorded = record();
    const actions = [5, 4, 3, 2, 2.5, 6].map((loss) => recorded.report(recorded.start(), 1, { loss }).action);
    // ceil(n / 4) of n: one while there are up to four, two of five and of six.
    expect(actions).toEqual(["continue", "continue", "continue", "continue", "continue", "stop"]);
  });

  it("lets equal trials pass together", () => {
    const recorded = record();
    const actions = [3, 3, 3, 3.1].map((loss) => recorded.report(recorded.start(), 1, { loss }).action);
    expect(actions).toEqual(["continue", "continue", "continue", "stop"]);
  });

  it("names the rule and the limit", () => {
    const recorded = record();
    recorded.report(recorded.start(), 1, { loss: 3 });
    expect(recorded.report(recorded.start(), 1, { loss: 4 })).toEqual({
      action: "stop",
      explanation: {
        rule: "lcm/stop",
        reason: "Its loss at rung 1, 4, has rank 2 of 2 so far: beyond the best 1, one in 4.",
        values: { rung: 1, bracket: 0, reached: 2, best: 1, rank: 2, value: 4, threshold: 3 },
      },
    });
  });

  it("never resumes paused trials", () => {
    expect(lcm({ mode: "stop" }).create({ goal, maxSteps: 16, seed: 0 }).resume).toBeUndefined();
  });
});
