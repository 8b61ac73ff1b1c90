import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { crowdingDistances } from "./crowding-distance.js";
import { dominates } from "./domination.js";
import { hypervolume, hypervolumeContributions } from "./hypervolume.js";
import { hypervolumeOrder } from "./hypervolume-order.js";
import { nonDominatedRanks } from "./non-dominated-ranks.js";

const costs = z.array(z.array(z.number()));
// Written by tests/goldens/pareto.py.
const { cases } = z
  .object({
    cases: z.array(
      z.object({
        costs,
        ranks: z.array(z.number()),
        hypervolume: z.number(),
        front: costs,
        crowding: z.array(z.number().nullable()),
      }),
    ),
  })
  .parse(JSON.parse(readFileSync(new URL("../../../tests/goldens/pareto.json", import.meta.url), "utf8")));

describe("several goals, as pymoo has it", () => {
  it.each(cases.map((each, index) => ({ ...each, index })))("case $index", (golden) => {
    const reference = (golden.costs[0] ?? []).map(() => 0.9);
    expect(nonDominatedRanks(golden.costs)).toEqual(golden.ranks);
    expect(hypervolume(golden.costs, reference)).toBeCloseTo(golden.hypervolume, 12);
    const distances = crowdingDistances(golden.front);
    for (const [place, distance] of golden.crowding.entries())
      expect(distances[place]).toBeCloseTo(distance ?? Number.POSITIVE_INFINITY, 9);
  });
});

const point = (goals: number) =>
  fc.array(fc.integer({ min: 0, max: 5 }), { minLength: goals, maxLength: goals });
const candidates = fc
  .integer({ min: 1, max: 4 })
  .chain((goals) => fc.array(point(goals), { minLength: 1, maxLength: 12 }));

describe("laws of several goals", () => {
  it("ranks follow their definition", () => {
    fc.assert(
      fc.property(candidates, (all) => {
        const ranks = nonDominatedRanks(all);
        for (const [index, each] of all.entries()) {
          const above = all.flatMap((other, place) => (dominates(other, each) ? [ranks[place] ?? 0] : []));
          expect(ranks[index]).toBe(above.length === 0 ? 0 : 1 + Math.max(...above));
        }
      }),
    );
  });

  it("the hypervolume counts the unit cells that are dominated", () => {
    const cells = (goals: number): number[][] =>
      goals === 0 ? [[]] : cells(goals - 1).flatMap((cell) => [0, 1, 2, 3, 4].map((next) => [...cell, next]));
    const covered = (all: readonly number[][], goals: number): number =>
      cells(goals).filter((cell) => all.some((each) => each.every((cost, goal) => cost <= (cell[goal] ?? 0))))
        .length;
    fc.assert(
      fc.property(candidates, (all) => {
        const goals = all[0]?.length ?? 0;
        const reference = Array.from({ length: goals }, () => 5);
        expect(hypervolume(all, reference)).toBeCloseTo(covered(all, goals), 9);
        const contributions = hypervolumeContributions(all, reference);
        for (const [index, contribution] of contributions.entries()) {
          const others = all.filter((_, place) => place !== index);
          expect(contribution).toBeCloseTo(covered(all, goals) - covered(others, goals), 9);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("each member of an ordered front adds the most to those before it; of equals, the earlier is first", () => {
    fc.assert(
      fc.property(candidates, (all) => {
        const front = all.filter((each) => !all.some((other) => dominates(other, each)));
        const reference = (front[0] ?? []).map(() => 4);
        const order = hypervolumeOrder(front, reference);
        expect(order.toSorted((a, b) => a - b)).toEqual([...front.keys()]);
        const volumeOf = (places: readonly number[]): number =>
          hypervolume(
            places.map((place) => front[place] ?? []),
            reference,
          );
        for (const [turn, taken] of order.entries()) {
          const before = order.slice(0, turn);
          const volume = volumeOf([...before, taken]);
          for (const other of order.slice(turn + 1)) {
            const otherVolume = volumeOf([...before, other]);
            expect(volume > otherVolume || (volume === otherVolume && taken < other)).toBe(true);
          }
        }
      }),
    );
  });
});
