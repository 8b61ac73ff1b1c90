import { describe, expect, it } from "vitest";
import { keyOf } from "../core/candidates/params-key.js";
import { choice, float, int, type Params, type Space } from "../core/param.js";
import type { SamplerChoice } from "../core/sampler.js";
import { createSearchSpace } from "../core/search-space.js";
import { playStudy } from "../testing/played-study.js";
import { random, samplers } from "./index.js";

/** All samplers but those whose trials are given from the beginning. */
const searching = Object.entries(samplers).flatMap(([name, definition]): [string, () => SamplerChoice][] =>
  name === "grid" || name === "list" ? [] : [[name, () => (name === "random" ? random() : definition())]],
);

const played = (sampler: SamplerChoice, params: Space, trials: number, candidates?: readonly Params[]) =>
  playStudy({
    space: createSearchSpace(params),
    sampler,
    seed: 3,
    trials,
    inFlight: 2,
    valueOf: (_params, trial) => ((trial * 7) % 5) + trial / 100,
    ...(candidates === undefined ? {} : { candidates }),
  }).trials.map((trial) => trial.params);

describe.each(searching)("the first trial of %s", (_, choose) => {
  it("has the defaults", () => {
    const space = {
      rate: float(1e-4, 1, { log: true, default: 0.02 }),
      kind: choice(["a", "b"], { default: "b" }),
      size: int(1, 9, { default: 4, when: { kind: "b" } }),
    };
    expect(played(choose(), space, 3)[0]).toEqual({ rate: 0.02, kind: "b", size: 4 });
  });

  it("has what priors are about, but the defaults of params that have both", () => {
    const space = {
      rate: float(1e-4, 1, { log: true, prior: { around: 0.01, factor: 2 } }),
      share: float(0, 1, { default: 0.9, prior: { around: 0.2, within: 0.1 } }),
      kind: choice(["a", "b"], { prior: { weights: { b: 2 } } }),
    };
    expect(played(choose(), space, 1)[0]).toEqual({ rate: 0.01, share: 0.9, kind: "b" });
  });

  it("is the only one that has the default of one param for its own sake", () => {
    const space = { rate: float(0, 1, { default: 0.25 }), share: float(0, 1) };
    const rates = played(choose(), space, 12).map(({ rate }) => rate);
    expect(rates[0]).toBe(0.25);
    expect(new Set(rates).size).toBeGreaterThan(6);
  });

  it("leaves all other combinations of a small space", () => {
    const space = { a: int(1, 4, { default: 3 }), b: choice(["x", "y", "z"], { default: "z" }) };
    const all = played(choose(), space, 20);
    expect(all[0]).toEqual({ a: 3, b: "z" });
    expect(new Set(all.map(keyOf)).size).toBe(12);
    const partly = played(choose(), { ...space, a: int(1, 4) }, 20);
    expect(partly[0]?.["b"]).toBe("z");
    expect(new Set(partly.map(keyOf)).size).toBe(12);
  });

  it("is the most similar candidate, which leaves all others", () => {
    const space = { rate: float(0, 1, { default: 0.3 }) };
    const candidates = [0.1, 0.28, 0.9, 0.5].map((rate): Params => ({ rate }));
    const all = played(choose(), space, 9, candidates);
    expect(all[0]).toEqual({ rate: 0.28 });
    expect(all).toHaveLength(4);
  });
});
