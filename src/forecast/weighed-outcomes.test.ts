import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Goal } from "../core/goal.js";
import type { TrialResult } from "../core/goals/trial-result.js";
import { createRandom } from "../math/random.js";
import { recordStudy } from "../testing/recorded-study.js";
import { createWeighedOutcomes, drawWeights, weighedCosts } from "./weighed-outcomes.js";

const of = (costs: readonly number[], violation = 0): TrialResult => ({ costs, violation });
const places = (costs: readonly number[]): number[] =>
  [...costs.keys()].sort((a, b) => (costs[a] ?? 0) - (costs[b] ?? 0));
const IDLE = { restore: () => {}, observe: () => {}, decide: () => ({ action: "continue" }) as const };

describe("the weights of goals", () => {
  it("add up to 1 and are spread over the simplex", () => {
    const random = createRandom(4, 0, 0);
    const drawn = Array.from({ length: 4000 }, () => drawWeights(3, random));
    for (const weights of drawn) {
      expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 12);
      expect(Math.min(...weights)).toBeGreaterThanOrEqual(0);
    }
    // Of a uniform distribution on the simplex: a mean of 1/3, and (1 - t)^2 above t.
    for (const goal of [0, 1, 2]) {
      const mean = drawn.reduce((sum, weights) => sum + (weights[goal] ?? 0), 0) / drawn.length;
      const large = drawn.filter((weights) => (weights[goal] ?? 0) > 0.5).length / drawn.length;
      expect(mean).toBeCloseTo(1 / 3, 1);
      expect(Math.abs(large - 0.25)).toBeLessThan(0.03);
    }
  });
});

describe("the weighed costs of several goals", () => {
  it("are the augmented Chebyshev function in units of the front, by hand", () => {
    const results = [of([0, 10]), of([1, 0]), of([0.5, 5]), of([3, 20])];
    // The front reaches from 0 to 1 and from 0 to 10, of which costs are measured in halves.
    const costs = weighedCosts(results, [0.5, 0.5]);
    expect(costs.map((cost) => Number(cost.toFixed(6)))).toEqual([0.525, 0.525, 0.275, 1.625]);
    expect(places(weighedCosts(results, [1, 0]))).toEqual([0, 2, 1, 3]);
    expect(places(weighedCosts(results, [0, 1]))).toEqual([1, 2, 0, 3]);
  });

  it("never prefer a trial that another one beats in every goal, whatever the weights and scales", () => {
    const cost = fc.double({ min: -1e6, max: 1e6, noNaN: true });
    const table = fc.array(fc.tuple(cost, cost, cost), { minLength: 2, maxLength: 20 });
    fc.assert(
      fc.property(table, fc.nat(), (rows, seed) => {
        const [first = [0, 0, 0]] = rows;
        const better = first.map((each) => each - 1);
        const costs = weighedCosts(
          [...rows.map((row) => of(row)), of(better)],
          drawWeights(3, createRandom(seed, 0, 0)),
        );
        expect(costs.at(-1)).toBeLessThan(costs[0] ?? 0);
      }),
    );
  });

  it("keep trials that break constraints, failed and diverged ones apart from all others", () => {
    const costs = weighedCosts(
      [of([0, 1]), of([1, 0]), of([-5, -5], 0.5), of([-5, -5], 4), of([Number.POSITIVE_INFINITY, 0])],
      [0.3, 0.7],
    );
    expect(Math.min(costs[2] ?? 0, costs[3] ?? 0)).toBeGreaterThan(Math.max(costs[0] ?? 0, costs[1] ?? 0));
    expect(costs[3]).toBeGreaterThan(costs[2] ?? 0);
    expect(costs[4]).toBe(Number.POSITIVE_INFINITY);
    expect(weighedCosts([of([2, 2], 3), of([1, 1], 5)], [0.5, 0.5])).toEqual([3, 5]);
  });

  it("are finite where a front has no extent, and where costs reach the ends of what doubles hold", () => {
    expect(weighedCosts([of([1, 1]), of([1, 1])], [0.5, 0.5])).toEqual([0, 0]);
    const huge = Number.MAX_VALUE;
    const costs = weighedCosts([of([-huge, huge]), of([huge, -huge]), of([huge, huge])], [0.5, 0.5]);
    expect(costs.every(Number.isFinite)).toBe(true);
    expect(places(costs).at(-1)).toBe(2);
  });
});

describe("weighed outcomes of a study", () => {
  const TWO: Goal = {
    metric: "loss",
    direction: "minimize",
    others: [{ metric: "accuracy", direction: "maximize" }],
  };

  it("are by number, with another weighting for each random stream, and unknown while a goal is", () => {
    const recorded = recordStudy(TWO, IDLE);
    const outcomes = createWeighedOutcomes({ goal: TWO, maxSteps: undefined });
    const started = [
      { 1: { loss: 0, accuracy: 0.1 } },
      { 1: { loss: 1, accuracy: 0.9 } },
      { 1: { loss: 0.4, accuracy: 0.6 } },
    ].map((curve) => recorded.start(curve));
    for (const trial of started) recorded.complete(trial);
    const half = recorded.start({ 1: { loss: 0.2 } });
    for (const trial of [half, ...started.toReversed()]) outcomes.note(trial);
    const bestOf = (seed: number) => {
      const all = outcomes.all(createRandom(seed, 0, 0));
      expect(all.map(({ trial }) => trial)).toEqual([0, 1, 2, 3]);
      expect(all[3]).toMatchObject({ cost: undefined, isInFlight: true });
      const costs = all.map(({ cost = Number.POSITIVE_INFINITY }) => cost);
      return costs.indexOf(Math.min(...costs));
    };
    expect(new Set(Array.from({ length: 40 }, (_, seed) => bestOf(seed)))).toEqual(new Set([0, 1, 2]));
    expect(bestOf(3)).toBe(bestOf(3));
  });
});
