import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { warmStart } from "./warm-start.js";

const numbers = z.array(z.number());
/** See tests/goldens/catcmawm.py: warm starts of the package cmaes. */
const { warm } = z
  .object({
    warm: z.array(
      z.object({
        points: z.array(numbers),
        costs: numbers,
        mean: numbers,
        sigma: z.number(),
        covariance: numbers,
      }),
    ),
  })
  .parse(JSON.parse(readFileSync(join(import.meta.dirname, "../../../tests/goldens/catcmawm.json"), "utf8")));

const judgedAt = (coordinates: readonly number[], options: readonly number[], cost: number) => ({
  point: { coordinates: Float64Array.from(coordinates), options: Int32Array.from(options) },
  cost,
});

describe("a warm start", () => {
  it.each(warm.map((each) => [each.points.length, each] as const))(
    "from %i points is that of the package cmaes",
    (_, { points, costs, mean, sigma, covariance }) => {
      const judged = points.map((point, place) => judgedAt(point, [], costs[place] ?? 0));
      const ground = { bounds: points[0]?.map(() => [0, 1] as const) ?? [], grids: [], categories: [] };
      const start = warmStart(ground, judged);
      const found = [...(start?.mean ?? []), start?.sigma ?? 0, ...(start?.covariance ?? [])];
      const known = [...mean, sigma, ...covariance];
      expect(found).toHaveLength(known.length);
      for (const [place, value] of known.entries()) expect(found[place]).toBeCloseTo(value, 12);
    },
  );

  it("needs ten points", () => {
    const ground = { bounds: [[0, 1] as const], grids: [], categories: [] };
    const judged = Array.from({ length: 10 }, (_, place) => judgedAt([place / 10], [], place));
    expect(warmStart(ground, judged.slice(1))).toBeUndefined();
    expect(warmStart(ground, judged)?.mean).toEqual(Float64Array.of(0));
  });

  it("makes the options of the best points likelier, but leaves none out", () => {
    const ground = { bounds: [], grids: [], categories: [3] };
    const judged = Array.from({ length: 30 }, (_, place) => judgedAt([], [place < 2 ? 2 : 0], place));
    const [shares] = warmStart(ground, judged)?.shares ?? [];
    // Of three best points, two have the last option, and one of each is added.
    expect([...(shares ?? [])]).toEqual([2 / 6, 1 / 6, 3 / 6].map((share) => expect.closeTo(share, 14)));
  });
});
