import { describe, expect, it } from "vitest";
import { createMaternProcess } from "../../math/process/matern-process.js";
import { createRandom } from "../../math/random.js";
import { createAcquisition } from "./acquisition.js";

const random = createRandom(3, 0, 0);
const points = Array.from({ length: 14 }, () =>
  Float64Array.of(random.uniform(), random.uniform(), random.integer(0, 1)),
);
const process = createMaternProcess(2, 3, 10);
process.condition(
  {
    points,
    targets: Float64Array.from(points, ([x = 0, y = 0]) => (x - 0.4) ** 2 + y),
    noises: new Float64Array(14).fill(1e-3),
  },
  Float64Array.of(4, 1, 0.5),
);
const warp = { first: Float64Array.of(1.7, 0.6), second: Float64Array.of(0.8, 1.2) };

describe("the acquisition", () => {
  it.each([
    ["without a warp", undefined],
    ["with a warp", warp],
  ])("has slopes that agree with differences, %s", (_name, chosen) => {
    // Far below what can be expected the logarithm is steep.
    for (const best of [0.1, -30]) {
      const acquisition = createAcquisition(process, chosen, best);
      const row = Float64Array.of(0.3, 0.6, 1);
      const { value, gradient } = acquisition.slopes(row, [1, 0]);
      expect(value).toBe(acquisition.values([row])[0]);
      const h = 1e-6;
      for (const [place, column] of [1, 0].entries()) {
        const at = (change: number): number => {
          const moved = row.map((each, other) => each + (other === column ? change : 0));
          return acquisition.values([moved])[0] ?? Number.NaN;
        };
        const difference = (at(h) - at(-h)) / (2 * h);
        expect((gradient[place] ?? 0) / difference).toBeCloseTo(1, 4);
      }
    }
  });

  it("is the logarithm of the expected improvement", () => {
    const { means, variances } = process.predict([Float64Array.of(0.9, 0.1, 0)]);
    const mean = means[0] ?? 0;
    const variance = variances[0] ?? 0;
    const best = 0.3;
    const found = createAcquisition(process, undefined, best).values([Float64Array.of(0.9, 0.1, 0)])[0];
    // The integral of the improvement over the predicted distribution, by the midpoint rule.
    const deviation = Math.sqrt(variance);
    let sum = 0;
    const step = 1e-4;
    for (let z = -10 + step / 2; z < 10; z += step) {
      const improvement = Math.max(0, best - (mean + deviation * z));
      sum += (improvement * Math.exp(-0.5 * z * z) * step) / Math.sqrt(2 * Math.PI);
    }
    expect(found).toBeCloseTo(Math.log(sum), 6);
  });
});
