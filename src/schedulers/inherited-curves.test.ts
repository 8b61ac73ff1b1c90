import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Goal } from "../core/goal.js";
import type { Scheduler, SchedulerChoice } from "../core/scheduler.js";
import type { Study } from "../core/study.js";
import { applyEvent } from "../core/study-fold.js";
import { createRandom } from "../math/random.js";
import { type RecordedStudy, recordStudy } from "../testing/recorded-study.js";
import {
  SIMULATED_SPACE,
  simulatedGoal,
  simulateStudy,
  simulationSettings,
} from "../testing/simulated-study.js";
import { asha, combined, discard, hyperband, lcm, median, patience, threshold } from "./index.js";

/** Has trials go on with the models of others, and pauses none. */
const RESTLESS: SchedulerChoice = {
  name: "restless",
  options: {},
  create: ({ seed }) => ({
    snapshotEvery: 1,
    restore: () => {},
    observe: () => {},
    decide: (trial, _step, study) => {
      const parents = study.trials.filter(({ number, snapshot }) => number !== trial.number && snapshot);
      const parent = parents[createRandom(seed, study.events, 98).integer(0, 9)];
      if (parent?.snapshot === undefined || study.events % 4 > 0) return { action: "continue" };
      const { number, snapshot } = parent;
      const explanation = { rule: "restless", reason: "By chance.", values: {} };
      const exploit = { parent: number, snapshot, value: 0.5, params: trial.params };
      return { action: "exploit", explanation, exploit };
    },
  }),
};

const choices: readonly (readonly [string, SchedulerChoice])[] = [
  ["asha", asha({ eta: 2 })],
  ["asha, type stopping,", asha({ type: "stopping", eta: 2 })],
  ["discard", discard({ steps: 2, keep: 2 })],
  ["hyperband", hyperband({ eta: 2 })],
  ["lcm", lcm({ eta: 2 })],
  ["lcm, mode stop,", lcm({ mode: "stop", eta: 2 })],
  ["lcm, mode poster,", lcm({ mode: "poster", accumulate: 1 })],
  ["median", median({ startup: 1 })],
  ["patience", patience({ patience: 2, minDelta: 0.05 })],
  ["threshold", threshold({ bound: 0.9, from: 2 })],
];

/** Plays studies in which members inherit; how often there had been an inheritance of an older model at a decision. */
function inheritedUnder(choice: SchedulerChoice): number {
  let inherited = 0;
  fc.assert(
    fc.property(simulationSettings(), (drawn) => {
      const settings = { ...drawn, trials: 20, maxSteps: Math.max(10, drawn.maxSteps) };
      const goal = simulatedGoal(settings);
      const setup = { goal, maxSteps: settings.maxSteps, seed: settings.seed, space: SIMULATED_SPACE };
      const flaws: string[] = [];
      const watched: Scheduler = choice.create(setup);
      const compare = (study: Study, ask: (scheduler: Scheduler) => unknown): void => {
        const fresh = choice.create(setup);
        fresh.restore(study);
        const [said, meant] = [watched, fresh].map((each) => JSON.stringify(ask(each)));
        if (said !== meant) flaws.push(`after ${study.events} events: ${said}, restarted ${meant}`);
      };
      const { resume } = watched;
      const compared: SchedulerChoice = {
        ...choice,
        create: () => ({
          ...watched,
          decide: (trial, step, study) => {
            compare(study, (each) => each.decide(trial, step, study));
            inherited += Number(trial.inheritances.some((each) => each.step < each.at));
            return watched.decide(trial, step, study);
          },
          ...(resume === undefined
            ? {}
            : {
                resume: (study, isEnding, isClosed) => {
                  compare(study, (each) => each.resume?.(study, isEnding, isClosed));
                  return resume(study, isEnding, isClosed);
                },
              }),
        }),
      };
      simulateStudy(settings, { scheduler: combined(compared, RESTLESS).create(setup) });
      expect(flaws).toEqual([]);
    }),
    // The same studies every time: in these, trials do go back.
    { numRuns: 12, seed: 1 },
  );
  return inherited;
}

// Going back to an older model, a trial loses the newest part of its curve.
describe("schedulers where trials go on with the models of others", () => {
  /** A trial goes back to a model of step 1 that had a loss of 3. */
  const goBack = ({ study, scheduler }: RecordedStudy, trial: number): void => {
    const copied = { parent: 0, step: 1, value: 3, path: "p", digest: "00", params: {} };
    const event = { type: "exploited", trial, ...copied, time: 0 } as const;
    applyEvent(study, event);
    scheduler.observe(event, study);
  };
  const goal: Goal = { metric: "loss", direction: "minimize" };

  it("patience counts the reports of a trial that has gone back", () => {
    const scheduler = patience({ patience: 2 }).create({ goal, maxSteps: 9, seed: 0 });
    const recorded = recordStudy(goal, scheduler);
    const trial = recorded.start();
    for (const [step, loss] of [3, 2, 1, 1].entries()) recorded.report(trial, step + 1, { loss });
    goBack(recorded, trial.number);
    // A 3 is left of its curve, and 4 does not improve on it, twice.
    expect(recorded.report(trial, 2, { loss: 4 }).action).toBe("continue");
    expect(recorded.report(trial, 3, { loss: 4 }).action).toBe("stop");
  });

  it("lcm, mode poster, compares the reports of a trial that has gone back", () => {
    const scheduler = lcm({ mode: "poster", accumulate: 1, cumulativePoints: [1, 2, 3], checkpoints: [3] });
    const recorded = recordStudy(goal, scheduler.create({ goal, maxSteps: 4, seed: 0 }));
    recorded.complete(recorded.start({ 1: { loss: 3 }, 2: { loss: 2 }, 3: { loss: 1 }, 4: { loss: 1 } }));
    const trial = recorded.start({ 1: { loss: 3 }, 2: { loss: 9 } });
    goBack(recorded, trial.number);
    recorded.report(trial, 2, { loss: 2 });
    expect(recorded.report(trial, 3, { loss: 1 }).explanation?.values["distance"]).toBe(0);
  });

  it.each(choices)("%s decides as after a restart", (_, choice) => {
    expect(inheritedUnder(choice)).toBeGreaterThan(0);
  });
});
