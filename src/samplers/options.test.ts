import { describe, expect, it } from "vitest";
import { samplers } from "./index.js";

/** A sampler's option, the last value that makes sense, and the first that does not. */
type Limit = readonly [sampler: keyof typeof samplers, option: string, last: unknown, beyond: unknown];

describe("options of samplers", () => {
  it.each<Limit>([
    // A mutant is made from three members besides the one that it competes with.
    ["differential-evolution", "population", 4, 3],
    ["differential-evolution", "population", 100_000, 100_001],
    ["differential-evolution", "mutation", 2, 2.1],
    ["differential-evolution", "mutation", 0.1, 0],
    ["differential-evolution", "crossover", 0, -0.1],
    ["differential-evolution", "crossover", 1, 1.1],
    ["regularized-evolution", "population", 100_000, 100_001],
    ["regularized-evolution", "sample", 1, 0],
    ["curve", "random", 0, -0.1],
    ["curve", "random", 1, 1.1],
    ["curve", "startup", 2, 1],
    ["curve", "eta", 2, 1],
    ["curve", "eta", 100, 101],
    ["tpe", "startup", 1, 0],
    ["tpe", "startup", 100_000, 100_001],
    ["tpe", "candidates", 1, 0],
    ["tpe", "candidates", 10_000, 10_001],
    ["tpe", "good", 1, 1.1],
    ["tpe", "good", 0.001, 0],
    ["tpe", "narrowing", 4, 4.1],
    ["tpe", "narrowing", 0.1, 0],
    ["tpe", "narrowest", 1, 1.1],
    ["tpe", "narrowest", 0.001, 0],
    ["tpe", "spread", 0, -0.1],
    ["tpe", "spread", 1, 1.1],
    ["tpe", "step", 0, -0.1],
    ["tpe", "step", 10, 10.1],
    ["gp", "startup", 2, 1],
    ["gp", "startup", 100_000, 100_001],
    ["gp", "evaluations", 16, 15],
    ["gp", "evaluations", 100_000, 100_001],
    ["cmaes", "population", 2, 1],
    ["cmaes", "population", 100_000, 100_001],
    ["cmaes", "sigma", 1, 1.1],
    ["cmaes", "sigma", 0.001, 0],
    ["cmaes", "restarts", "none", "never"],
    ["forest", "startup", 2, 1],
    ["forest", "startup", 100_000, 100_001],
    ["forest", "random", 0, -0.1],
    ["forest", "random", 1, 1.1],
    ["forest", "trees", 2, 1],
    ["forest", "trees", 1000, 1001],
    ["nsga2", "population", 2, 1],
    ["nsga2", "crossover", 1, 1.1],
    ["nsga2", "mutationIndex", 0, -1],
    ["nsga3", "population", 10_000, 10_001],
    ["nsga3", "crossoverIndex", 1000, 1001],
    ["nsga3", "divisions", 1, 0],
    ["nsga3", "divisions", 100, 101],
    ["grid", "levels", 1, 0],
    ["grid", "levels", 1_000_000, 1_000_001],
    ["grid", "levels", { x: 1 }, { x: 0 }],
    ["grid", "levels", { x: [0.5] }, { x: [] }],
    ["list", "trials", [{}], []],
  ])("accept for %s %s %j, but not %j", (sampler, option, last, beyond) => {
    const { options } = samplers[sampler];
    expect(options.safeParse({ [option]: last }).success).toBe(true);
    expect(options.safeParse({ [option]: beyond }).success).toBe(false);
  });

  it("of regularized evolution draw no more members than there are", () => {
    const accepts = (population: number, sample: number): boolean =>
      samplers["regularized-evolution"].options.safeParse({ population, sample }).success;
    expect(accepts(2, 2)).toBe(true);
    expect(accepts(2, 3)).toBe(false);
    expect(accepts(1, 1)).toBe(false);
    expect(accepts(100_000, 100_000)).toBe(true);
  });
});
