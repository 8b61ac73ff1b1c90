import { describe, expect, it } from "vitest";
import { choice, float, int, type Params } from "../core/param.js";
import type { SamplerChoice } from "../core/sampler.js";
import { createSearchSpace, type SearchSpace } from "../core/search-space.js";
import { createRandom } from "../math/random.js";
import { mixed, mixedLoss, playStudy } from "../testing/played-study.js";
import { random } from "./random.js";
import { regularizedEvolution } from "./regularized-evolution.js";

const bits = (count: number): SearchSpace =>
  createSearchSpace(Object.fromEntries(Array.from({ length: count }, (_, n) => [`bit${n}`, choice([0, 1])])));
const ones = (params: Params): number => Object.values(params).filter((bit) => bit === 1).length;
const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
const middle = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
const seeds = (count: number): number[] => Array.from({ length: count }, (_, seed) => seed);
const paramsOf = (study: ReturnType<typeof playStudy>): Params[] => study.trials.map(({ params }) => params);

describe("regularized evolution of bits", () => {
  // Medians over 401 seeds of a transcription of the paper's Algorithm 1 into Python (a deque, random.choice with
  // replacement, one bit flipped): the number of models trained until one was all ones.
  it.each([
    { count: 20, population: 20, sample: 5, expected: 184 },
    { count: 30, population: 30, sample: 10, expected: 242 },
  ])("needs as many trials as the paper's algorithm: $count", ({ count, expected, ...options }) => {
    const space = bits(count);
    const counts = seeds(15).map((seed) => {
      const isEnough = (value: number): boolean => value === count;
      const settings = { space, sampler: regularizedEvolution(options), valueOf: ones, seed, trials: 1500 };
      return playStudy({ ...settings, direction: "maximize", isEnough }).trials.length;
    });
    expect(middle(counts) / expected).toBeGreaterThan(1 / 1.3);
    expect(middle(counts) / expected).toBeLessThan(1.3);
    const chance = seeds(5).map((seed) => {
      const study = playStudy({ space, sampler: random(), valueOf: ones, seed, trials: middle(counts) });
      return Math.max(...paramsOf(study).map(ones));
    });
    expect(middle(chance)).toBeLessThan(count - 2);
  });

  // The paper's argument for aging: if the metric is noisy, models that were lucky once must not stay.
  it("does better by removing the oldest if there is much noise, and the worst if there is none", () => {
    const truth = (removal: "oldest" | "worst", noise: number): number => {
      const sampler = regularizedEvolution({ population: 20, sample: 10, removal });
      const means = seeds(12).map((seed) => {
        const valueOf = (params: Params, trial: number): number =>
          ones(params) + noise * createRandom(seed, trial, 99).normal();
        const settings = { space: bits(20), sampler, valueOf, seed, trials: 300 };
        return mean(
          paramsOf(playStudy({ ...settings, direction: "maximize" }))
            .slice(-50)
            .map(ones),
        );
      });
      return mean(means);
    };
    expect(truth("oldest", 4)).toBeGreaterThan(truth("worst", 4) + 0.4);
    expect(truth("worst", 0)).toBeGreaterThan(truth("oldest", 0));
  });
});

/** A trial reports a value computed from its params. */
const play = (
  sampler: SamplerChoice,
  space: SearchSpace,
  valueOf: (params: Params) => number,
  trials: number,
) => paramsOf(playStudy({ space, sampler, valueOf, seed: 4, trials }));

describe("regularized evolution", () => {
  it.each(["minimize", "maximize"] as const)("beats random search in a mixed space: %s", (direction) => {
    const sign = direction === "minimize" ? 1 : -1;
    const least = (sampler: SamplerChoice): number[] =>
      seeds(15).map((seed) => {
        const settings = { space: mixed, sampler, seed, trials: 200, inFlight: 4, direction };
        const study = playStudy({ ...settings, valueOf: (params) => sign * mixedLoss(params) });
        return Math.min(...paramsOf(study).map(mixedLoss));
      });
    expect(middle(least(regularizedEvolution()))).toBeLessThan(middle(least(random())) / 4);
  });

  it("changes one param of one of the youngest trials, and the params that depend on it", () => {
    const space = createSearchSpace({
      a: float(1e-6, 1, { log: true }),
      b: float(-1, 1),
      c: int(1, 1000),
      d: float(0, 1, { when: { c: { max: 500 } } }),
    });
    const sampler = regularizedEvolution({ population: 10, sample: 3 });
    const trials = play(sampler, space, ({ b }) => Number(b) ** 2, 200);
    for (const [trial, params] of trials.entries()) {
      if (trial < 10) continue;
      const parents = trials.slice(trial - 10, trial).filter((parent) => {
        const changed = ["a", "b", "c"].filter((name) => params[name] !== parent[name]);
        const isOtherD =
          params["d"] !== undefined && parent["d"] !== undefined && params["d"] !== parent["d"];
        return changed.length + Number(isOtherD) === 1;
      });
      expect(parents).not.toEqual([]);
    }
  });

  it("moves numbers by their spread, on their own scale", () => {
    const space = createSearchSpace({ x: float(1e-8, 1, { log: true }) });
    const moves = (spread: number): number => {
      const sampler = regularizedEvolution({ population: 2, sample: 2, removal: "worst", spread });
      // The first trial is always the best, and so the parent of nearly all others.
      const study = playStudy({ space, sampler, valueOf: (_, trial) => trial, seed: 9, trials: 400 });
      const [first = Number.NaN, ...others] = paramsOf(study).map(({ x }) => Math.log10(Number(x)) / 8);
      return middle(others.map((place) => Math.abs(place - first)));
    };
    // Half of all normal deviates are within 0.674 standard deviations.
    expect(moves(0.05) / (0.674 * 0.05)).toBeGreaterThan(0.8);
    expect(moves(0.05) / (0.674 * 0.05)).toBeLessThan(1.4);
    expect(moves(0.01) / moves(0.05)).toBeLessThan(0.5);
  });

  it("breeds no children from failed or diverged trials", () => {
    const valueOf = (params: Params, trial: number): number | undefined => {
      if (params["bit0"] === 0) return trial % 2 === 0 ? undefined : Number.NaN;
      return -ones(params);
    };
    const sampler = regularizedEvolution({ population: 10, sample: 5 });
    const study = playStudy({ space: bits(16), sampler, valueOf, seed: 2, trials: 200 });
    const lost = paramsOf(study)
      .slice(100)
      .filter((params) => params["bit0"] === 0);
    // One change in sixteen switches the param off.
    expect(lost.length).toBeLessThan(25);
    expect(Math.max(...paramsOf(study).map(ones))).toBe(16);
  });

  it("tries all params of a finite space once, then ends", () => {
    const space = createSearchSpace({ a: choice(["x", "y"]), b: int(1, 3), c: choice([true, false]) });
    const params = play(regularizedEvolution({ population: 4, sample: 2 }), space, ({ b }) => Number(b), 20);
    expect(params).toHaveLength(12);
    expect(new Set(params.map((each) => JSON.stringify(each))).size).toBe(12);
  });

  it("proposes each candidate once, those near good ones early", () => {
    const space = createSearchSpace({ x: float(0, 1), y: choice(["a", "b"]) });
    const candidates = Array.from({ length: 200 }, (_, n): Params => ({ x: n / 200, y: n % 2 ? "a" : "b" }));
    const valueOf = ({ x, y }: Params): number => Math.abs(Number(x) - 0.7) + (y === "a" ? 0 : 1);
    const sampler = regularizedEvolution({ population: 8, sample: 4 });
    const study = playStudy({ space, sampler, valueOf, seed: 1, trials: 300, candidates });
    expect(study.trials).toHaveLength(200);
    expect(new Set(paramsOf(study))).toEqual(new Set(candidates));
    const ranks = paramsOf(study).map(
      (params) => candidates.filter((other) => valueOf(other) < valueOf(params)).length,
    );
    expect(mean(ranks.slice(8, 60))).toBeLessThan(60);
  });

  it("refuses a sample larger than the population", () => {
    expect(() => regularizedEvolution({ population: 5, sample: 6 })).toThrow(
      expect.objectContaining({ code: "OPTIONS_INVALID", message: expect.stringContaining("sample") }),
    );
  });
});
