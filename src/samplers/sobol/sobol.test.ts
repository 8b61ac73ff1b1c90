import { describe, expect, it } from "vitest";
import { choice, float, int, type Params } from "../../core/param.js";
import { type Constraint, createSearchSpace, problemsOf, type SearchSpace } from "../../core/search-space.js";
import { studyRecord } from "../../core/study-record.js";
import { createRandom, PURPOSE } from "../../math/random.js";
import { simulatedDefinition } from "../../testing/simulated-study.js";
import { sobol } from "./sobol.js";
import { MOST_DIMENSIONS } from "./sobol-sequence.js";

/** What is proposed for the first trials of a study. */
function proposed(space: SearchSpace, count: number, seed = 1): Params[] {
  const goal = { metric: "loss", direction: "minimize" } as const;
  const sampler = sobol().create({ space, goal, maxSteps: undefined, seed });
  const study = studyRecord(
    simulatedDefinition(
      { seed, inFlight: 1, trials: 1, maxSteps: 1, stride: 1, direction: "minimize", trouble: 0 },
      space,
    ),
    0,
  );
  return Array.from({ length: count }, (_, trial) =>
    sampler.ask(trial, createRandom(seed, trial, PURPOSE.params), study),
  ).filter((params) => params !== undefined);
}

const countsOf = (values: readonly unknown[]): number[] =>
  [...new Set(values)].map((value) => values.filter((each) => each === value).length);

describe("sobol", () => {
  it("has every param's values equally often among a power of two trials", () => {
    const space = createSearchSpace({
      rate: float(1e-4, 1, { log: true }),
      optimizer: choice(["sgd", "adam"]),
      width: int(1, 16),
      momentum: float(0, 1, { when: { optimizer: "sgd" } }),
    });
    const params = proposed(space, 64);
    const decade = params.map(({ rate }) => Math.floor(Math.log10(Number(rate)) + 1e-9));
    expect(countsOf(decade)).toEqual([16, 16, 16, 16]);
    expect(countsOf(params.map(({ optimizer }) => optimizer))).toEqual([32, 32]);
    expect(countsOf(params.map(({ width }) => width))).toEqual(Array.from({ length: 16 }, () => 4));
    expect(proposed(space, 64, 2)).not.toEqual(params);
  });

  it("takes further points where a constraint refuses, so that the others stay as they are", () => {
    const params = { x: float(0, 1), y: float(0, 1) };
    const isBelow: Constraint = { name: "x < y", holds: ({ x, y }) => Number(x) < Number(y) };
    const free = proposed(createSearchSpace(params), 256);
    const space = createSearchSpace(params, [isBelow]);
    const constrained = proposed(space, 256);
    for (const each of constrained) expect(problemsOf(space, each)).toEqual([]);
    const kept = [...free.keys()].filter((trial) => isBelow.holds(free[trial] ?? {}));
    expect(kept.length).toBeGreaterThan(100);
    expect(kept.map((trial) => constrained[trial])).toEqual(kept.map((trial) => free[trial]));
    // The share of the triangle that is left of a half is 3/4.
    const left = constrained.filter(({ x }) => Number(x) < 0.5).length;
    expect(Math.abs(left / 256 - 0.75)).toBeLessThan(0.05);
  });

  it("draws at random what no point finds", () => {
    const space = createSearchSpace({ x: float(0, 1), y: float(0, 1) }, [
      { name: "corner", holds: ({ x, y }) => Number(x) < 0.01 && Number(y) < 0.01 },
    ]);
    for (const params of proposed(space, 5)) expect(problemsOf(space, params)).toEqual([]);
  });

  it("proposes every combination of a finite space once", () => {
    const space = createSearchSpace(
      { width: int(1, 60, { log: true }), optimizer: choice(["sgd", "adam"]) },
      [{ name: "small", holds: ({ width, optimizer }) => optimizer === "sgd" || Number(width) < 50 }],
    );
    const params = proposed(space, 200);
    expect(params).toHaveLength(60 + 49);
    expect(new Set(params.map(({ width, optimizer }) => JSON.stringify([width, optimizer]))).size).toBe(
      60 + 49,
    );
  });

  it("draws params beyond the table at random", () => {
    const names = Array.from({ length: MOST_DIMENSIONS + 2 }, (_, place) => `x${place}`);
    const space = createSearchSpace(Object.fromEntries(names.map((name) => [name, float(0, 1)])));
    const params = proposed(space, 64);
    const cells = (name: string): number =>
      new Set(params.map((each) => Math.floor(64 * Number(each[name])))).size;
    expect(cells(`x${MOST_DIMENSIONS - 1}`)).toBe(64);
    expect(cells(`x${MOST_DIMENSIONS}`)).toBeLessThan(60);
  });
});
