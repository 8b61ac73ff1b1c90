import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stepsSaved } from "../forecast/steps-saved.js";
import { bestTrial, compareTrials, goodOf, rankedTrial, rankTrials } from "./best-trial.js";
import type { EventBody } from "./events.js";
import { costOf, type Goal, isBetter, parseGoal } from "./goal.js";
import type { StudyDefinition } from "./study-definition.js";
import { applyEvent } from "./study-fold.js";
import { type StudyRecord, studyRecord } from "./study-record.js";
import { goalStep, goalValue, lastStep, lastValue, presentValue, valueAtStep } from "./trial.js";

const minimize: Goal = { metric: "loss", direction: "minimize" };
const maximize: Goal = { metric: "loss", direction: "maximize" };
const definition: StudyDefinition = {
  name: "s",
  goal: minimize,
  space: {},
  constraints: [],
  maxSteps: 4,
  sampler: { name: "random", options: {} },
  scheduler: { name: "none", options: {} },
  budget: {},
  seed: 0,
  retries: 0,
};

function after(bodies: readonly EventBody[], goal = minimize): StudyRecord {
  const study = studyRecord({ ...definition, goal }, 0);
  for (const body of bodies) applyEvent(study, { ...body, time: 0 });
  return study;
}
function trialOf(study: StudyRecord, number = 0) {
  const trial = study.trials[number];
  if (trial === undefined) throw new Error(`there is no trial ${number}`);
  return trial;
}

type Reports = Readonly<Record<number, Readonly<Record<string, number>>>>;
const trained = (trial: number, reports: Reports): EventBody[] => [
  { type: "trial-asked", trial, params: {}, seed: 1, sampler: "random" },
  { type: "attempt-started", trial, attempt: 1, worker: "w", fromStep: 0 },
  ...Object.entries(reports).map(
    ([step, metrics]): EventBody => ({ type: "reported", trial, attempt: 1, step: Number(step), metrics }),
  ),
];
const over = (trial: number, state: "complete" | "stopped" = "complete"): EventBody => ({
  type: "finished",
  trial,
  attempt: 1,
  state,
});
const copied = (trial: number, parent: number, step: number, value: number): EventBody => ({
  type: "exploited",
  trial,
  parent,
  step,
  value,
  path: "p",
  digest: "d",
  params: {},
});

describe("a goal", () => {
  it("is read as users write it", () => {
    expect(parseGoal({ minimize: "loss" })).toEqual({ ...minimize, of: "last" });
    expect(parseGoal({ maximize: "loss", of: "last" })).toEqual({ ...maximize, of: "last" });
    expect(parseGoal({ minimize: "loss", of: "best" })).toEqual({ ...minimize, of: "best" });
  });

  it("gives better values a lower cost, and non-finite values the highest", () => {
    expect([costOf(2, minimize), costOf(2, maximize)]).toEqual([2, -2]);
    for (const goal of [minimize, maximize]) {
      for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
        expect(costOf(value, goal)).toBe(Number.POSITIVE_INFINITY);
        expect([isBetter(0, value, goal), isBetter(value, 0, goal)]).toEqual([true, false]);
      }
      expect(isBetter(1, 1, goal)).toBe(false);
    }
    expect([isBetter(1, 2, minimize), isBetter(2, 1, minimize)]).toEqual([true, false]);
    expect([isBetter(1, 2, maximize), isBetter(2, 1, maximize)]).toEqual([false, true]);
  });
});

describe("a trial", () => {
  const study = after([
    ...trained(0, { 2: { loss: 5, accuracy: 0.1 }, 4: { accuracy: 0.2 }, 7: { loss: 3 }, 9: { norm: 1 } }),
    ...trained(1, { 3: { loss: 8 } }),
    copied(1, 0, 5, 4),
    ...trained(2, {}),
    ...trained(3, { 3: { loss: 8 } }),
    copied(3, 0, 2, 5),
    { type: "reported", trial: 3, attempt: 1, step: 3, metrics: { accuracy: 1 } },
  ]);

  it("has reached its last report, or the step of the model that it was given after that", () => {
    expect([0, 1, 2, 3].map((number) => lastStep(trialOf(study, number)))).toEqual([9, 5, 0, 3]);
  });

  it("has as a metric's last value what was reported last, wherever that was", () => {
    const values = (number: number) =>
      ["loss", "accuracy", "norm", "nothing"].map((metric) => lastValue(trialOf(study, number), metric));
    expect(values(0)).toEqual([3, 0.2, 1, undefined]);
    expect(values(2)).toEqual([undefined, undefined, undefined, undefined]);
    const diverged = after(trained(0, { 1: { loss: 1 }, 2: { loss: Number.NaN } }));
    expect(lastValue(trialOf(diverged), "loss")).toBeNaN();
  });

  it("has the value of the model that it has now, its own or the one that it was given", () => {
    expect([0, 1, 2, 3].map((number) => presentValue(trialOf(study, number), minimize))).toEqual([
      3,
      4,
      undefined,
      5,
    ]);
    const trainedOn = after([
      ...trained(0, { 2: { loss: 5 } }),
      ...trained(1, { 2: { loss: 9 } }),
      copied(1, 0, 2, 5),
      { type: "reported", trial: 1, attempt: 1, step: 3, metrics: { loss: 6 } },
    ]);
    expect(presentValue(trialOf(trainedOn, 1), minimize)).toBe(6);
  });

  it("has the value of the last model that it was given, where there were several", () => {
    const twice = after([
      ...trained(0, { 2: { loss: 5 } }),
      ...trained(1, { 6: { loss: 4 } }),
      ...trained(2, { 1: { loss: 9 } }),
      copied(2, 1, 6, 4),
      copied(2, 0, 2, 5),
    ]);
    expect([lastStep(trialOf(twice, 2)), presentValue(trialOf(twice, 2), minimize)]).toEqual([2, 5]);
    applyEvent(twice, { type: "reported", trial: 2, attempt: 1, step: 3, metrics: { loss: 1 }, time: 0 });
    expect([lastStep(trialOf(twice, 2)), presentValue(trialOf(twice, 2), minimize)]).toEqual([3, 1]);
  });

  it("has a metric's value at exactly the steps at which it was reported", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 40 }), { maxLength: 12 }), (given) => {
        const steps = given.toSorted((a, b) => a - b);
        const reports = Object.fromEntries(
          steps.map((step) => [step, step % 3 === 0 ? { accuracy: 1 } : { loss: step / 2 }]),
        );
        const trial = trialOf(after(trained(0, reports)));
        for (let step = 0; step <= 41; step++) {
          const expected = steps.includes(step) && step % 3 !== 0 ? step / 2 : undefined;
          expect(valueAtStep(trial, "loss", step)).toBe(expected);
        }
        expect(valueAtStep(trial, "nothing", steps[0] ?? 1)).toBeUndefined();
      }),
    );
  });
});

describe("what a goal measures a trial by", () => {
  const inf = Number.POSITIVE_INFINITY;
  const reports = (values: readonly (number | undefined)[]) =>
    Object.fromEntries(
      values.map((loss, place) => [2 * place + 1, loss === undefined ? { accuracy: 1 } : { loss }]),
    );

  it.each<[readonly (number | undefined)[], Goal["direction"], number | undefined, number | undefined]>([
    [[3, 1, 2], "minimize", 1, 3],
    [[3, 1, 2], "maximize", 3, 1],
    [[2, 1, 1, 5], "minimize", 1, 3],
    [[4, undefined, Number.NaN], "minimize", 4, 1],
    [[Number.NaN, 2, inf], "maximize", 2, 3],
    [[-inf, 2], "minimize", 2, 3],
    [[Number.NaN, inf], "minimize", Number.NaN, undefined],
    [[undefined], "minimize", undefined, undefined],
    [[], "maximize", undefined, undefined],
  ])(
    "is the best of the reports %j where it is to %s and the best one counts: %d at step %d",
    (values, direction, value, step) => {
      const trial = trialOf(after(trained(0, reports(values))));
      const goal: Goal = { metric: "loss", direction, of: "best" };
      expect([goalValue(trial, goal), goalStep(trial, goal)]).toEqual([value, step]);
    },
  );

  it("is the last report otherwise, at the step of the last finite one", () => {
    const trial = trialOf(after(trained(0, reports([1, 2, Number.NaN]))));
    for (const goal of [minimize, { ...minimize, of: "last" as const }]) {
      expect([goalValue(trial, goal), goalStep(trial, goal)]).toEqual([Number.NaN, 3]);
    }
  });

  it("counts the model that it was given as long as it has not done better", () => {
    const study = after([
      ...trained(0, { 4: { loss: 2 } }),
      ...trained(1, { 1: { loss: 7 } }),
      copied(1, 0, 4, 2),
    ]);
    const best: Goal = { ...minimize, of: "best" };
    expect(goalValue(trialOf(study, 1), best)).toBe(2);
    const again = after([
      ...trained(0, { 4: { loss: 2 }, 5: { loss: 3 } }),
      ...trained(1, { 1: { loss: 7 } }),
      copied(1, 0, 4, 2),
      copied(1, 0, 5, 3),
    ]);
    expect(goalValue(trialOf(again, 1), best)).toBe(3);
    for (const [step, loss, value] of [
      [5, 3, 2],
      [6, 1, 1],
      [7, 4, 1],
    ] as const) {
      applyEvent(study, { type: "reported", trial: 1, attempt: 1, step, metrics: { loss }, time: 0 });
      expect(goalValue(trialOf(study, 1), best)).toBe(value);
      expect(goalValue(trialOf(study, 1), minimize)).toBe(loss);
    }
  });
});

describe("the best trial", () => {
  it("is complete; of complete ones the best, of equals the one with the lower number", () => {
    const bodies = [
      ...trained(0, { 4: { loss: 1 } }),
      ...trained(1, { 4: { loss: 3 } }),
      over(1),
      ...trained(2, { 4: { loss: 2 } }),
      over(2),
      ...trained(3, { 4: { loss: 2 } }),
      over(3),
      ...trained(4, { 4: { loss: Number.NEGATIVE_INFINITY } }),
      over(4),
      ...trained(5, { 2: { loss: 0 } }),
      over(5, "stopped"),
    ];
    const order = (goal: Goal) => rankTrials(after(bodies, goal)).map(({ trial }) => trial.number);
    expect(order(minimize)).toEqual([2, 3, 1, 5, 0]);
    expect(order(maximize)).toEqual([1, 2, 3, 0, 5]);
    expect(bestTrial(after(bodies))).toMatchObject({ trial: { number: 2 }, value: 2, complete: true });
    expect(bestTrial(after(bodies), maximize)).toMatchObject({ trial: { number: 1 }, value: 3 });
    expect(bestTrial(after(trained(0, { 1: { loss: 1 } })))).toMatchObject({ value: 1, complete: false });
    expect(bestTrial(after(trained(0, { 1: { loss: Number.NaN } })))).toBeUndefined();
    expect(bestTrial(after([]))).toBeUndefined();
  });

  it("of another metric uses only reported values, not those of copied models", () => {
    const study = after([
      ...trained(0, { 1: { loss: 1, accuracy: 0.5 }, 2: { loss: 9 } }),
      ...trained(1, { 1: { loss: 2, accuracy: 0.75 } }),
      copied(1, 0, 1, 1),
    ]);
    const accuracy: Goal = { metric: "accuracy", direction: "maximize" };
    expect(bestTrial(study, accuracy)).toMatchObject({ trial: { number: 1 }, value: 0.75 });
    expect(rankedTrial(study, trialOf(study, 1), study.definition.goal)).toMatchObject({ value: 1 });
    expect(rankedTrial(study, trialOf(study, 1), { ...accuracy, metric: "nothing" })).toBeUndefined();
  });

  it("is the one that trained a model, before those that merely copied it", () => {
    const study = after([
      ...trained(0, { 2: { loss: 8 } }),
      ...trained(1, { 2: { loss: 1 } }),
      copied(0, 1, 2, 1),
    ]);
    expect(bestTrial(study)?.trial.number).toBe(1);
    applyEvent(study, { type: "reported", trial: 0, attempt: 1, step: 3, metrics: { loss: 1 }, time: 0 });
    expect(bestTrial(study)?.trial.number).toBe(0);
    const [first, second] = rankTrials(study);
    if (first === undefined || second === undefined) throw new Error("there are two");
    expect([compareTrials(first, second, minimize), compareTrials(second, first, minimize)]).toEqual([-1, 1]);
  });

  it("is not a mere copy when it trained since the last model that it was given, however many it was given", () => {
    const study = after([
      ...trained(0, { 1: { loss: 2 }, 3: { loss: 1 } }),
      ...trained(1, { 3: { loss: 9 } }),
      copied(1, 0, 1, 2),
      { type: "reported", trial: 1, attempt: 1, step: 2, metrics: { loss: 3 } },
      copied(1, 0, 3, 1),
    ]);
    const better = after([
      ...trained(0, { 3: { loss: 9 } }),
      ...trained(1, { 3: { loss: 1 } }),
      copied(0, 1, 3, 1),
    ]);
    applyEvent(better, { ...copied(0, 1, 3, 1), time: 0 });
    expect(rankTrials(study).map(({ trial }) => trial.number)).toEqual([0, 1]);
    expect(rankTrials(better).map(({ trial }) => trial.number)).toEqual([1, 0]);
  });

  it("stands among the good ones: a tenth, rounded up", () => {
    const ranked = (count: number) => Array.from({ length: count }, (_, place) => place);
    expect([0, 1, 10, 11, 20, 21].map((count) => goodOf(ranked(count)).length)).toEqual([0, 1, 1, 2, 2, 3]);
    expect(goodOf(ranked(11))).toEqual([0, 1]);
  });
});

it("steps that were saved are those of stopped trials up to the last one", () => {
  const study = after([
    ...trained(0, { 1: { loss: 1 } }),
    over(0, "stopped"),
    ...trained(1, { 2: { loss: 1 } }),
    { type: "paused", trial: 1, attempt: 1 },
    ...trained(2, { 1: { loss: 1 } }),
    over(2),
    ...trained(3, { 1: { loss: 1 } }),
    ...trained(4, { 9: { loss: 1 } }),
    over(4, "stopped"),
  ]);
  expect(stepsSaved(study)).toBe(3);
});
