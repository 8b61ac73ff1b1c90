import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createFeatureEncoder } from "../../core/candidates/features.js";
import { sampleParams } from "../../core/draw/sample-params.js";
import { choice, fixed, float, int, ordinal, type Params } from "../../core/param.js";
import { createSearchSpace, problemsOf } from "../../core/search-space.js";
import type { StudyDefinition } from "../../core/study-definition.js";
import { applyEvent } from "../../core/study-fold.js";
import { studyRecord } from "../../core/study-record.js";
import { createRandom, PURPOSE } from "../../math/random.js";
import { createNearDraws } from "../near-draws.js";
import { proposeParams } from "../propose-params.js";
import { curve } from "./curve.js";
import { proposeNear } from "./proposals.js";

const mixed = createSearchSpace(
  {
    lr: float(1e-4, 1, { log: true }),
    depth: int(1, 4),
    batch: ordinal([16, 32, 64]),
    optimizer: choice(["sgd", "adam"]),
    momentum: float(0, 0.99, { when: { optimizer: "sgd" } }),
    epochs: fixed(30),
  },
  [{ name: "small", holds: ({ depth, batch }) => Number(depth) * Number(batch) <= 128 }],
);

describe("features", () => {
  it("are logarithms, places and one-hot, and mark absent params", () => {
    const { encode, size } = createFeatureEncoder(mixed);
    const row = encode({ lr: 0.1, depth: 2, batch: 64, optimizer: "sgd", momentum: 0.5, epochs: 30 });
    expect(size).toBe(7);
    expect([...row]).toEqual([Math.log(0.1), 2, 2, 1, 0, 1, 0.5]);
    expect([...encode({ lr: 1, depth: 1, batch: 16, optimizer: "adam", epochs: 30 })]).toEqual([
      0, 1, 0, 0, 1, 0, 0,
    ]);
  });
});

describe("proposals", () => {
  it("stay inside the space and its constraints, near a given trial and elsewhere", () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const random = createRandom(seed, 0, 0);
        const center = sampleParams(mixed, random);
        const near = createNearDraws(mixed, random)(center);
        expect(near === undefined ? [] : problemsOf(mixed, near)).toEqual([]);
        for (const params of proposeParams(mixed, [center], 3, random))
          expect(problemsOf(mixed, params)).toEqual([]);
      }),
    );
  });

  it("are nearer to the given trial than params from the whole space", () => {
    const line = createSearchSpace({ x: float(0, 1) });
    const random = createRandom(5, 0, 0);
    const distances = Array.from({ length: 400 }, () => {
      const near = createNearDraws(line, random)({ x: 0.3 });
      return Math.abs(Number(near?.["x"]) - 0.3);
    });
    const mean = distances.reduce((sum, each) => sum + each, 0) / distances.length;
    // Half of them do not move; the others move by a normal deviate of 0.1, whose mean size is 0.08.
    expect(mean).toBeGreaterThan(0.025);
    expect(mean).toBeLessThan(0.055);
  });
});

describe("proposals between two good trials", () => {
  const parts = { a: float(0, 1), b: choice([1, 2, 3]), c: float(0, 1, { when: { b: 2 } }) };
  const space = createSearchSpace(parts);
  const center = { a: 0.25, b: 1 };
  const mate = { a: 0.75, b: 2, c: 0.5 };

  it("have each param from either, if none moves", () => {
    const draw = createNearDraws(space, createRandom(1, 0, 0));
    const drawn = Array.from({ length: 60 }, () => draw(center, { spread: 0.1, change: 0, mate }) ?? {});
    expect(new Set(drawn.map(({ a, b }) => JSON.stringify([a, b])))).toEqual(
      new Set(["[0.25,1]", "[0.25,2]", "[0.75,1]", "[0.75,2]"]),
    );
    expect(drawn.flatMap((params) => problemsOf(space, params))).toEqual([]);
    const own = drawn.filter(({ b }) => b === 2).map(({ c }) => c);
    expect(own).toContain(0.5);
  });

  it("are at most as far from the good ones as they may move", () => {
    const line = createSearchSpace({ x: float(0, 1), y: float(0, 1) });
    const farthest = (spread: number): number => {
      const draw = createNearDraws(line, createRandom(2, 0, 0));
      const moves = Array.from({ length: 200 }, () => draw({ x: 0.5, y: 0.5 }, { spread, change: 1 }));
      return Math.max(...moves.map((params) => Math.abs(Number(params?.["x"]) - 0.5)));
    };
    // Of 200 normal deviates the largest is about 2.8 times the standard deviation.
    expect(farthest(0.01)).toBeLessThan(0.05);
    expect(farthest(0.1)).toBeGreaterThan(0.15);
  });

  it("come first among those to choose from, and all from the whole space where nothing is good", () => {
    const line = createSearchSpace({ x: float(0, 1) });
    const proposed = proposeNear(line, [{ x: 0.5 }], createRandom(3, 0, 0));
    const moved = proposed.map(({ x }) => Math.abs(Number(x) - 0.5));
    expect(proposed).toHaveLength(400);
    expect(moved.slice(0, 300).filter((distance) => distance === 0).length).toBeGreaterThan(100);
    expect(moved.slice(300).every((distance) => distance > 0)).toBe(true);
    expect(proposeNear(line, [], createRandom(3, 0, 0))).toHaveLength(400);
  });
});

/** Plays a study without the engine: each trial is trained to the end, its loss a function of its params. */
function play(lossOf: (params: Params) => number, trials: number, candidates?: readonly Params[]): number[] {
  const space = createSearchSpace({ x: float(0, 1), y: float(0, 1) });
  const goal = { metric: "loss", direction: "minimize" } as const;
  const definition: StudyDefinition = {
    name: "play",
    goal,
    space: space.params,
    constraints: [],
    maxSteps: 4,
    sampler: { name: "curve", options: {} },
    scheduler: { name: "none", options: {} },
    budget: {},
    seed: 1,
    retries: 0,
  };
  const study = studyRecord(definition, 0);
  const sampler = curve().create({
    space,
    goal,
    maxSteps: 4,
    seed: 1,
    ...(candidates === undefined ? {} : { candidates }),
  });
  const losses: number[] = [];
  for (let trial = 0; trial < trials; trial++) {
    const params = sampler.ask(trial, createRandom(1, trial, PURPOSE.params), study);
    if (params === undefined) break;
    const loss = lossOf(params);
    losses.push(loss);
    const record = (event: Parameters<typeof applyEvent>[1]): void => {
      applyEvent(study, event);
      sampler.observe?.(event, study);
    };
    record({ type: "trial-asked", trial, params, seed: 0, sampler: "curve", time: 0 });
    record({ type: "attempt-started", trial, attempt: 1, worker: "w", fromStep: 0, time: 0 });
    for (let step = 1; step <= 4; step++) {
      record({ type: "reported", trial, attempt: 1, step, metrics: { loss: loss + 1 / step }, time: 0 });
    }
    record({ type: "finished", trial, attempt: 1, state: "complete", time: 0 });
  }
  return losses;
}

const bowl = ({ x, y }: Params): number => 0.1 + (Number(x) - 0.7) ** 2 + (Number(y) - 0.2) ** 2;

describe("proposals where constraints leave little", () => {
  const tight = createSearchSpace({ x: int(1, 2), y: float(0, 1) }, [
    { name: "x is 2", holds: ({ x }) => Number(x) === 2 },
  ]);

  it("are none near params that nothing near them keeps", () => {
    const never = { ...tight, constraints: [{ name: "never", holds: () => false }] };
    const center = { x: 2, y: 0.5 };
    expect(createNearDraws(never, createRandom(1, 0, 0))(center)).toBeUndefined();
  });

  it("move params one at a time where the constraints allow only that, and skip what breaks them", () => {
    const names = Array.from({ length: 20 }, (_, place) => `x${place}`);
    const center = Object.fromEntries(names.map((name) => [name, 0.5]));
    const isNear = (value: unknown): boolean => Math.abs(Number(value) - 0.5) < 0.01;
    // About ten params would move at once, each ten times as far as this allows.
    const space = createSearchSpace(Object.fromEntries(names.map((name) => [name, float(0, 1)])), [
      { name: "near", holds: (params) => names.every((name) => isNear(params[name])) },
    ]);
    const draw = createNearDraws(space, createRandom(1, 0, 0));
    for (let turn = 0; turn < 5; turn++) {
      const near = draw(center) ?? {};
      expect(problemsOf(space, near)).toEqual([]);
      const moved = names.filter((name) => near[name] !== 0.5);
      expect(moved.length).toBeGreaterThan(1);
      expect(moved.length).toBeLessThan(20);
    }
    expect(draw({ ...center, x0: 0.9 })).toBeUndefined();
  });

  it("are from the whole space alone where nothing is known to be good", () => {
    expect(proposeParams(tight, [], 7, createRandom(1, 0, 0))).toHaveLength(7);
    expect(proposeParams(tight, [{ x: 2, y: 0.5 }], 7, createRandom(1, 0, 0))).toHaveLength(14);
  });

  it("are fewer near params that nothing near them keeps", () => {
    const edge = createSearchSpace({ x: float(0, 1) }, [
      { name: "edge", holds: ({ x }) => Number(x) > 0.99 },
    ]);
    const proposed = proposeParams(edge, [{ x: 0.995 }, { x: 0.1 }], 6, createRandom(1, 0, 0));
    expect(proposed).toHaveLength(9);
    expect(proposed.flatMap((params) => problemsOf(edge, params))).toEqual([]);
  });

  it("fail as what goes wrong in a constraint does", () => {
    const broken = {
      name: "broken",
      holds: (): boolean => {
        throw new RangeError("broken");
      },
    };
    const space = { ...tight, constraints: [broken] };
    expect(() => createNearDraws(space, createRandom(1, 0, 0))({ x: 2, y: 0.5 })).toThrow(RangeError);
  });
});

describe("the curve sampler", () => {
  it("finds better params than random search in as many trials", () => {
    const losses = play(bowl, 60);
    const early = losses.slice(0, 12);
    const late = losses.slice(40);
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    // A random draw has an expected loss of 0.1 + 2 * (1/12) + 0.04 + 0.09.
    expect(mean(late)).toBeLessThan(0.2);
    expect(Math.min(...late)).toBeLessThan(Math.min(...early));
  });

  it("proposes each candidate once, and then nothing", () => {
    const candidates = Array.from({ length: 20 }, (_, n) => ({ x: n / 20, y: (n % 5) / 5 }));
    const losses = play(bowl, 30, candidates);
    const ascending = (values: readonly number[]) => values.toSorted((a, b) => a - b);
    expect(ascending(losses)).toEqual(ascending(candidates.map(bowl)));
  });

  it("needs maxSteps", () => {
    const space = createSearchSpace({ x: float(0, 1) });
    const goal = { metric: "loss", direction: "minimize" } as const;
    expect(() => curve().create({ space, goal, maxSteps: undefined, seed: 0 })).toThrow(
      expect.objectContaining({ code: "MAX_STEPS_MISSING" }),
    );
  });
});
