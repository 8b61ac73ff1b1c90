import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { recordStudy } from "../../testing/recorded-study.js";
import { bestTrial, rankTrials } from "../best-trial.js";
import { isTargetReached } from "../course/budget.js";
import type { Goal } from "../goal.js";
import { frontOf } from "./front.js";
import { constraintText, parseMetricConstraint, violationOf } from "./metric-constraint.js";
import { placesOf, referenceOf } from "./order-results.js";
import { parseGoals } from "./parse-goals.js";
import { goalsOf, metricValue, resultOf, type TrialResult } from "./trial-result.js";

const IDLE = { restore: () => {}, observe: () => {}, decide: () => ({ action: "continue" }) as const };
const record = (goal: Goal) => recordStudy(goal, IDLE);

const TWO: Goal = parseGoals([{ minimize: "loss" }, { maximize: "accuracy" }]);
const LIMITED: Goal = parseGoals([{ minimize: "loss" }], [parseMetricConstraint("memory", "<= 16")]);

describe("goals as users write them", () => {
  it("become one goal and its further ones", () => {
    expect(
      parseGoals([
        { minimize: "loss", of: "best" },
        { maximize: "speed", reference: 3 },
      ]),
    ).toEqual({
      metric: "loss",
      direction: "minimize",
      of: "best",
      others: [{ metric: "speed", direction: "maximize", reference: 3 }],
    });
    expect(parseGoals([{ minimize: "loss" }])).toEqual({ metric: "loss", direction: "minimize", of: "last" });
  });

  it.each([
    ["no goal", [], "needs a goal"],
    ["the same metric twice", [{ minimize: "a" }, { maximize: "a" }], '"a" twice'],
    ["a report of the second", [{ minimize: "a" }, { minimize: "b", of: "best" }], "`of`"],
    [
      "a rule across replicates of the second",
      [{ minimize: "a" }, { minimize: "b", across: "worst" }],
      "`across`",
    ],
    ["a reference of the only one", [{ minimize: "a", reference: 1 }], "`reference`"],
  ] as const)("are refused with %s", (_, goals, message) => {
    expect(() => parseGoals(goals)).toThrow(
      expect.objectContaining({ code: "GOAL_INVALID", message: expect.stringContaining(message) }),
    );
  });
});

describe("constraints on metrics", () => {
  it.each([
    ["<= 16", "<=", 16],
    [" <16", "<", 16],
    [">= -1e-3", ">=", -1e-3],
    ["> .5", ">", 0.5],
  ] as const)("are read: %s", (text, comparison, limit) => {
    const constraint = parseMetricConstraint("m", text);
    expect(constraint).toEqual({ metric: "m", comparison, limit });
    expect(constraintText(constraint)).toBe(`m ${comparison} ${limit}`);
  });

  it.each(["16", "= 16", "=< 16", "<= ", "<= 0x10", "<= 1e999", "<= 16 GB", "a <= 16", "<= Infinity"])(
    "are refused: %s",
    (text) => {
      expect(() => parseMetricConstraint("m", text)).toThrow(
        expect.objectContaining({ code: "GOAL_INVALID" }),
      );
    },
  );

  it("are broken by how far a value is beyond the limit, as a share of it", () => {
    const broken = (text: string, value: number): number =>
      violationOf(value, parseMetricConstraint("m", text));
    expect(broken("<= 16", 16)).toBe(0);
    expect(broken("<= 16", 20)).toBe(0.25);
    expect(broken(">= -4", -5)).toBe(0.25);
    expect(broken("<= 0", 2)).toBe(2);
    expect(broken("< 16", 16)).toBeGreaterThan(0);
    expect(broken("> 16", 16)).toBeGreaterThan(0);
    expect(broken(">= 16", Number.NaN)).toBe(Number.POSITIVE_INFINITY);
    expect(broken("<= 16", Number.NEGATIVE_INFINITY)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("what a trial is compared by", () => {
  it("is taken at the report that counts for the first goal", () => {
    const goal = parseGoals([{ minimize: "loss", of: "best" }, { maximize: "accuracy" }]);
    const recorded = record(goal);
    const trial = recorded.start({
      1: { loss: 0.5, accuracy: 0.6 },
      2: { loss: 0.2, accuracy: 0.7 },
      3: { loss: 0.4, accuracy: 0.9, size: 3 },
    });
    expect(resultOf(trial, goal)).toEqual({ costs: [0.2, -0.7], violation: 0 });
    // The report of step 2 lacks it, so its last value is taken.
    expect(metricValue(trial, "size", goal)).toBe(3);
  });

  it("is unknown while a goal is, and the worst when a complete trial never reported it", () => {
    const recorded = record(TWO);
    const trial = recorded.start({ 1: { loss: 0.5 } });
    expect(resultOf(trial, TWO)).toBeUndefined();
    recorded.complete(trial);
    expect(resultOf(trial, TWO)).toEqual({ costs: [0.5, Number.POSITIVE_INFINITY], violation: 0 });
  });

  it("breaks a constraint on a metric that it should have reported by its end", () => {
    const recorded = record(LIMITED);
    const trial = recorded.start({ 1: { loss: 0.5 } });
    expect(resultOf(trial, LIMITED)?.violation).toBe(0);
    recorded.complete(trial);
    expect(resultOf(trial, LIMITED)?.violation).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("the order of results", () => {
  const of = (costs: readonly number[], violation = 0): TrialResult => ({ costs, violation });
  const two = goalsOf(TWO);
  const orderOf = (results: readonly TrialResult[], goals = two): number[] => {
    const places = placesOf(results, goals);
    return [...results.keys()].sort((a, b) => (places[a]?.place ?? 0) - (places[b]?.place ?? 0));
  };

  it("is worked out by hand: fronts, then what each adds, then what is infeasible, then what is not finite", () => {
    // The front is 0, 1, 2 (and 3 lies behind 1). Costs reach from 0 to 4, so the reference is 4.4 in both goals.
    // 0 adds (1 - 0) * (4.4 - 4) = 0.4; 1 adds (4 - 1) * (4 - 1) = 9; 2 adds (4.4 - 4) * (1 - 0) = 0.4.
    const results = [
      of([0, 4]),
      of([1, 1]),
      of([4, 0]),
      of([2, 2]),
      of([0, 0], 2),
      of([9, 9], 1),
      of([Number.POSITIVE_INFINITY, 0]),
    ];
    expect(orderOf(results)).toEqual([1, 0, 2, 3, 5, 4, 6]);
    expect(placesOf(results, two).map(({ front }) => front)).toEqual([
      0,
      0,
      0,
      1,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it("is that of the costs where there is one goal", () => {
    const one = goalsOf(LIMITED);
    expect(orderOf([of([3]), of([1], 0.5), of([2]), of([0], 0.7), of([2])], one)).toEqual([2, 4, 0, 1, 3]);
  });

  it("measures from the references that were given", () => {
    const goals = goalsOf(
      parseGoals([
        { minimize: "a", reference: 5 },
        { maximize: "b", reference: 2 },
      ]),
    );
    expect(referenceOf(goals, [[1, -3]])).toEqual([5, -2]);
    expect(
      referenceOf(two, [
        [1, -3],
        [2, -1],
      ]),
    ).toEqual([2.1, expect.closeTo(-0.8, 12)]);
    expect(referenceOf(two, [[1, 7]])).toEqual([2, 8]);
  });

  const results = fc.array(
    fc.record({
      costs: fc.tuple(fc.nat(5), fc.nat(5)),
      violation: fc.constantFrom(0, 0, 0, 1, 2),
    }),
    { maxLength: 25 },
  );

  it("puts no result before one that dominates it, and is a permutation", () => {
    fc.assert(
      fc.property(results, (all) => {
        const places = placesOf(all, two).map(({ place }) => place);
        expect(places.toSorted((a, b) => a - b)).toEqual([...all.keys()]);
        for (const [i, a] of all.entries()) {
          for (const [j, b] of all.entries()) {
            const isBetter =
              a.violation < b.violation ||
              (a.violation === 0 &&
                b.violation === 0 &&
                a.costs.every((cost, goal) => cost <= (b.costs[goal] ?? 0)) &&
                a.costs.some((cost, goal) => cost < (b.costs[goal] ?? 0)));
            expect(isBetter && (places[i] ?? 0) > (places[j] ?? 0)).toBe(false);
          }
        }
      }),
    );
  });
});

describe("a study with constraints on metrics", () => {
  it("has a feasible best trial, however good the others are", () => {
    const recorded = record(LIMITED);
    const losses = [
      [0.1, 17],
      [0.5, 16],
      [0.3, 8],
      [0.2, 40],
    ] as const;
    for (const [loss, memory] of losses) recorded.complete(recorded.start({ 1: { loss, memory } }));
    expect(bestTrial(recorded.study)?.trial.number).toBe(2);
    expect(rankTrials(recorded.study).map(({ trial }) => trial.number)).toEqual([2, 1, 0, 3]);
    expect(recorded.study.lead).toEqual({ value: 0.3, trials: 3 });
  });

  it("reaches its target with a feasible value only", () => {
    const recorded = record(LIMITED);
    const reached = () =>
      isTargetReached({
        ...recorded.study,
        definition: { ...recorded.study.definition, budget: { target: 0.3 } },
      });
    recorded.start({ 1: { loss: 0.1, memory: 20 } });
    expect(reached()).toBe(false);
    recorded.start({ 1: { loss: 0.3, memory: 2 } });
    expect(reached()).toBe(true);
  });
});

describe("the front of a study", () => {
  it("has the complete trials that no other beats", () => {
    const recorded = record({ ...TWO, constraints: [parseMetricConstraint("memory", "<= 16")] });
    const values = [
      [0.5, 0.9, 1],
      [0.2, 0.7, 1],
      [0.6, 0.8, 1],
      [0.3, 0.85, 1],
      [0.1, 0.99, 17],
    ] as const;
    for (const [loss, accuracy, memory] of values)
      recorded.complete(recorded.start({ 1: { loss, accuracy, memory } }));
    recorded.start({ 1: { loss: 0, accuracy: 1, memory: 1 } });
    const front = frontOf(recorded.study, goalsOf(TWO));
    expect(front.members.map(({ trial }) => trial.number)).toEqual([1, 3, 0]);
    expect(front).toMatchObject({ compared: 4, infeasible: 1, complete: true });
    // References: 0.6 + 0.04 and -0.7 + 0.02; strips from the first goal's best.
    const area = (0.64 - 0.2) * (0.7 - 0.68) + (0.64 - 0.3) * (0.85 - 0.7) + (0.64 - 0.5) * (0.9 - 0.85);
    expect(front.hypervolume).toBeCloseTo(area, 12);
  });

  it("has the unfinished ones while none is complete", () => {
    const recorded = record(TWO);
    recorded.start({ 1: { loss: 0.5, accuracy: 0.5 } });
    recorded.start({ 1: { loss: 0.6 } });
    expect(frontOf(recorded.study, goalsOf(TWO))).toMatchObject({ compared: 1, complete: false });
  });
});
