import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRandom } from "../math/random.js";
import { createRanking, type Ranking } from "./ranking.js";

/** What a ranking says otherwise than a sorted list of the same. */
function wrongIn(ranking: Ranking, costs: ReadonlyMap<number, number>): string[] {
  const sorted = [...costs]
    .map(([trial, cost]) => ({ trial, cost }))
    .sort((a, b) => (a.cost === b.cost ? a.trial - b.trial : a.cost - b.cost));
  const wrong: string[] = [];
  const compare = (what: string, actual: unknown, wanted: unknown): void => {
    const [said, meant] = [JSON.stringify(actual), JSON.stringify(wanted)];
    if (said !== meant) wrong.push(`${what}: ${said}, not ${meant}`);
  };
  compare("size", ranking.size, sorted.length);
  compare("first", ranking.first(), sorted[0]);
  compare("beyond", ranking.costAt(sorted.length), undefined);
  for (const [rank, { trial, cost }] of sorted.entries()) {
    compare(`rank of ${trial}`, ranking.rankOf(trial, cost), rank);
    compare(`rank of another one beside ${trial}`, ranking.rankOf(trial + 0.5, cost), rank + 1);
    compare(`cost at ${rank}`, ranking.costAt(rank), cost);
  }
  for (const cost of [-1, 0, 4, 4.5, 9, Number.POSITIVE_INFINITY]) {
    const below = sorted.filter((each) => each.cost < cost).length;
    compare(`below ${cost}`, ranking.countBelow(cost), below);
  }
  return wrong;
}

describe("a ranking", () => {
  it("is empty at first", () => {
    expect(wrongIn(createRanking(), new Map())).toEqual([]);
  });

  // Blocks have 512 trials at most; 256 or more that are added in a row are sorted in at once.
  it.each([
    ["some trials, one by one", 40, 1],
    ["many trials, one by one", 1400, 1],
    ["many trials, some at a time", 1400, 100],
    ["many trials, most of them at once", 1400, 1200],
  ])("matches a sorted list of %s, whatever is removed", (_, count, together) => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const random = createRandom(seed, 0, 0);
        const ranking = createRanking();
        const costs = new Map<number, number>();
        for (let change = 0; change < count; change++) {
          const trial = random.integer(0, 3000);
          const drawn = random.integer(0, 10);
          const cost = drawn === 10 ? Number.POSITIVE_INFINITY : drawn;
          const known = costs.get(trial);
          if (known === undefined) {
            ranking.add(trial, cost);
            costs.set(trial, cost);
          } else if (change < together) {
            // Only additions at first: as many in a row as are asked for.
            continue;
          } else if (cost < 3) {
            ranking.remove(trial, known);
            costs.delete(trial);
          } else if (cost !== known) ranking.remove(trial, cost);
          // A question puts in their places what was added before.
          if (change % together === 0) ranking.first();
        }
        expect(wrongIn(ranking, costs)).toEqual([]);
        for (const [trial, cost] of [...costs].slice(0, -2)) {
          ranking.remove(trial, cost);
          costs.delete(trial);
        }
        expect(wrongIn(ranking, costs)).toEqual([]);
      }),
      { numRuns: 2 },
    );
  });
});
