import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { logCostsOf } from "./log-costs.js";

const costs = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 40 });

describe("logarithms of costs", () => {
  it("keep the order, and are finite", () => {
    fc.assert(
      fc.property(costs, (some) => {
        const logs = logCostsOf(some);
        const ascending = some.toSorted((a, b) => a - b);
        for (const [place, cost] of ascending.entries()) {
          expect(Number.isFinite(logs.of(cost))).toBe(true);
          const before = ascending[place - 1] ?? cost;
          expect(Math.sign(logs.of(cost) - logs.of(before))).toBe(Math.sign(cost - before));
        }
        expect(logs.of(Math.min(...some))).toBe(logs.best);
      }),
    );
  });

  it("are the same for costs in other units, counted from elsewhere", () => {
    fc.assert(
      fc.property(costs, fc.integer({ min: -100, max: 100 }), (some, shift) => {
        const moved = logCostsOf(some.map((cost) => 4 * cost + shift));
        const logs = logCostsOf(some);
        for (const cost of some) expect(moved.of(4 * cost + shift)).toBeCloseTo(logs.of(cost), 9);
      }),
    );
  });

  it("tell the best apart more than the worst", () => {
    const { of } = logCostsOf(Array.from({ length: 101 }, (_, place) => place));
    expect(of(5) - of(0)).toBeCloseTo(Math.log(2), 12);
    expect(of(100) - of(95)).toBeLessThan(0.05);
  });

  it("count infinite costs as the worst, and bear the largest numbers", () => {
    const logs = logCostsOf([3, Number.POSITIVE_INFINITY, 7]);
    expect(logs.of(Number.POSITIVE_INFINITY)).toBe(logs.of(7));
    const wide = logCostsOf([-1e308, 0, 1e308]);
    expect(wide.of(1e308)).toBeGreaterThan(wide.of(0));
    expect(Number.isFinite(wide.of(1e308))).toBe(true);
    expect(logCostsOf([0, 0]).of(0)).toBe(0);
  });
});
