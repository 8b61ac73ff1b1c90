import { describe, expect, it } from "vitest";
import { choice, float, int, ordinal, type Params } from "../../core/param.js";
import { createSearchSpace } from "../../core/search-space.js";
import { createBeliefTerm } from "./belief-term.js";

const space = createSearchSpace({
  rate: float(1e-4, 1, { log: true, prior: { around: 1e-2, factor: 10 } }),
  width: int(1, 5, { prior: { around: 2, within: 1 } }),
  kind: choice(["a", "b", [1]], { prior: { weights: { a: 2, "[1]": 0 } } }),
  depth: ordinal([1, 2, 4]),
  extra: float(0, 1, { prior: { around: 1, within: 0.1 }, when: { kind: "b" } }),
});
const at = (change: Params): Params => ({ rate: 1e-2, width: 2, kind: "a", depth: 1, ...change });

describe("what priors add to an acquisition", () => {
  it("is the logarithm of their density times 10 / n, and fades with the number of trials", () => {
    const term = createBeliefTerm(space);
    const [early, late] = [term?.(10), term?.(1000)];
    if (early === undefined || late === undefined) throw new Error("the space has priors");
    // A choice of the weights 2, 1 and 0, of which a quarter is doubted.
    const ofA = Math.log((0.75 * 2) / (3 / 3) + 0.25);
    const ofB = Math.log((0.75 * 1) / (3 / 3) + 0.25);
    expect(early.of(at({})) - early.of(at({ kind: "b" }))).toBeCloseTo(ofA - ofB, 10);
    expect(late.of(at({})) / early.of(at({}))).toBeCloseTo(0.01, 10);
    // What a prior rules out is left a little.
    expect(early.of(at({ kind: [1] })) - early.of(at({}))).toBeCloseTo(Math.log(0.25) - ofA, 10);
  });

  it("is larger the nearer a number is to where its best is expected, by the same in either direction", () => {
    const term = createBeliefTerm(space)?.(1);
    const [far, near, top, other] = [1e-4, 1e-3, 1e-2, 1e-1].map((rate) => term?.of(at({ rate })) ?? 0);
    expect(near).toBeGreaterThan(far ?? 0);
    expect(top).toBeGreaterThan(near ?? 0);
    expect(other).toBeCloseTo(near ?? 0, 8);
    const widths = [1, 2, 3, 4, 5].map((width) => term?.of(at({ width })) ?? 0);
    expect(widths.indexOf(Math.max(...widths))).toBe(1);
  });

  it("leaves params that are off, and those without a prior, as they are", () => {
    const term = createBeliefTerm(space)?.(5);
    expect(term?.of(at({ depth: 4 }))).toBe(term?.of(at({})));
    expect(term?.of(at({ kind: "b", extra: 1 }))).toBeGreaterThan(term?.of(at({ kind: "b" })) ?? 0);
    expect(term?.slopeOf("depth", 0.5)).toBe(0);
    expect(createBeliefTerm(createSearchSpace({ x: float(0, 1), k: choice([1, 2]) }))).toBeUndefined();
  });

  it("has slopes that agree with differences, also at the ends of a range", () => {
    const term = createBeliefTerm(space)?.(3);
    const rateAt = (quantile: number): number => 10 ** (-4 + 4 * quantile);
    for (const quantile of [0.2, 0.45, 0.8]) {
      const h = 1e-4;
      const [low, high] = [quantile - h, quantile + h].map(
        (each) => term?.of(at({ rate: rateAt(each) })) ?? 0,
      );
      expect(term?.slopeOf("rate", quantile)).toBeCloseTo(((high ?? 0) - (low ?? 0)) / (2 * h), 3);
    }
    expect(term?.slopeOf("rate", 0)).toBeGreaterThan(0);
    expect(term?.slopeOf("rate", 1)).toBeLessThan(0);
  });
});
