import { describe, expect, it } from "vitest";
import { choice, float, int, type Params } from "../core/param.js";
import type { SamplerChoice } from "../core/sampler.js";
import { createSearchSpace, type SearchSpace } from "../core/search-space.js";
import { mixed, mixedLoss, playStudy } from "../testing/played-study.js";
import { differentialEvolution } from "./differential-evolution.js";
import { random } from "./random.js";

const box = (dimensions: number, bound: number): SearchSpace =>
  createSearchSpace(
    Object.fromEntries(Array.from({ length: dimensions }, (_, n) => [`x${n}`, float(-bound, bound)])),
  );
const numbersOf = (params: Params): number[] => Object.values(params).map(Number);
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const middle = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
const seeds = (count: number): number[] => Array.from({ length: count }, (_, seed) => seed);

const sphere = (params: Params): number => sum(numbersOf(params).map((x) => x * x));
const rastrigin = (params: Params): number =>
  sum(numbersOf(params).map((x) => 10 + x * x - 10 * Math.cos(2 * Math.PI * x)));
const rosenbrock = (params: Params): number => {
  const [x = 0, y = 0] = numbersOf(params);
  return 100 * (y - x * x) ** 2 + (1 - x) ** 2;
};

const paramsOf = (study: ReturnType<typeof playStudy>): Params[] => study.trials.map(({ params }) => params);

describe("differential evolution on standard functions", () => {
  // Medians over 201 seeds of the number of evaluations that scipy 1.17.1 needed: differential_evolution(f, bounds,
  // strategy, mutation=0.5, recombination=CR, init=uniform, population 20, updating="immediate", tol=0, polish=False).
  it.each([
    ["sphere, 4 params", sphere, box(4, 5.12), 0.9, 1e-3, { rand1bin: 560, best1bin: 203 }],
    ["Rosenbrock, 2 params", rosenbrock, box(2, 2.048), 0.9, 1e-3, { rand1bin: 416, best1bin: 179 }],
    ["Rastrigin, 3 params", rastrigin, box(3, 5.12), 0.2, 1, { rand1bin: 617, best1bin: 385 }],
  ] as const)("needs as many trials as scipy: %s", (_, valueOf, space, crossover, target, expected) => {
    for (const strategy of ["rand1bin", "best1bin"] as const) {
      const sampler = differentialEvolution({ population: 20, strategy, mutation: 0.5, crossover });
      const isEnough = (value: number): boolean => value <= target;
      const counts = seeds(valueOf === rosenbrock ? 25 : 11).map(
        (seed) => playStudy({ space, sampler, valueOf, seed, trials: 800, isEnough }).trials.length,
      );
      expect(middle(counts) / expected[strategy]).toBeGreaterThan(1 / 1.25);
      expect(middle(counts) / expected[strategy]).toBeLessThan(1.25);
      const chance = seeds(5).map((seed) => {
        const study = playStudy({ space, sampler: random(), valueOf, seed, trials: middle(counts) });
        return Math.min(...paramsOf(study).map(valueOf));
      });
      expect(middle(chance)).toBeGreaterThan(2 * target);
    }
  });

  it("loses little with eight trials in flight", () => {
    const counts = seeds(9).map((seed) => {
      const sampler = differentialEvolution({ population: 20, strategy: "rand1bin", crossover: 0.9 });
      const isEnough = (value: number): boolean => value <= 1e-3;
      const settings = { space: box(4, 5.12), sampler, valueOf: sphere, seed, trials: 2000, isEnough };
      return playStudy({ ...settings, inFlight: 8 }).trials.length;
    });
    expect(middle(counts)).toBeLessThan(1.3 * 560);
  });
});

describe("differential evolution", () => {
  it.each(["minimize", "maximize"] as const)("beats random search in a mixed space: %s", (direction) => {
    const sign = direction === "minimize" ? 1 : -1;
    const least = (sampler: SamplerChoice): number[] =>
      seeds(15).map((seed) => {
        const settings = { space: mixed, sampler, seed, trials: 200, inFlight: 4, direction };
        const study = playStudy({ ...settings, valueOf: (params) => sign * mixedLoss(params) });
        return Math.min(...paramsOf(study).map(mixedLoss));
      });
    const chance = middle(least(random()));
    expect(middle(least(differentialEvolution()))).toBeLessThan(chance / 4);
    expect(middle(least(differentialEvolution({ strategy: "rand1bin" })))).toBeLessThan(chance);
  });

  it("changes one param of the slot's member without crossover", () => {
    const space = box(5, 1);
    const study = playStudy({
      space,
      sampler: differentialEvolution({ population: 4, crossover: 0 }),
      valueOf: sphere,
      seed: 3,
      trials: 200,
    });
    const holders: (Params | undefined)[] = [];
    let replaced = 0;
    for (const { number, params } of study.trials) {
      const holder = holders[number % 4];
      const unlike = Object.keys(space.params).filter((name) => params[name] !== holder?.[name]);
      expect(unlike).toHaveLength(holder === undefined ? 5 : 1);
      if (holder !== undefined && sphere(params) > sphere(holder)) continue;
      holders[number % 4] = params;
      replaced += 1;
    }
    expect(replaced).toBeGreaterThan(20);
  });

  it("lets the newest of equally good trials keep the slot, so that members drift across a plateau", () => {
    const sampler = differentialEvolution({ population: 4, crossover: 0 });
    const played = playStudy({ space: box(5, 1), sampler, valueOf: () => 0, seed: 3, trials: 40 });
    const all = paramsOf(played);
    // Without crossover one param differs from the member: that is always the trial of the round before.
    for (const [number, params] of all.entries()) {
      const before = all[number - 4];
      if (before === undefined) continue;
      expect(Object.keys(params).filter((name) => params[name] !== before[name])).toHaveLength(1);
    }
  });

  it("makes mutants of three other members, and draws at random where there are fewer", () => {
    // How many params of the last trial differ from its slot's member when so many other slots always diverge.
    const changed = (diverging: number): number => {
      const sampler = differentialEvolution({ population: 5, crossover: 0 });
      const valueOf = (_: Params, trial: number): number => (trial % 5 < diverging ? Number.NaN : 0);
      const all = paramsOf(playStudy({ space: box(5, 1), sampler, valueOf, seed: 3, trials: 10 }));
      const [member, newest] = [all[4] ?? {}, all[9] ?? {}];
      return Object.keys(newest).filter((name) => newest[name] !== member[name]).length;
    };
    expect([0, 1, 2].map(changed)).toEqual([1, 1, 5]);
  });

  it("adds the difference of two members to a third", () => {
    let checked = 0;
    for (const seed of seeds(20)) {
      const sampler = differentialEvolution({
        population: 4,
        strategy: "rand1bin",
        mutation: 0.25,
        crossover: 1,
      });
      const space = createSearchSpace({ x: float(1, 1e6, { log: true }) });
      // The first four remain the members, so that every later trial combines three of them.
      const valueOf = (_: Params, trial: number): number => (trial < 4 ? 0 : 1);
      const study = playStudy({ space, sampler, valueOf, seed, trials: 8 });
      const places = paramsOf(study).map(({ x }) => Math.log10(Number(x)) / 6);
      for (let trial = 4; trial < 8; trial++) {
        const others = places.slice(0, 4).filter((_, slot) => slot !== trial % 4);
        const mutants = others.flatMap((base) => {
          const [plus = 0, minus = 0] = others.filter((other) => other !== base);
          return [base + 0.25 * (plus - minus), base + 0.25 * (minus - plus)];
        });
        // A mutant outside would be drawn at random.
        if (mutants.some((mutant) => mutant < 0 || mutant > 1)) continue;
        const gaps = mutants.map((mutant) => Math.abs(mutant - (places[trial] ?? 0)));
        expect(Math.min(...gaps)).toBeLessThan(1e-12);
        checked += 1;
      }
    }
    expect(checked).toBeGreaterThan(20);
  });

  it("draws at random for a slot whose trials failed or diverged, and goes on", () => {
    const valueOf = (params: Params, trial: number): number | undefined => {
      if (trial % 4 === 0) return undefined;
      return trial % 4 === 1 ? Number.NaN : sphere(params);
    };
    const sampler = differentialEvolution({ population: 8 });
    const study = playStudy({ space: box(3, 1), sampler, valueOf, seed: 1, trials: 400 });
    expect(Math.min(...paramsOf(study).map(sphere))).toBeLessThan(1e-3);
    const lost = study.trials.filter(({ number }) => number >= 300 && number % 4 < 2);
    expect(sum(lost.map(({ params }) => sphere(params))) / lost.length).toBeGreaterThan(0.7);
  });

  it("tries all params of a finite space once, then ends", () => {
    const space = createSearchSpace({ a: choice(["x", "y"]), b: int(1, 3), c: choice([true, false]) });
    const sampler = differentialEvolution({ population: 4 });
    const valueOf = ({ b }: Params): number => Number(b);
    const params = paramsOf(playStudy({ space, sampler, valueOf, seed: 2, trials: 20 }));
    expect(params).toHaveLength(12);
    expect(new Set(params.map((each) => JSON.stringify(each))).size).toBe(12);
  });

  it("proposes each candidate once, those near good ones early", () => {
    const space = createSearchSpace({ x: float(0, 1), y: choice(["a", "b"]) });
    const candidates = Array.from({ length: 200 }, (_, n): Params => ({ x: n / 200, y: n % 2 ? "a" : "b" }));
    const valueOf = ({ x, y }: Params): number => Math.abs(Number(x) - 0.7) + (y === "a" ? 0 : 1);
    const sampler = differentialEvolution({ population: 8 });
    const study = playStudy({ space, sampler, valueOf, seed: 1, trials: 300, candidates });
    expect(study.trials).toHaveLength(200);
    expect(new Set(paramsOf(study))).toEqual(new Set(candidates));
    const ranks = paramsOf(study).map(
      (params) => candidates.filter((other) => valueOf(other) < valueOf(params)).length,
    );
    expect(sum(ranks.slice(8, 60)) / 52).toBeLessThan(60);
  });
});
