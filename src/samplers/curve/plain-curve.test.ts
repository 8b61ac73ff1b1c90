import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sampleParams } from "../../core/draw/sample-params.js";
import type { EventBody } from "../../core/events.js";
import type { GoalReport } from "../../core/goal.js";
import { choice, fixed, float, int, ordinal } from "../../core/param.js";
import type { Scheduler } from "../../core/scheduler.js";
import { createSearchSpace, type SearchSpace } from "../../core/search-space.js";
import { applyEvent } from "../../core/study-fold.js";
import { type StudyRecord, studyRecord } from "../../core/study-record.js";
import { createRandom, PURPOSE } from "../../math/random.js";
import { earlierStudies } from "../../testing/earlier-studies.js";
import { simulatedGoal, simulateSampler, simulationSettings } from "../../testing/simulated-study.js";
import { curve } from "./curve.js";
import { type PlainCurveSettings, plainCurve } from "./plain-curve.js";

const mixed = createSearchSpace(
  {
    lr: float(1e-4, 1, { log: true }),
    shift: float(-1, 1),
    depth: int(1, 4),
    batch: ordinal([16, 32, 64], { when: { depth: { min: 2 } } }),
    optimizer: choice(["sgd", "adam"]),
    momentum: float(0, 0.99, { when: { optimizer: "sgd" } }),
    epochs: fixed(30, { when: { optimizer: "adam" } }),
  },
  [{ name: "small", holds: ({ lr, depth }) => Number(lr) * Number(depth) <= 2 }],
);

const finite = createSearchSpace({ depth: int(1, 4), optimizer: choice(["sgd", "adam"]) });

/** What is put to the test in a study, beside its seed. */
interface Case {
  readonly name: string;
  readonly space?: SearchSpace;
  readonly options?: Partial<Pick<PlainCurveSettings, "startup" | "random" | "eta" | "trees">> & {
    transfer?: string[];
  };
  /** Among so many candidates. */
  readonly candidates?: number;
  /** Whether a scheduler changes params of trials that were made. */
  readonly isRestless?: boolean;
  /** Which report counts; otherwise either. */
  readonly of?: GoalReport;
}
const cases: readonly Case[] = [
  { name: "in a space, by the last report", of: "last" },
  { name: "in a space, by the best report", of: "best" },
  { name: "in a finite space, to its end", space: finite },
  { name: "among candidates, to their end", candidates: 12 },
  { name: "with others at random", options: { random: 0.5, eta: 2 } },
  { name: "by two trees", options: { trees: 2 } },
  { name: "by one tree among candidates", options: { trees: 1 }, candidates: 12 },
  { name: "with an earlier study", options: { transfer: ["one"], startup: 12 } },
  { name: "with two earlier studies, from the beginning", options: { transfer: ["one", "two"] } },
  { name: "where a scheduler changes params", isRestless: true },
  { name: "where a scheduler changes candidates", isRestless: true, candidates: 16 },
];

/** Has trials go on with the models of others and params drawn at random. */
function restless(seed: number, space: SearchSpace): Scheduler {
  return {
    snapshotEvery: 1,
    restore: () => {},
    observe: () => {},
    decide: (trial, _step, study) => {
      const parent = study.trials.find(({ number, snapshot }) => number !== trial.number && snapshot);
      if (parent?.snapshot === undefined || study.events % 3 > 0) return { action: "continue" };
      const params = sampleParams(space, createRandom(seed, study.events, 98));
      const explanation = { rule: "restless", reason: "By chance.", values: {} };
      const exploit = { parent: parent.number, snapshot: parent.snapshot, value: 0.5, params };
      return { action: "exploit", explanation, exploit };
    },
  };
}

/** A study with trials at random places, some of which went on after their first step, and a few that diverged. */
function studyOf({ space, goal, maxSteps, seed }: PlainCurveSettings, trials: number): StudyRecord {
  const study = studyRecord(
    {
      name: "large",
      goal,
      space: space.params,
      constraints: [],
      maxSteps,
      sampler: { name: "curve", options: {} },
      scheduler: { name: "lcm", options: {} },
      budget: {},
      seed,
      retries: 0,
    },
    0,
  );
  const random = createRandom(seed, 0, 97);
  const push = (body: EventBody): void => applyEvent(study, { ...body, time: study.events });
  for (let trial = 0; trial < trials; trial++) {
    push({ type: "trial-asked", trial, params: sampleParams(space, random), seed: trial, sampler: "curve" });
    push({ type: "attempt-started", trial, attempt: 1, worker: "w", fromStep: 0 });
    const steps = random.uniform() < 0.25 ? maxSteps : 1;
    const end = random.uniform();
    for (let step = 1; step <= steps; step++) {
      const loss = random.uniform() < 0.01 ? Number.NaN : end + (1 + random.uniform()) / step;
      push({ type: "reported", trial, attempt: 1, step, metrics: { loss } });
    }
    if (steps < maxSteps) push({ type: "paused", trial, attempt: 1 });
    else push({ type: "finished", trial, attempt: 1, state: "complete" });
  }
  return study;
}

describe("curve: equality with the definition", () => {
  it.each(cases)(
    "holds for all proposals $name",
    ({ space = mixed, options, candidates, isRestless = false, of }) => {
      let learnt = 0;
      fc.assert(
        fc.property(simulationSettings(), (drawn) => {
          const settings = {
            ...drawn,
            trials: 14,
            inFlight: Math.min(drawn.inFlight, 4),
            maxSteps: Math.max(4, drawn.maxSteps),
          };
          const { seed, maxSteps } = settings;
          const drawnGoal = simulatedGoal(settings);
          const goal = of === undefined ? drawnGoal : { ...drawnGoal, of };
          const chosen = { startup: 3, random: 0.1, eta: 4, transfer: [], ...options };
          const draws = createRandom(seed, 0, 99);
          const listed = Array.from({ length: candidates ?? 0 }, () => sampleParams(space, draws));
          const given = candidates === undefined ? {} : { candidates: listed };
          const setup: PlainCurveSettings = { space, goal, maxSteps, seed, ...given, ...chosen };
          const { transfer, ...others } = chosen;
          const sampler = curve({ ...others, ...(transfer.length === 0 ? {} : { transfer }) }).create(setup);
          expect(sampler.size).toBe(candidates);
          expect(sampler.transfer?.studies ?? []).toEqual(transfer);
          const found: string[] = [];
          simulateSampler(settings, "curve", {
            space,
            transferred: earlierStudies(settings, transfer, space),
            ...(isRestless ? { scheduler: restless(seed, space) } : {}),
            sampler: {
              ...sampler,
              ask: (trial, random, study) => {
                const wanted = plainCurve(setup, trial, createRandom(seed, trial, PURPOSE.params), study);
                const params = sampler.ask(trial, random, study);
                const [said, meant] = [JSON.stringify(params), JSON.stringify(wanted)];
                if (said !== meant) found.push(`trial ${trial}: ${said}, by definition ${meant}`);
                const fresh = curve({ ...others, ...(transfer.length === 0 ? {} : { transfer }) }).create(
                  setup,
                );
                fresh.restore?.(study);
                const again = fresh.ask(trial, createRandom(seed, trial, PURPOSE.params), study);
                if (JSON.stringify(again) !== said) found.push(`trial ${trial} after a restart`);
                if (trial >= chosen.startup) learnt += 1;
                return params;
              },
            },
          });
          expect(found).toEqual([]);
        }),
        { numRuns: 1 },
      );
      expect(learnt).toBeGreaterThan(0);
    },
  );

  const wide = createSearchSpace(
    Object.fromEntries(Array.from({ length: 40 }, (_, place) => [`x${place}`, float(0, 1)])),
  );
  it.each([
    { space: mixed, trials: 620, name: "in a space of few params" },
    { space: wide, trials: 330, name: "in a space of many params" },
  ])("holds with more trials than trees learn from $name", ({ space, trials }) => {
    const setup: PlainCurveSettings = {
      space,
      goal: { metric: "loss", direction: "minimize" },
      maxSteps: 4,
      seed: 3,
      startup: 3,
      random: 0,
      eta: 4,
      transfer: [],
    };
    const study = studyOf(setup, trials);
    const sampler = curve({ startup: 3, random: 0 }).create(setup);
    sampler.restore?.(study);
    for (const trial of [trials, trials + 1]) {
      const wanted = plainCurve(setup, trial, createRandom(3, trial, PURPOSE.params), study);
      expect(sampler.ask(trial, createRandom(3, trial, PURPOSE.params), study)).toEqual(wanted);
    }
  });
});
