import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { defineSampler, defineScheduler } from "../core/define.js";
import { isCurvewiseError } from "../core/errors.js";
import type { StudyEvent } from "../core/events.js";
import type { Params } from "../core/param.js";
import type { SchedulerChoice } from "../core/scheduler.js";
import { applyEvent, beginStudy } from "../core/study-fold.js";
import { createRandom } from "../math/random.js";
import { grid, list, random } from "../samplers/index.js";
import { median, none, schedulers } from "../schedulers/index.js";
import { createCurveSurrogate } from "./curve-surrogate.js";
import { type CurveTable, tableOfCurves } from "./curve-table.js";
import { parseRecordedCurves } from "./recorded-curves.js";
import { bestAfter, regretAt } from "./regret.js";
import { replayTable, type TableReplay } from "./replay-table.js";

type Curves = readonly (readonly (number | null)[])[];

const tableOf = (curves: Curves, direction: "min" | "max" = "min"): CurveTable =>
  tableOfCurves(
    parseRecordedCurves(
      { task: "t", metric: "loss", direction, curves: curves.map((loss, x) => ({ config: { x }, loss })) },
      "t.json",
    ),
  );

/** Chooses the table's configurations in the table's order. */
const inOrder = defineSampler({
  name: "in-order",
  summary: "The candidates in their order.",
  options: z.strictObject({}),
  create: (_options, { candidates = [] }) => ({ ask: (trial) => candidates[trial] }),
})();

/** Pauses at step 1; resumes the best paused trial once two have been paused since. */
const halving = defineScheduler({
  name: "halving",
  summary: "For this test.",
  options: z.strictObject({}),
  create: (_options, { goal }) => {
    let resumed = 0;
    const explanation = { rule: "halving", reason: "It has its turn.", values: {} };
    return {
      restore: () => {},
      observe: (event) => {
        if (event.type === "resumed") resumed += 1;
      },
      decide: (_trial, step) => (step === 1 ? { action: "pause", explanation } : { action: "continue" }),
      resume: (study) => {
        if (resumed >= Math.floor(study.trials.length / 2)) return undefined;
        const costOfTrial = (trial: number): number =>
          Number(study.trials[trial]?.curve.metrics.get(goal.metric)?.[0]);
        const [best] = [...study.byState.paused].sort((a, b) => costOfTrial(a) - costOfTrial(b));
        return best === undefined ? undefined : { trial: best, explanation };
      },
    };
  },
})();

const stepsOf = ({ study }: TableReplay): number[] => study.trials.map(({ curve }) => curve.steps.length);

/** Curves that fall with noise, some of which diverge. */
function generatedCurves(configurations: number, steps: number, seed: number): (number | null)[][] {
  return Array.from({ length: configurations }, (_, index) => {
    const own = createRandom(seed, index, 0);
    const floor = own.uniform();
    const speed = 1 + 8 * own.uniform();
    const end = own.uniform() < 0.1 ? own.integer(1, steps) : steps;
    return Array.from({ length: steps }, (_, step) =>
      step >= end ? null : floor + Math.exp((-speed * (step + 1)) / steps) + 0.05 * own.uniform(),
    );
  });
}

const { combine, pbt, pb2, ...withDefaults } = schedulers;
const everyScheduler: readonly (readonly [string, SchedulerChoice])[] = [
  ...Object.entries(withDefaults).map(([name, definition]) => [name, definition()] as const),
  ["combine", combine({ schedulers: [{ patience: { patience: 4 } }, "median"] })],
];

describe("a replay in which the sampler proposes from the whole space", () => {
  const places = [0.5, 2.5, 4.5, 8.5];
  const table = tableOfCurves(
    parseRecordedCurves(
      {
        task: "t",
        metric: "loss",
        direction: "min",
        curves: places.map((x) => ({ config: { x }, loss: [x + 1, x] })),
      },
      "t.json",
    ),
  );
  const proposing = (...values: readonly number[]) =>
    defineSampler({
      name: "proposing",
      summary: "For this test.",
      options: z.strictObject({}),
      create: (_options, { candidates }) => {
        expect(candidates).toBeUndefined();
        return {
          ask: (trial): Params | undefined => {
            const x = values[trial];
            return x === undefined ? undefined : { x };
          },
        };
      },
    })();

  it("trains what the surrogate answers, also for params near each other", () => {
    const { curveOf, study } = replayTable({
      table,
      scheduler: none(),
      sampler: proposing(1.7, 7, 8, 0.9, 5),
      seed: 0,
      live: true,
    });
    const answer = createCurveSurrogate(table);
    const answers = study.trials.map(({ params }) => answer(params));
    expect(study.trials.map(({ params }) => params["x"])).toEqual([1.7, 7, 8, 0.9, 5]);
    expect(curveOf).toEqual(answers.map(({ nearest }) => nearest));
    expect(study.trials.map(({ curve }) => curve.metrics.get("loss"))).toEqual(
      answers.map(({ curve }) => curve.reports.map(({ loss }) => loss)),
    );
  });

  it("lets samplers play that cannot choose among configurations", () => {
    const sampler = list({ trials: [{ x: 3 }, { x: 7 }] });
    expect(() => replayTable({ table, scheduler: none(), sampler, seed: 0 })).toThrow(
      expect.objectContaining({ code: "OPTIONS_INVALID" }),
    );
    expect(replayTable({ table, scheduler: none(), sampler, seed: 0, live: true }).study.trials).toHaveLength(
      2,
    );
  });

  it("is answered by a function where one is given, for any params", () => {
    const table = tableOf([[1], [2]]);
    const asked: Params[] = [];
    const { study, improvements, curveOf } = replayTable({
      table,
      scheduler: none(),
      sampler: proposing(0.4, 0.2, 0.9),
      seed: 0,
      answer: (params) => {
        asked.push(params);
        return { steps: [1], reports: [{ loss: 10 * Number(params["x"]) }], seconds: [1], end: "complete" };
      },
    });
    expect(asked).toEqual([{ x: 0.4 }, { x: 0.2 }, { x: 0.9 }]);
    expect(study.trials.map(({ curve }) => curve.metrics.get("loss"))).toEqual([[4], [2], [9]]);
    expect(improvements.map(({ value }) => value)).toEqual([4, 2]);
    expect(curveOf).toEqual([-1, -1, -1]);
  });
});

describe("a replay of a table", () => {
  const small: Curves = [
    [5, 4, 3],
    [6, 2, 2.5],
    [4, 3.5, 1],
  ];

  it("gives the regrets computed by hand", () => {
    // The best of the table is 1, the last values are 3, 2.5, 1, so their median is 2.5 and a regret of 1 corresponds
    // to a difference of 1.5. In order: 5, 4, 3 | 6, 2, 2.5 | 4, 3.5, 1. Nothing is cut: 1.05 x 5.5, the first step's
    // 75th percentile, is 5.775, and only the 6 is above it.
    const table = tableOf(small);
    const { improvements, spent } = replayTable({ table, scheduler: none(), sampler: inOrder, seed: 0 });
    expect(spent).toBe(9);
    expect(improvements).toEqual([
      { spent: 1, value: 5, trial: 0 },
      { spent: 2, value: 4, trial: 0 },
      { spent: 3, value: 3, trial: 0 },
      { spent: 5, value: 2, trial: 1 },
      { spent: 9, value: 1, trial: 2 },
    ]);
    expect([1, 2, 3].map((budget) => regretAt(table, improvements, budget))).toEqual([2 / 1.5, 1 / 1.5, 0]);
    expect([0, 1, 4, 100].map((steps) => bestAfter(improvements, steps))).toEqual([undefined, 5, 3, 1]);
    expect(regretAt(table, improvements, 0.1)).toBe(undefined);
  });

  it("treats maximized metrics alike", () => {
    const table = tableOf(
      [
        [0.1, 0.5],
        [0.3, 0.4],
        [0.2, 0.9],
      ],
      "max",
    );
    const { improvements } = replayTable({ table, scheduler: none(), sampler: inOrder, seed: 0 });
    expect(improvements.map(({ value }) => value)).toEqual([expect.any(Number), 0.5, 0.9]);
    expect(regretAt(table, improvements, 2)).toBeCloseTo(1, 12);
    expect(regretAt(table, improvements, 3)).toBe(0);
  });

  it("pauses and goes on without paying twice", () => {
    const table = tableOf(small);
    const events: StudyEvent[] = [];
    const replay = replayTable({
      table,
      scheduler: halving,
      sampler: inOrder,
      seed: 0,
      onEvent: (event) => events.push(event),
    });
    // Trials 0 and 1 pause after one step each; 0, the better one, goes on to its end; 2 pauses, and is not resumed.
    expect(stepsOf(replay)).toEqual([3, 1, 1]);
    expect(replay.study.trials.map(({ state }) => state)).toEqual(["complete", "paused", "paused"]);
    expect(replay.spent).toBe(5);
    expect(replay.improvements.map(({ spent, value }) => [spent, value])).toEqual([
      [1, 5],
      [3, 4],
      [4, 3],
    ]);
    expect(events.map(({ type }) => type).slice(0, 12)).toEqual([
      "trial-asked",
      "attempt-started",
      "reported",
      "decided",
      "paused",
      "trial-asked",
      "attempt-started",
      "reported",
      "decided",
      "paused",
      "resumed",
      "attempt-started",
    ]);
    expect(
      events
        .filter(({ type }) => type === "attempt-started")
        .map((event) => "fromStep" in event && event.fromStep),
    ).toEqual([0, 0, 1, 0]);
  });

  it("stops when the budget is used up, and reports nothing beyond", () => {
    const table = tableOf(small);
    const replay = replayTable({ table, scheduler: none(), sampler: inOrder, seed: 0, steps: 4 });
    expect([replay.spent, stepsOf(replay)]).toEqual([4, [3, 1]]);
  });

  it("lets workers train at the same time", () => {
    const table = tableOf(small);
    const events: StudyEvent[] = [];
    const replay = replayTable({
      table,
      scheduler: none(),
      sampler: inOrder,
      seed: 0,
      workers: 2,
      onEvent: (event) => events.push(event),
    });
    const reports = events.flatMap((event) =>
      event.type === "reported" ? [[event.trial, event.step, event.time]] : [],
    );
    expect(reports.slice(0, 8)).toEqual([
      [0, 1, 1000],
      [1, 1, 1000],
      [0, 2, 2000],
      [1, 2, 2000],
      [0, 3, 3000],
      [1, 3, 3000],
      [2, 1, 4000],
      [2, 2, 5000],
    ]);
    expect([replay.spent, replay.trainingSeconds, replay.seconds]).toEqual([9, 9, 6]);
  });

  it("of random search without stopping is the running minimum over a shuffled table", () => {
    const settings = fc.record({ seed: fc.nat(), steps: fc.integer({ min: 1, max: 120 }) });
    fc.assert(
      fc.property(settings, ({ seed, steps }) => {
        const table = tableOf(generatedCurves(30, 4, seed));
        const { candidates, space, goal, maxSteps } = table;
        const sampler = random().create({ space, goal, maxSteps, seed, candidates });
        let best = Number.POSITIVE_INFINITY;
        const study = beginStudy({
          type: "study-created",
          time: 0,
          definition: {
            name: "t",
            goal,
            space: space.params,
            constraints: [],
            sampler: { name: "random", options: {} },
            scheduler: { name: "none", options: {} },
            budget: {},
            seed,
            retries: 0,
          },
        });
        for (let spent = 0; spent < steps; spent++) {
          const trial = Math.floor(spent / maxSteps);
          if (spent % maxSteps === 0) {
            const params = sampler.ask(trial, createRandom(seed, trial, 0), study) ?? {};
            applyEvent(study, { type: "trial-asked", trial, params, seed: 0, sampler: "random", time: 0 });
          }
          const place = table.candidates.indexOf(study.trials[trial]?.params ?? {});
          best = Math.min(best, table.curves[place]?.reports[spent % maxSteps]?.["loss"] ?? Number.NaN);
        }
        const replay = replayTable({ table, scheduler: none(), sampler: random(), seed, steps });
        expect(bestAfter(replay.improvements, steps)).toBe(best);
        expect(new Set(replay.curveOf).size).toBe(replay.curveOf.length);
      }),
      { numRuns: 30 },
    );
  });

  it.each([pbt(), pb2()])("refuses $name, under which trainings affect each other", (scheduler) => {
    const table = tableOf([[1, 2]]);
    expect(() => replayTable({ table, scheduler, sampler: random(), seed: 1, steps: 10 })).toThrow(
      expect.objectContaining({ code: "REPLAY_IMPOSSIBLE" }),
    );
  });

  it.each(everyScheduler)("under %s is the same every time", (_name, scheduler) => {
    const table = tableOf(generatedCurves(40, 9, 3));
    for (const workers of [1, 5]) {
      const play = () => {
        const events: StudyEvent[] = [];
        replayTable({
          table,
          scheduler,
          sampler: random(),
          seed: 11,
          steps: 150,
          workers,
          onEvent: (event) => events.push(event),
        });
        return events;
      };
      expect(play()).toEqual(play());
    }
  });

  it.each(everyScheduler)("under %s never looks ahead", (_name, scheduler) => {
    fc.assert(
      fc.property(
        fc.nat({ max: 1000 }),
        fc.integer({ min: 1, max: 150 }),
        fc.constantFrom(1, 4),
        (seed, steps, workers) => {
          const curves = generatedCurves(30, 9, seed).map((curve) => curve.map((value) => value ?? 3));
          const table = tableOf(curves);
          const play = (played: CurveTable, upTo: number) => {
            const events: StudyEvent[] = [];
            const onEvent = (event: StudyEvent) => events.push(event);
            const replay = replayTable({
              table: played,
              scheduler,
              sampler: random(),
              seed,
              steps: upTo,
              workers,
              onEvent,
            });
            return { events, replay };
          };
          const before = play(table, steps);
          // Everything not reported by then is changed, and the replay runs for longer.
          const seen = new Map(
            before.replay.curveOf.map((place, trial) => [place, stepsOf(before.replay)[trial] ?? 0]),
          );
          const changed: CurveTable = {
            ...table,
            curves: table.curves.map((curve, place) => ({
              ...curve,
              reports: curve.reports.map((report, index) =>
                index < (seen.get(place) ?? 0) ? report : { loss: 17 - index - place / 100 },
              ),
            })),
          };
          const after = play(changed, steps + 40);
          expect(after.events.slice(0, before.events.length)).toEqual(before.events);
        },
      ),
      { numRuns: 30 },
    );
  });

  it("writes a log that folds to its final study", () => {
    const table = tableOf(generatedCurves(30, 9, 5));
    const events: StudyEvent[] = [];
    const replay = replayTable({
      table,
      scheduler: median({ startup: 2 }),
      sampler: random(),
      seed: 4,
      workers: 3,
      onEvent: (event) => events.push(event),
    });
    const folded = beginStudy({ type: "study-created", definition: replay.study.definition, time: 0 });
    for (const event of events) applyEvent(folded, event);
    expect(folded).toEqual(replay.study);
    expect(replay.study.byState.stopped.size).toBeGreaterThan(0);
    expect(replay.study.trials).toHaveLength(30);
  });

  it("reproduces a recorded failure", () => {
    const table = tableOf(small);
    const [first, ...rest] = table.curves;
    if (first === undefined) throw new Error("no curve");
    const broken: CurveTable = {
      ...table,
      curves: [{ steps: [1], reports: [{ loss: 5 }], seconds: [1], end: "failed" }, ...rest],
    };
    const { study } = replayTable({ table: broken, scheduler: none(), sampler: inOrder, seed: 0 });
    expect(study.trials.map(({ state }) => state)).toEqual(["failed", "complete", "complete"]);
    expect(study.trials[0]?.failure?.code).toBe("PROGRAM_FAILED");
  });

  it("recognizes configurations that a sampler returns as copies, even if two are equal", () => {
    const copies = { ...inOrder, create: copied };
    const table = tableOf(small);
    const twins: CurveTable = { ...table, candidates: [{ x: 1 }, { x: 0 }, { x: 1 }] };
    const { curveOf } = replayTable({ table: twins, scheduler: none(), sampler: copies, seed: 0 });
    expect(curveOf).toEqual([0, 1, 2]);
  });

  it("refuses samplers that propose something not in the table, or the same twice", () => {
    const propose = (params: (candidates: readonly Params[]) => Params) => ({
      ...inOrder,
      create: ({ candidates = [] }: { readonly candidates?: readonly Params[] }) => ({
        ask: () => params(candidates),
      }),
    });
    const table = tableOf(small);
    const codeOf = (sampler: typeof inOrder): string => {
      try {
        replayTable({ table, scheduler: none(), sampler, seed: 0 });
      } catch (error) {
        if (isCurvewiseError(error)) return error.code;
        throw error;
      }
      return "none";
    };
    expect(codeOf(propose(() => ({ x: 99 })))).toBe("CANDIDATE_INVALID");
    expect(codeOf(propose(([first = {}]) => first))).toBe("CANDIDATE_INVALID");
    expect(codeOf(grid())).toBe("OPTIONS_INVALID");
    expect(codeOf(list({ trials: [{ x: 1 }] }))).toBe("OPTIONS_INVALID");
  });
});

function copied({ candidates = [] }: { readonly candidates?: readonly Params[] }) {
  return {
    ask: (trial: number) => {
      const params = candidates[trial];
      return params === undefined ? undefined : { ...params };
    },
  };
}
