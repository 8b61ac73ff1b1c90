import { describe, expect, it } from "vitest";
import { int } from "../core/param.js";
import type { SamplerChoice } from "../core/sampler.js";
import { createSearchSpace } from "../core/search-space.js";
import { studyRecord } from "../core/study-fold.js";
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
