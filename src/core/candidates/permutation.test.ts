import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createPermutation } from "./permutation.js";

const range = (size: number): number[] => Array.from({ length: size }, (_, index) => index);

describe("createPermutation", () => {
  it("contains every number once", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3000 }), fc.nat(), (size, seed) => {
        const { at } = createPermutation(size, seed);
        expect(
          range(size)
            .map(at)
            .toSorted((a, b) => a - b),
        ).toEqual(range(size));
      }),
    );
  });

  it("finds the place of a number, up to the largest size", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2 ** 52 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        fc.nat(),
        (size, share, seed) => {
          const { at, placeOf } = createPermutation(size, seed);
          const place = Math.floor(share * size);
          const number = at(place);
          expect(Number.isSafeInteger(number) && number >= 0 && number < size).toBe(true);
          expect(placeOf(number)).toBe(place);
        },
      ),
    );
  });

  it("depends on the seed and looks shuffled", () => {
    const size = 10_000;
    const order = (seed: number): number[] => range(size).map(createPermutation(size, seed).at);
    const first = order(1);
    expect(order(1)).toEqual(first);
    expect(order(2)).not.toEqual(first);
    // The Spearman rank correlation of a random order of n has standard deviation 1 / sqrt(n - 1): 0.01 here.
    const squares = first.reduce((sum, number, place) => sum + (number - place) ** 2, 0);
    expect(Math.abs(1 - (6 * squares) / (size * (size ** 2 - 1)))).toBeLessThan(0.05);
    // A random order has one fixed point on average (Poisson); ten or more occur with one seed in ten million.
    expect(first.filter((number, place) => number === place).length).toBeLessThan(10);
  });

  it("makes every order of three equally likely", () => {
    const counts = new Map<string, number>();
    for (let seed = 0; seed < 6000; seed++) {
      const order = range(3).map(createPermutation(3, seed).at).join("");
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    // Binomial(6000, 1/6): mean 1000, standard deviation 29; five of them on either side.
    expect(counts.size).toBe(6);
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(145);
  });
});
