import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { choice, float, int, ordinal, type Params } from "../core/param.js";
import { createSearchSpace } from "../core/search-space.js";
import { paramImportance } from "./param-importance.js";

// Written by tests/goldens/importance.py.
const golden = z
  .object({
    cases: z.array(
      z.object({
        target: z.number(),
        region: z.number(),
        trials: z.array(
          z.object({ params: z.record(z.string(), z.union([z.number(), z.string()])), value: z.number() }),
        ),
        importances: z.record(z.string(), z.number()),
      }),
    ),
  })
  .parse(JSON.parse(readFileSync(new URL("../../tests/goldens/importance.json", import.meta.url), "utf8")));

const space = createSearchSpace({
  rate: float(1e-4, 1, { log: true }),
  momentum: float(0, 0.99),
  dropout: float(0, 0.5, { step: 0.1 }),
  width: int(16, 512, { log: true }),
  depth: int(1, 6),
  kind: choice(["sgd", "adam", "rms"]),
  beta: float(0.8, 0.999, { when: { kind: "adam" } }),
});

describe("the importance of params", () => {
  it.each(golden.cases.map((each, index) => ({ ...each, index })))(
    "is Optuna's, for case $index",
    ({ target, region, trials, importances }) => {
      const measured = trials.map(({ params, value }) => ({ params, cost: value }));
      const { params: found } = paramImportance(space, measured, { share: target, among: region });
      expect(found).toHaveLength(7);
      const total = Object.values(importances).reduce((sum, each) => sum + each, 0);
      for (const { param, divergence, importance } of found) {
        const wanted = importances[param] ?? Number.NaN;
        expect(Math.abs(divergence / wanted - 1), param).toBeLessThan(1e-9);
        expect(importance).toBeCloseTo(wanted / total, 9);
      }
      expect(found.map(({ param }) => param)).toEqual(
        Object.entries(importances)
          .toSorted(([, a], [, b]) => b - a)
          .map(([name]) => name),
      );
    },
  );

  const simple = createSearchSpace({ a: float(0, 1), b: float(0, 1), size: ordinal([1, 2, 4]) });
  const point = fc.record({
    a: fc.double({ min: 0, max: 1, noNaN: true }),
    b: fc.double({ min: 0, max: 1, noNaN: true }),
    size: fc.constantFrom(1, 2, 4),
  });
  const importanceBy = (points: readonly Params[], costOfPoint: (params: Params) => number) =>
    paramImportance(
      simple,
      points.map((params) => ({ params, cost: costOfPoint(params) })),
      { share: 0.2 },
    ).params;

  it("adds up to 1, whatever the order of the trials, or is 0", () => {
    fc.assert(
      fc.property(fc.array(point, { maxLength: 40 }), (points) => {
        const found = importanceBy(points, ({ a }) => Number(a));
        const again = importanceBy(points.toReversed(), ({ a }) => Number(a));
        for (const [place, { divergence }] of found.entries())
          expect(divergence).toBeCloseTo(again[place]?.divergence ?? Number.NaN, 12);
        const total = found.reduce((sum, { importance }) => sum + importance, 0);
        const matters = found.some(({ divergence }) => divergence > 0);
        expect(total).toBeCloseTo(matters ? 1 : 0, 12);
      }),
    );
  });

  it("leaves out trials that failed, and is 0 where all are as good", () => {
    const points = Array.from({ length: 30 }, (_, n) => ({ a: n / 30, b: ((n * 7) % 30) / 30, size: 1 }));
    const good = importanceBy(points, ({ a }) => Number(a));
    const [first] = good;
    expect(first?.param).toBe("a");
    const failed = points.map((params) => ({ params, cost: Number.POSITIVE_INFINITY }));
    const measured = points.map((params) => ({ params, cost: params.a }));
    expect(paramImportance(simple, [...failed, ...measured], { share: 0.2 }).params).toEqual(good);
    expect(paramImportance(simple, failed).params.every(({ importance }) => importance === 0)).toBe(true);
    expect(importanceBy(points, () => 1).every(({ divergence }) => divergence < 1e-20)).toBe(true);
  });

  it("comes with the values of the best trials", () => {
    const points = Array.from({ length: 100 }, (_, n) => ({ a: n / 100, b: 0.5, size: n < 15 ? 2 : 4 }));
    const found = paramImportance(
      simple,
      points.map((params) => ({ params, cost: params.a })),
      { share: 0.2 },
    );
    expect(found).toMatchObject({ trials: 100, bestTrials: 20 });
    const best = Object.fromEntries(found.params.map(({ param, best: values }) => [param, values]));
    // Of 0, .01, ..., .19 without the two smallest and the two largest.
    expect(best["a"]).toEqual({ kind: "range", low: 0.02, high: 0.17 });
    expect(best["size"]).toEqual({ kind: "value", value: 2, share: 0.75 });
  });
});
