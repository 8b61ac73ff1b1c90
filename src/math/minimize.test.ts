import { describe, expect, it } from "vitest";
import { minimize } from "./minimize.js";

const box = (size: number, low: number, high: number) => ({
  low: new Float64Array(size).fill(low),
  high: new Float64Array(size).fill(high),
});
const LIMITS = { evaluations: 500, tolerance: 1e-9, gain: 0 };

const rosenbrock = (point: Float64Array) => {
  const gradient = new Float64Array(point.length);
  let value = 0;
  for (let n = 0; n + 1 < point.length; n++) {
    const [x = 0, y = 0] = point.subarray(n, n + 2);
    value += 100 * (y - x * x) ** 2 + (1 - x) ** 2;
    gradient[n] = (gradient[n] ?? 0) - 400 * x * (y - x * x) - 2 * (1 - x);
    gradient[n + 1] = (gradient[n + 1] ?? 0) + 200 * (y - x * x);
  }
  return { value, gradient };
};

describe("minimize", () => {
  it("finds the minimum of Rosenbrock's function", () => {
    const { point, value } = minimize(rosenbrock, Float64Array.of(-1.2, 1, -0.5, 1.5), box(4, -2, 2), LIMITS);
    expect(value).toBeLessThan(1e-14);
    for (const each of point) expect(each).toBeCloseTo(1, 6);
  });

  it("stops at the sides of the box, where the derivative leads out of it", () => {
    const bowl = (point: Float64Array) => ({
      value: (point[0] ?? 0) ** 2 + 10 * ((point[1] ?? 0) - (point[0] ?? 0)) ** 2,
      gradient: Float64Array.of(
        2 * (point[0] ?? 0) - 20 * ((point[1] ?? 0) - (point[0] ?? 0)),
        20 * ((point[1] ?? 0) - (point[0] ?? 0)),
      ),
    });
    // With x at 2 or more and y at most 1: both are at their side.
    const bounds = { low: Float64Array.of(2, -5), high: Float64Array.of(5, 1) };
    const { point } = minimize(bowl, Float64Array.of(4, -3), bounds, LIMITS);
    expect([...point]).toEqual([2, 1]);
    // With y free it follows x.
    const open = { low: Float64Array.of(2, -5), high: Float64Array.of(5, 5) };
    const followed = minimize(bowl, Float64Array.of(4, -3), open, LIMITS);
    expect(followed.point[0]).toBe(2);
    expect(followed.point[1]).toBeCloseTo(2, 8);
  });

  it("evaluates no more often than it may, and never outside of the box", () => {
    let used = 0;
    const counted = (point: Float64Array) => {
      used += 1;
      for (const each of point) expect(Math.abs(each)).toBeLessThanOrEqual(1.5);
      return rosenbrock(point);
    };
    minimize(counted, Float64Array.of(-1.2, 1), box(2, -1.5, 1.5), { ...LIMITS, evaluations: 7 });
    expect(used).toBe(7);
  });

  it("goes round what cannot be evaluated", () => {
    const holed = (point: Float64Array) => ((point[0] ?? 0) > 0.5 ? undefined : rosenbrock(point));
    const { point, value } = minimize(holed, Float64Array.of(-1, 1), box(2, -2, 2), LIMITS);
    expect(Number.isFinite(value)).toBe(true);
    expect(point[0]).toBeLessThanOrEqual(0.5);
    expect(value).toBeLessThan(1);
    expect(minimize(() => undefined, Float64Array.of(0), box(1, 0, 1), LIMITS).value).toBe(
      Number.POSITIVE_INFINITY,
    );
  });
});
