import { describe, expect, it } from "vitest";
import { createRandom } from "../math/random.js";
import { growForest } from "./forest.js";

describe("a forest", () => {
  const random = createRandom(1, 0, 0);
  const rows = Array.from({ length: 150 }, () => Float64Array.of(random.uniform(), random.uniform()));
  const clean = Float64Array.from(rows, ([first = 0]) => 3 * first);
  const options = { trees: 20, leafSize: 3, seed: 1 };

  it("says of each row what trees that have not seen it predict", () => {
    const { unseen } = growForest(rows, clean, options);
    const errors = unseen.map((predicted, row) => Math.abs(predicted - (clean[row] ?? 0)));
    expect(errors.reduce((sum, each) => sum + each, 0) / errors.length).toBeLessThan(0.15);
  });

  it("cannot learn a row's own noise: without any law, the prediction says nothing of the row", () => {
    const noise = Float64Array.from(rows, () => random.normal());
    const { unseen } = growForest(rows, noise, options);
    const covariance = unseen.reduce((sum, each, row) => sum + each * (noise[row] ?? 0), 0) / rows.length;
    expect(covariance).toBeLessThan(0.1);
  });

  it("is the same for the same seed, and knows nothing of a row that every tree has seen", () => {
    expect(growForest(rows, clean, options).unseen).toEqual(growForest(rows, clean, options).unseen);
    const [row = Float64Array.of(0)] = rows;
    expect(growForest([row], Float64Array.of(1), options).unseen).toEqual(Float64Array.of(Number.NaN));
  });
});
