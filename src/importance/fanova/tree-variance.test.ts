import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { columnsOf, growExtraTree } from "../../math/extra-trees.js";
import { createRandom } from "../../math/random.js";
import { treeVariance } from "./tree-variance.js";

// Written by tests/goldens/fanova.py.
const golden = z
  .object({
    cases: z.array(
      z.object({
        feature: z.array(z.number()),
        cut: z.array(z.number()),
        left: z.array(z.number()),
        right: z.array(z.number()),
        mean: z.array(z.number()),
        total: z.number(),
        single: z.array(z.number()),
        pairs: z.array(z.object({ features: z.tuple([z.number(), z.number()]), variance: z.number() })),
      }),
    ),
  })
  .parse(JSON.parse(readFileSync(new URL("../../../tests/goldens/fanova.json", import.meta.url), "utf8")));

describe("the variance of a tree", () => {
  it.each(golden.cases.map((each, index) => ({ ...each, index })))(
    "is divided as Optuna divides it, for tree $index",
    ({ feature, cut, left, right, mean, total, single, pairs }) => {
      const nodes = {
        feature: Int32Array.from(feature),
        cut: Float64Array.from(cut),
        left: Int32Array.from(left),
        right: Int32Array.from(right),
        mean: Float64Array.from(mean),
      };
      const found = treeVariance(nodes, 4, (_, at) => at);
      expect(Math.abs(found.total / total - 1)).toBeLessThan(1e-9);
      for (const [place, wanted] of single.entries()) expect(found.single[place]).toBeCloseTo(wanted, 12);
      for (const { features, variance } of pairs) expect(found.pair(...features)).toBeCloseTo(variance, 12);
    },
  );

  it("adds up over all features and pairs of a tree of two features", () => {
    const random = createRandom(1, 0, 0);
    const rows = Array.from({ length: 200 }, () => Float64Array.of(random.uniform(), random.uniform()));
    const targets = Float64Array.from(rows, ([a = 0, b = 0]) => a * b + a);
    const { nodes } = growExtraTree(columnsOf(rows), targets, 2, random);
    const { total, single, pair } = treeVariance(nodes, 2, (_, at) => at);
    expect((single[0] ?? 0) + (single[1] ?? 0) + pair(0, 1)).toBeCloseTo(total, 12);
    expect(pair(1, 0)).toBeCloseTo(pair(0, 1), 12);
  });

  it("is 0 for a tree that is one leaf, and for a feature whose mass is elsewhere", () => {
    const leaf = growExtraTree(columnsOf([Float64Array.of(1)]), Float64Array.of(3), 1, createRandom(1, 0, 0));
    expect(treeVariance(leaf.nodes, 1, (_, at) => at)).toMatchObject({
      total: 0,
      single: Float64Array.of(0),
    });
    const rows = [0.1, 0.2, 0.8, 0.9].map((x) => Float64Array.of(x));
    const { nodes } = growExtraTree(columnsOf(rows), Float64Array.of(1, 1, 5, 5), 2, createRandom(1, 0, 0));
    expect(treeVariance(nodes, 1, () => 1).total).toBeCloseTo(0, 12);
  });
});
