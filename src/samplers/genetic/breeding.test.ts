import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sampleParams } from "../../core/draw/sample-params.js";
import { choice, fixed, float, int, ordinal } from "../../core/param.js";
import { createSearchSpace, isAllowed } from "../../core/search-space.js";
import { createRandom } from "../../math/random.js";
import { childOf, crossed, mutated } from "./breeding.js";

const SETTINGS = { crossover: 0.9, crossoverIndex: 15, mutationIndex: 20 };
const place = fc.double({ min: 0, max: 1, noNaN: true });

/** The share of many draws for which something holds. */
const shareOf = (holds: (seed: number) => boolean): number => {
  let count = 0;
  for (let seed = 0; seed < 4000; seed++) if (holds(seed)) count += 1;
  return count / 4000;
};

describe("simulated binary crossover", () => {
  it("stays within [0, 1]", () => {
    fc.assert(
      fc.property(
        place,
        place,
        fc.nat(),
        fc.double({ min: 0, max: 100, noNaN: true }),
        (a, b, seed, index) => {
          const child = crossed(a, b, index, createRandom(seed, 0, 0));
          expect(child).toBeGreaterThanOrEqual(0);
          expect(child).toBeLessThanOrEqual(1);
        },
      ),
    );
  });

  it("has children whose spread has the density of the paper", () => {
    // Without bounds nearby, the spread is at most beta with probability beta^(index + 1) / 2 for beta below 1.
    const [a, b] = [0.49, 0.51];
    const spread = (seed: number): number =>
      Math.abs(crossed(a, b, 2, createRandom(seed, 1, 0)) - 0.5) / 0.01;
    for (const beta of [0.5, 0.8, 1])
      expect(shareOf((seed) => spread(seed) <= beta)).toBeCloseTo(beta ** 3 / 2, 1);
    // Above 1, it is larger than beta with probability beta^-(index + 1) / 2.
    expect(shareOf((seed) => spread(seed) > 1.3)).toBeCloseTo(1.3 ** -3 / 2, 1);
    // Either parent's side is as likely.
    expect(shareOf((seed) => crossed(a, b, 2, createRandom(seed, 1, 0)) < 0.5)).toBeCloseTo(0.5, 1);
  });
});

describe("polynomial mutation", () => {
  it("stays within [0, 1]", () => {
    fc.assert(
      fc.property(place, fc.nat(), fc.double({ min: 0, max: 100, noNaN: true }), (from, seed, index) => {
        const to = mutated(from, index, createRandom(seed, 0, 0));
        expect(to).toBeGreaterThanOrEqual(0);
        expect(to).toBeLessThanOrEqual(1);
      }),
    );
  });

  it("moves by the distribution of the paper", () => {
    // From the middle, upwards: delta = 1 - (2 (1 - u) + (2 u - 1) 2^-(index + 1))^(1 / (index + 1)) for u above 1/2.
    const quantile = (u: number): number => 1 - (2 * (1 - u) + (2 * u - 1) * 0.5 ** 21) ** (1 / 21);
    for (const u of [0.6, 0.75, 0.9])
      expect(shareOf((seed) => mutated(0.5, 20, createRandom(seed, 2, 0)) <= 0.5 + quantile(u))).toBeCloseTo(
        u,
        1,
      );
  });
});

describe("a child of two parents", () => {
  const space = createSearchSpace({
    lr: float(1e-4, 1, { log: true }),
    width: int(1, 64),
    kind: choice(["a", "b", "c"]),
    level: ordinal([1, 2, 4, 8]),
    same: fixed(3),
    momentum: float(0, 1, { when: { kind: "b" } }),
  });

  it("belongs to the space, whatever its parents", () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (seed, other) => {
        const parents = [seed, other].map((each) => sampleParams(space, createRandom(each, 0, 0)));
        const [mother = {}, father = {}] = parents;
        const child = childOf(space, [mother, father], SETTINGS, createRandom(seed, other % 97, 1));
        expect(isAllowed(space, child)).toBe(true);
        expect("momentum" in child).toBe(child["kind"] === "b");
      }),
    );
  });

  it("changes at least one param of a parent without crossover, as a rule", () => {
    const mother = sampleParams(space, createRandom(1, 0, 0));
    const still = { ...SETTINGS, crossover: 0, mutationIndex: 0 };
    const isSame = (seed: number): boolean =>
      JSON.stringify(childOf(space, [mother, mother], still, createRandom(seed, 0, 3))) ===
      JSON.stringify(mother);
    // Values of a choice or an int may be drawn again as they were.
    expect(shareOf(isSame)).toBeLessThan(0.2);
  });

  it("takes choices from either parent", () => {
    const only = createSearchSpace({ kind: choice(Array.from({ length: 100 }, (_, index) => index)) });
    const kinds = (seed: number) =>
      childOf(only, [{ kind: 1 }, { kind: 2 }], SETTINGS, createRandom(seed, 0, 4))["kind"];
    expect(shareOf((seed) => kinds(seed) === 2)).toBeLessThan(0.1);
    const two = createSearchSpace({
      kind: choice([1, 2, 3, 4]),
      ...Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`x${index}`, float(0, 1)])),
    });
    const kindOf = (seed: number) =>
      childOf(two, [{ kind: 1 }, { kind: 2 }], SETTINGS, createRandom(seed, 0, 4))["kind"];
    expect(shareOf((seed) => kindOf(seed) === 2)).toBeCloseTo(0.9 * 0.5 * 0.9 + 0.1 / 4, 1);
  });
});
