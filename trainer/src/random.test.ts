import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PURPOSE, randomStream, shuffleInto } from "./random.js";

const seeds = fc.maxSafeNat();

describe("random streams", () => {
  it("are xoshiro128** over the words of a mixed seed", () => {
    // Computed with Python's unbounded integers: the mixing as in the docblock, then xoshiro128** from the
    // paper.
    const first = randomStream(7, 1, 0);
    expect(Array.from({ length: 4 }, () => first.uint32())).toEqual([
      1205274942, 1181809096, 3646001620, 834547863,
    ]);
    const second = randomStream(2 ** 40 + 5, 2, 3);
    expect(Array.from({ length: 4 }, () => second.uint32())).toEqual([
      3367868800, 2385809451, 4231608224, 12485743,
    ]);
  });

  it("differ by seed, purpose and index", () => {
    const firsts = [
      randomStream(1, 1, 0),
      randomStream(2, 1, 0),
      randomStream(1, 2, 0),
      randomStream(1, 1, 1),
    ].map((stream) => `${stream.uint32()} ${stream.uint32()}`);
    expect(new Set(firsts).size).toBe(4);
  });

  it("draw every integer below a bound about equally often", () => {
    const random = randomStream(11, 3, 0);
    const counts = Array.from({ length: 7 }, () => 0);
    for (let i = 0; i < 70000; i++) {
      const drawn = random.below(7);
      counts[drawn] = (counts[drawn] ?? 0) + 1;
    }
    const chiSquare = counts.reduce((sum, count) => sum + (count - 10000) ** 2 / 10000, 0);
    // The 99.99 % quantile of chi-square with 6 degrees of freedom (R's qchisq).
    expect(chiSquare).toBeLessThan(27.9);
  });

  it("stay in [0, 1)", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const drawn = randomStream(seed, PURPOSE.initialization, 0).uniform();
        expect(drawn).toBeGreaterThanOrEqual(0);
        expect(drawn).toBeLessThan(1);
      }),
    );
  });
});

describe("shuffling", () => {
  it("gives a permutation", () => {
    fc.assert(
      fc.property(seeds, fc.nat(300), (seed, length) => {
        const order = new Uint32Array(length);
        shuffleInto(order, randomStream(seed, PURPOSE.shuffling, 0));
        expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length }, (_, i) => i));
      }),
    );
  });

  it("gives each of the six orders of three about equally often", () => {
    const counts = new Map<string, number>();
    const order = new Uint32Array(3);
    for (let i = 0; i < 6000; i++) {
      shuffleInto(order, randomStream(5, PURPOSE.shuffling, i));
      counts.set(order.join(), (counts.get(order.join()) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    // The 99.99 % quantile of chi-square with 5 degrees of freedom.
    expect(chiSquare).toBeLessThan(25.7);
  });
});
