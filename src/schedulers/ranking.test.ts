import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRanking } from "./ranking.js";

const cost = fc.oneof(fc.integer({ min: 0, max: 9 }), fc.constant(Number.POSITIVE_INFINITY));

describe("a ranking", () => {
  it("is a sorted list, whatever is added and removed", () => {
    const changes = fc.array(
      fc.record({ trial: fc.nat(3000), cost, removes: fc.integer({ min: 0, max: 4 }) }),
      {
        minLength: 1,
        maxLength: 3000,
        size: "max",
      },
    );
    fc.assert(
      fc.property(changes, cost, (all, asked) => {
        const ranking = createRanking();
        const costs = new Map<number, number>();
        for (const { trial, cost: each, removes } of all) {
          const known = costs.get(trial);
          if (known === undefined) {
            ranking.add(trial, each);
            costs.set(trial, each);
          } else if (removes === 0) {
            ranking.remove(trial, known);
            costs.delete(trial);
          } else if (removes === 1 && each !== known) ranking.remove(trial, each);
        }
        const sorted = [...costs]
          .map(([trial, each]) => ({ trial, cost: each }))
          .sort((a, b) => (a.cost === b.cost ? a.trial - b.trial : a.cost - b.cost));
        expect(ranking.size).toBe(sorted.length);
        expect(ranking.first()).toEqual(sorted[0]);
        expect(sorted.map((each) => ranking.rankOf(each.trial, each.cost))).toEqual([...sorted.keys()]);
        expect([...sorted, undefined].map((_, rank) => ranking.costAt(rank))).toEqual([
          ...sorted.map((each) => each.cost),
          undefined,
        ]);
        expect(ranking.countBelow(asked)).toBe(sorted.filter((each) => each.cost < asked).length);
      }),
      { numRuns: 30 },
    );
  });
});
