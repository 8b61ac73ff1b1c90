import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { createDistribution, type Distribution, learn, pointOf } from "./distribution.js";
import { gridOf, rounded } from "./grid.js";

const numbers = z.array(z.number());
/** See tests/goldens/catcmawm.py: generations of the package cmaes, with the random numbers that it was given. */
const { cases } = z
  .object({
    cases: z.array(
      z.object({
        name: z.string(),
        bounds: z.array(z.tuple([z.number(), z.number()])),
        grids: z.array(numbers),
        categories: numbers,
        mean: numbers,
        deviations: numbers,
        sigma: z.number(),
        generations: z.array(
          z.object({
            normals: z.array(numbers),
            uniforms: z.array(numbers),
            numbers: z.array(numbers),
            choices: z.array(numbers),
            costs: numbers,
            after: z.object({
              mean: numbers.default([]),
              sigma: z.number().optional(),
              covariance: numbers.default([]),
              stretch: numbers.default([]),
              mutation: numbers.default([]),
              shares: z.array(numbers).default([]),
            }),
          }),
        ),
      }),
    ),
  })
  .parse(JSON.parse(readFileSync(join(import.meta.dirname, "../../../tests/goldens/catcmawm.json"), "utf8")));

/** The largest relative difference of two lists of numbers. */
function away(ours: ArrayLike<number>, theirs: readonly number[]): number {
  expect(ours.length).toBe(theirs.length);
  return theirs.reduce(
    (most, value, place) =>
      Math.max(most, Math.abs(value - (ours[place] ?? Number.NaN)) / Math.max(1, Math.abs(value))),
    0,
  );
}

/** Where the coordinates of a point are evaluated: inside the bounds, and rounded. */
function evaluatedAt({ ground }: Distribution, coordinates: Float64Array): number[] {
  return [...coordinates].map((coordinate, place) => {
    const [low, high] = ground.bounds[place] ?? [0, 0];
    const grid = ground.grids[place - ground.bounds.length];
    return grid === undefined ? Math.min(high, Math.max(low, coordinate)) : rounded(grid, coordinate);
  });
}

describe("a distribution of the CMA-ES with margin and categories", () => {
  it.each(cases.map((each) => [each.name, each] as const))(
    "of %s learns as the package cmaes does",
    (_, given) => {
      const { bounds, categories, deviations, sigma, generations } = given;
      const grids = given.grids.map((values) => gridOf(Float64Array.from(values)));
      const mean = Float64Array.from(given.mean);
      const covariance = new Float64Array(mean.length ** 2);
      for (const [place, deviation] of deviations.entries())
        covariance[place * (mean.length + 1)] = deviation ** 2;
      let distribution = createDistribution({ bounds, grids, categories }, { mean, sigma, covariance });
      for (const { normals, uniforms, numbers: evaluated, choices, costs, after } of generations) {
        const judged = costs.map((cost, place) => {
          const deviates = Float64Array.from(normals[place] ?? []);
          const point = pointOf(distribution, deviates, Float64Array.from(uniforms[place] ?? []));
          expect(away(evaluatedAt(distribution, point.coordinates), evaluated[place] ?? [])).toBeLessThan(
            1e-9,
          );
          expect([...point.options]).toEqual(choices[place]);
          return { point, cost };
        });
        distribution = learn(distribution, judged);
        const { normal, mutation, categories: learnt } = distribution;
        expect(away(normal?.mean ?? [], after.mean)).toBeLessThan(1e-9);
        expect(away([normal?.sigma ?? 0], [after.sigma ?? 0])).toBeLessThan(1e-9);
        expect(away(normal?.covariance ?? [], after.covariance)).toBeLessThan(1e-9);
        expect(away(normal?.stretch ?? [], after.stretch)).toBeLessThan(1e-9);
        expect(away(mutation, after.mutation)).toBeLessThan(1e-9);
        for (const [choice, shares] of after.shares.entries())
          expect(away(learnt?.shares[choice] ?? [], shares)).toBeLessThan(1e-9);
      }
      expect(distribution.generation).toBe(generations.length);
    },
  );
});
