import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRandom, philox } from "./random.js";

describe("philox", () => {
  // Known-answer vectors of the Random123 distribution (kat_vectors, philox4x32 10).
  it.each([
    [
      [0, 0, 0, 0],
      [0, 0],
      [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
    ],
    [
      [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      [0xffffffff, 0xffffffff],
      [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
    ],
    [
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xa4093822, 0x299f31d0],
      [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    ],
  ] as const)("gives the published block for %j", (counter, key, expected) => {
    expect(philox(counter, key)).toEqual(expected);
  });
});

describe("createRandom", () => {
  it("gives the same numbers for the same seed, stream and purpose, and different ones otherwise", () => {
    const draw = (seed: number, stream: number, purpose: number) => {
      const random = createRandom(seed, stream, purpose);
      return Array.from({ length: 8 }, () => random.uint32());
    };
    expect(draw(7, 3, 0)).toEqual(draw(7, 3, 0));
    const streams = [draw(7, 3, 0), draw(8, 3, 0), draw(7, 4, 0), draw(7, 3, 1), draw(7 + 2 ** 32, 3, 0)];
    expect(new Set(streams.map(String)).size).toBe(streams.length);
  });

  it("keeps integers inside their bounds and reaches both ends", () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.integer({ min: -5, max: 5 }),
        fc.integer({ min: 0, max: 3 }),
        (seed, low, span) => {
          const random = createRandom(seed, 0, 0);
          const seen = new Set(Array.from({ length: 200 }, () => random.integer(low, low + span)));
          expect(Math.min(...seen)).toBe(low);
          expect(Math.max(...seen)).toBe(low + span);
          expect(seen.size).toBe(span + 1);
        },
      ),
    );
  });

  it("has the mean and variance of the uniform and the normal distribution", () => {
    const random = createRandom(1, 0, 0);
    const count = 100_000;
    const moments = (draw: () => number) => {
      let sum = 0;
      let squares = 0;
      for (let i = 0; i < count; i++) {
        const value = draw();
        sum += value;
        squares += value * value;
      }
      return { mean: sum / count, variance: squares / count - (sum / count) ** 2 };
    };
    const uniform = moments(random.uniform);
    expect(uniform.mean).toBeCloseTo(0.5, 2);
    expect(uniform.variance).toBeCloseTo(1 / 12, 2);
    const normal = moments(random.normal);
    expect(normal.mean).toBeCloseTo(0, 1);
    expect(normal.variance).toBeCloseTo(1, 1);
  });
});
