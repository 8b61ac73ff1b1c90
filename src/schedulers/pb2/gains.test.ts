import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { standardGains } from "./gains.js";
import type { Interval } from "./intervals.js";

const at = (time: number, gain: number | undefined): Interval => ({ params: {}, time, gain });

const moments = (values: Float64Array): readonly [mean: number, deviation: number] => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return [mean, Math.sqrt(squares / values.length)];
};

describe("standard gains", () => {
  it("have mean 0 and deviation 1, as long as there are no outliers", () => {
    const gains = standardGains([at(1, 3), at(1, 5), at(1, 4), at(1, 6), at(1, 2)]);
    const [mean, deviation] = moments(gains);
    expect(mean).toBeCloseTo(0, 12);
    expect(deviation).toBeCloseTo(1, 12);
    expect(gains[2]).toBeCloseTo(0, 12);
    expect(gains[3]).toBeCloseTo(Math.SQRT2, 12);
    expect(gains[4]).toBeCloseTo(-Math.SQRT2, 12);
  });

  it("do not depend on the unit, and preserve the order of simultaneous gains", () => {
    const gain = fc.integer({ min: -100, max: 100 });
    const some = fc.array(fc.tuple(fc.integer({ min: 0, max: 5 }), gain), { minLength: 2, maxLength: 20 });
    fc.assert(
      fc.property(some, fc.double({ min: 1e-3, max: 1e3, noNaN: true }), (pairs, unit) => {
        const gains = standardGains(pairs.map(([time, value]) => at(time, value)));
        const others = standardGains(pairs.map(([time, value]) => at(time, value * unit)));
        for (const [index, value] of gains.entries()) {
          expect(others[index]).toBeCloseTo(value, 6);
          expect(Math.abs(value)).toBeLessThanOrEqual(2);
        }
        for (const time of new Set(pairs.map(([each]) => each))) {
          const together = pairs.flatMap(([each, raw], index) =>
            each === time ? [{ raw, value: gains[index] ?? Number.NaN }] : [],
          );
          const values = together.sort((a, b) => a.raw - b.raw).map(({ value }) => value);
          expect(values.every((value, index) => value >= (values[index - 1] ?? value) - 1e-9)).toBe(true);
        }
      }),
    );
  });

  it("distinguish good params from bad ones late in a training, when all gains are small", () => {
    // Of two params, one always gains twice as much, while gains fall to a third from interval to interval.
    const intervals = Array.from({ length: 10 }, (_, time) => [
      at(time, 3 ** -time),
      at(time, 2 * 3 ** -time),
    ]);
    const gains = standardGains(intervals.flat());
    for (let time = 0; time < 10; time++) {
      expect((gains[2 * time + 1] ?? 0) - (gains[2 * time] ?? 0)).toBeGreaterThan(0.4);
    }
  });

  it("count a diverged model as two deviations below the mean, and handle zero variance", () => {
    expect([...standardGains([at(0, undefined), at(0, 4), at(1, 4)])]).toEqual([-2, 0, 0]);
    expect([...standardGains([at(0, 0), at(5, 0)])]).toEqual([0, 0]);
  });
});
