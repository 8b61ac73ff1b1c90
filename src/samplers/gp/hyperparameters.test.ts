import { describe, expect, it } from "vitest";
import { createMaternProcess } from "../../math/process/matern-process.js";
import { createRandom } from "../../math/random.js";
import { fitHyperparameters, type Lessons, unlikelinessOf } from "./hyperparameters.js";

/** Lessons about two numbers, of which only the first matters, and a choice. */
function lessonsOf(count: number, noise = 0): Lessons {
  const random = createRandom(count, 0, 0);
  const rows = Array.from({ length: count }, () =>
    Float64Array.of(random.uniform(), random.uniform(), random.integer(0, 2)),
  );
  return {
    rows,
    targets: Float64Array.from(rows, ([x = 0]) => Math.sin(7 * x) + noise * random.normal()),
    variances: Float64Array.from(rows, (_, place) => (place % 3 === 0 ? 0.2 : 0)),
  };
}

describe("the fit of hyperparameters", () => {
  it.each([8, 26])("follows derivatives that agree with differences, with %i lessons", (count) => {
    const { evaluate, startAt } = unlikelinessOf(createMaternProcess(2, 3, 10), lessonsOf(count), 2);
    const random = createRandom(2, 0, 0);
    const point = startAt(0.5, 3).map((each) => each + 0.3 * random.normal());
    // Lengths of three columns, the noise, and with enough lessons two exponents for each of two columns.
    expect(point).toHaveLength(count < 20 ? 4 : 8);
    const found = evaluate(point);
    const h = 1e-5;
    for (let place = 0; place < point.length; place++) {
      const at = (change: number): number =>
        evaluate(point.map((each, other) => each + (other === place ? change : 0)))?.value ?? Number.NaN;
      expect(found?.gradient[place]).toBeCloseTo((at(h) - at(-h)) / (2 * h), 5);
    }
  });

  it("finds which columns matter, and how much noise there is", () => {
    const fit = (noise: number) => fitHyperparameters(createMaternProcess(2, 3, 10), lessonsOf(60, noise), 2);
    const clean = fit(0);
    expect(clean.weights[0]).toBeGreaterThan(20 * (clean.weights[1] ?? 0));
    expect(clean.weights[0]).toBeGreaterThan(20 * (clean.weights[2] ?? 0));
    expect(clean.noise).toBeLessThan(0.002);
    expect(clean.noise).toBeGreaterThanOrEqual(1e-4 * (1 - 1e-12));
    const noisy = fit(0.5);
    expect(noisy.noise).toBeGreaterThan(0.05);
    expect(noisy.noise).toBeLessThan(0.5);
  });

  it("stretches the end at which a function changes fast", () => {
    const { rows, variances } = lessonsOf(60);
    const targets = Float64Array.from(rows, ([x = 0]) => Math.sin(12 * x ** 0.3));
    const { warp } = fitHyperparameters(createMaternProcess(2, 3, 10), { rows, targets, variances }, 2);
    expect(warp?.first[0]).toBeLessThan(0.8);
    expect(fitHyperparameters(createMaternProcess(2, 3, 10), lessonsOf(19), 2).warp).toBeUndefined();
  });

  it("is finite whatever the targets", () => {
    const { rows } = lessonsOf(25);
    const none = new Float64Array(25);
    for (const targets of [none, none.map((_, place) => (place === 3 ? 5 : -0.2))]) {
      const lessons = { rows: rows.map(() => Float64Array.of(0.5, 0.5, 1)), targets, variances: none };
      const { weights, noise } = fitHyperparameters(createMaternProcess(2, 3, 10), lessons, 2);
      for (const each of [...weights, noise]) expect(Number.isFinite(each) && each > 0).toBe(true);
    }
  });
});
