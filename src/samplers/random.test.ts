import { describe, expect, it } from "vitest";
import { choice, float, int } from "../core/param.js";
import type { Sampler, SamplerChoice } from "../core/sampler.js";
import { createSearchSpace, type SearchSpace } from "../core/search-space.js";
import { studyRecord } from "../core/study-record.js";
import { createRandom, PURPOSE } from "../math/random.js";
import { simulatedDefinition } from "../testing/simulated-study.js";
import { grid, list, random } from "./index.js";

const space = createSearchSpace({ x: int(0, 99) });
const candidates = Array.from({ length: 20 }, (_, x) => ({ x: 5 * x }));

const create = (choice: SamplerChoice, seed: number, given = candidates) =>
  choice.create({
    space,
    goal: { metric: "loss", direction: "minimize" },
    maxSteps: undefined,
    seed,
    candidates: given,
  });

const study = studyRecord(
  simulatedDefinition(
    { seed: 1, inFlight: 1, trials: 1, maxSteps: 1, stride: 1, direction: "minimize", trouble: 0 },
    space,
  ),
  0,
);

describe("random among candidates", () => {
  const order = (seed: number) => {
    const sampler = create(random(), seed);
    return Array.from({ length: 22 }, (_, trial) =>
      sampler.ask(trial, createRandom(seed, trial, PURPOSE.params), study),
    );
  };

  it("proposes each once, shuffled by the seed, and then nothing", () => {
    const first = order(1);
    expect(first.slice(20)).toEqual([undefined, undefined]);
    const values = first.slice(0, 20).map((params) => params?.["x"]);
    expect(values.toSorted((a, b) => Number(a) - Number(b))).toEqual(candidates.map(({ x }) => x));
    expect(values).not.toEqual(candidates.map(({ x }) => x));
    expect(order(1)).toEqual(first);
    expect(order(2)).not.toEqual(first);
    expect(create(random(), 1).size).toBe(20);
  });

  it("proposes nothing when there are none", () => {
    expect(create(random(), 1, []).ask(0, createRandom(1, 0, PURPOSE.params), study)).toBeUndefined();
  });

  it.each([grid(), list({ trials: [{ x: 1 }] })])("is refused by $name", (choice) => {
    expect(() => create(choice, 1)).toThrow(expect.objectContaining({ code: "OPTIONS_INVALID" }));
  });
});

describe("random in a finite space", () => {
  const make = (space: SearchSpace, seed: number, repeats = false): Sampler =>
    random().create({
      space,
      goal: { metric: "loss", direction: "minimize" },
      maxSteps: undefined,
      seed,
      repeats,
    });
  const drawn = (sampler: Sampler, count: number, seed: number) =>
    Array.from({ length: count }, (_, trial) =>
      sampler.ask(trial, createRandom(seed, trial, PURPOSE.params), study),
    );

  it("draws each combination once, and then nothing, unless it may repeat them", () => {
    const small = createSearchSpace({ x: int(1, 3), kind: choice(["a", "b"]) }, [
      { name: "not 3b", holds: ({ x, kind }) => x !== 3 || kind === "a" },
    ]);
    const sampler = make(small, 1);
    expect(sampler.size).toBe(5);
    const texts = drawn(sampler, 6, 1).map((params) => JSON.stringify(params));
    expect(texts[5]).toBeUndefined();
    expect(new Set(texts.slice(0, 5)).size).toBe(5);
    expect(drawn(make(small, 2), 5, 2)).not.toEqual(drawn(make(small, 1), 5, 1));
    const repeating = make(small, 1, true);
    expect(repeating.size).toBeUndefined();
    const again = drawn(repeating, 7, 1);
    expect(again.slice(0, 5).map((params) => JSON.stringify(params))).toEqual(texts.slice(0, 5));
    expect(again[6]).toBeDefined();
  });

  it("comes first to what is drawn most often", () => {
    // On a logarithmic scale from 0.5 to 4.5, a 1 has log 3 / log 9 of it, half; 2, 3, and 4 share the other half.
    const weighted = createSearchSpace({ x: int(1, 4, { log: true }) });
    const seeds = Array.from({ length: 2000 }, (_, seed) => seed);
    const firsts = seeds.map((seed) => make(weighted, seed).ask(0, createRandom(seed, 0, 0), study)?.["x"]);
    const share = (value: number): number => firsts.filter((x) => x === value).length / firsts.length;
    expect(Math.abs(share(1) - 0.5)).toBeLessThan(0.04);
    expect(Math.abs(share(4) - Math.log(4.5 / 3.5) / Math.log(9))).toBeLessThan(0.03);
  });

  it("knows all combinations up to 100,000 of them", () => {
    const sizes = [100_000, 100_001].map((high) => make(createSearchSpace({ x: int(1, high) }), 1).size);
    expect(sizes).toEqual([100_000, undefined]);
  });

  it("draws from others without end", () => {
    const wide = createSearchSpace({ x: float(0, 1) });
    expect(make(wide, 1).size).toBeUndefined();
    const all = drawn(make(wide, 1), 50, 1).map((params) => params?.["x"]);
    expect(new Set(all).size).toBe(50);
  });
});
