import { afterEach, describe, expect, it, vi } from "vitest";
import { choice, float, int, ordinal, type Params } from "../../core/param.js";
import { createSearchSpace, problemsOf, type SearchSpace } from "../../core/search-space.js";
import { mixed, mixedLoss, playStudy } from "../../testing/played-study.js";
import { CONSTRAINT } from "../../testing/sampler-contract/random-spaces.js";
import {
  answersFrom,
  askedOf,
  create,
  reopenedAfter,
  simulateAnew,
} from "../../testing/sampler-contract/simulated-sampler.js";
import { gp } from "./gp.js";

type Loss = (params: Params) => number;
interface Played {
  readonly trials?: number;
  readonly inFlight?: number;
  readonly seed?: number;
}

const play = (space: SearchSpace, lossOf: Loss, options: Parameters<typeof gp>[0], played: Played = {}) =>
  playStudy({
    space,
    sampler: gp(options),
    valueOf: lossOf,
    seed: played.seed ?? 1,
    trials: played.trials ?? 24,
    inFlight: played.inFlight ?? 1,
  }).trials.map(({ params }) => params);

const box = (dimensions: number): SearchSpace =>
  createSearchSpace(
    Object.fromEntries(Array.from({ length: dimensions }, (_, place) => [`x${place}`, float(-1, 1)])),
  );
const bowl: Loss = (params) =>
  Object.values(params).reduce<number>((sum, value) => sum + (Number(value) - 0.3) ** 2, 0);
const leastOf = (all: readonly Params[], lossOf: Loss): number => Math.min(...all.map(lossOf));

describe("gp", () => {
  afterEach(() => vi.unstubAllGlobals());

  it("begins in the middle of the space, and finds the bottom of a bowl with few trials", () => {
    for (const seed of [1, 2]) {
      const asked = play(box(3), bowl, { startup: 5 }, { seed, trials: 20 });
      expect(asked[0]).toEqual({ x0: 0, x1: 0, x2: 0 });
      expect(leastOf(asked, bowl)).toBeLessThan(1e-3);
    }
  });

  it("finds the best of a mixed space with conditions and constraints", () => {
    const asked = play(mixed, mixedLoss, {}, { trials: 50, inFlight: 4 });
    for (const params of asked) expect(problemsOf(mixed, params)).toEqual([]);
    expect(leastOf(asked, mixedLoss)).toBeLessThan(0.15);
  });

  it("proposes what differs to many workers", () => {
    const asked = play(box(2), bowl, { startup: 8 }, { trials: 32, inFlight: 16 });
    const last = asked.slice(16).map(({ x0, x1 }) => [Number(x0), Number(x1)] as const);
    for (const [place, [x, y]] of last.entries())
      for (const [u, v] of last.slice(0, place)) expect(Math.hypot(x - u, y - v)).toBeGreaterThan(1e-3);
  });

  it.each<[string, Loss]>([
    ["are huge", (params) => 1e300 * bowl(params)],
    ["reach both ends of what doubles hold", ({ x0 }) => Number(x0) * Number.MAX_VALUE],
    ["are tiny", (params) => 1e-300 * bowl(params)],
    ["are often infinite", (params) => (Number(params["x0"]) > 0 ? Number.POSITIVE_INFINITY : bowl(params))],
    ["are all infinite", () => Number.POSITIVE_INFINITY],
    ["are always the same", () => 7],
    ["have two values", ({ x0 }) => Number(Number(x0) > 0)],
  ])("goes on where values %s", (_name, lossOf) => {
    const asked = play(box(2), lossOf, { startup: 4 });
    expect(new Set(asked.map((params) => JSON.stringify(params))).size).toBe(24);
    for (const params of asked) expect(problemsOf(box(2), params)).toEqual([]);
  });

  it("gets closer to what is finite", () => {
    const cliff: Loss = (params) => (Number(params["x0"]) > 0.5 ? Number.POSITIVE_INFINITY : bowl(params));
    expect(leastOf(play(box(2), cliff, { startup: 6 }), cliff)).toBeLessThan(0.01);
  });

  it("leaves params with a single value as they are", () => {
    const space = createSearchSpace({ x: float(0, 1), kind: choice(["only"]), steps: int(5, 5) });
    const asked = play(space, ({ x }) => Math.abs(Number(x) - 0.25), { startup: 4 }, { trials: 14 });
    for (const params of asked) expect(params).toMatchObject({ kind: "only", steps: 5 });
    expect(leastOf(asked, ({ x }) => Math.abs(Number(x) - 0.25))).toBeLessThan(0.02);
    const single = createSearchSpace({ kind: choice(["only"]) });
    expect(play(single, () => 1, {})).toEqual([{ kind: "only" }]);
  });

  it("ends when every combination was tried, having tried the best early", () => {
    const space = createSearchSpace({ a: choice(["p", "q", "r"]), b: ordinal([1, 2, 4]), c: int(1, 6) });
    const lossOf: Loss = ({ a, b, c }) => Number(a !== "q") + Math.abs(Number(b) - 2) + (Number(c) - 5) ** 2;
    const asked = play(space, lossOf, { startup: 8 }, { trials: 100 });
    expect(asked).toHaveLength(54);
    expect(asked.findIndex((params) => lossOf(params) === 0)).toBeLessThan(20);
  });

  it("gets closer in a space of 200 params", () => {
    const asked = play(box(200), bowl, { startup: 4, evaluations: 64 }, { trials: 12 });
    expect(leastOf(asked.slice(4), bowl)).toBeLessThan(leastOf(asked.slice(1, 4), bowl));
  });

  it("proposes the same in a study that is opened again, whose lists are other objects", () => {
    // What the contract's law once found: see `src/testing/sampler-contract/log-laws.ts`.
    const space = createSearchSpace(
      {
        p0: int(1, 9, { prior: { around: 5, within: 2 } }),
        p1: int(3, 16, { prior: { around: 9.5, within: 2 } }),
        p2: choice([null, [64, 64], { name: "b", deep: [1] }]),
        p3: int(1, 25),
      },
      [CONSTRAINT],
    );
    const settings = {
      seed: 0,
      inFlight: 4,
      trials: 40,
      maxSteps: 4,
      stride: 2,
      direction: "minimize",
      trouble: 0,
    } as const;
    const small = () => gp({ evaluations: 32 });
    const simulation = simulateAnew(small, space, settings, 0.2);
    const again = create(small, space, settings);
    expect(answersFrom(again, simulation, reopenedAfter(simulation, 1))).toEqual(askedOf(simulation));
  });

  it("needs no WebAssembly before the model is asked", () => {
    vi.stubGlobal("WebAssembly", undefined);
    expect(play(box(2), bowl, { startup: 6 }, { trials: 6 })).toHaveLength(6);
  });
});
