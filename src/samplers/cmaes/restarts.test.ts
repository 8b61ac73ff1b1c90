import { describe, expect, it } from "vitest";
import type { Judged } from "./distribution.js";
import { afterBatch, createSearch, plainStart, type Restarts, type Search, type Terms } from "./restarts.js";

const SIZE = 6;
const termsOf = (restarts: Restarts): Terms => ({
  ground: { bounds: [[0, 1]], grids: [], categories: [] },
  size: SIZE,
  sigma: 0.2,
  restarts,
  seed: 1,
});
const begin = (terms: Terms): Search => createSearch(terms, plainStart(Float64Array.of(0.5), terms.sigma));

/** A generation of the search's run, in which all points cost the same. */
const alike = ({ run }: Search, cost: number): Judged[] =>
  Array.from({ length: run.size }, (_, place) => ({
    point: { coordinates: Float64Array.of((place + 0.5) / run.size), options: new Int32Array(0) },
    cost,
  }));

/** The runs that follow each other while every cost is the same: size and step of each. */
function runsOf(terms: Terms, generations: number): (readonly [size: number, sigma: number])[] {
  let search = begin(terms);
  const runs: (readonly [number, number])[] = [];
  for (let generation = 0; generation < generations; generation++) {
    if (runs.length === search.restarts)
      runs.push([search.run.size, search.run.distribution.normal?.sigma ?? 0]);
    search = afterBatch(search, alike(search, 1), terms);
  }
  return runs;
}

describe("restarts", () => {
  it("double the generations each time with ipop", () => {
    const runs = runsOf(termsOf("ipop"), 60);
    expect(runs.slice(0, 4)).toEqual([6, 12, 24, 48].map((size) => [size, 0.2]));
  });

  it("come with small generations and shorter steps in between with bipop", () => {
    const runs = runsOf(termsOf("bipop"), 400);
    const large = runs.flatMap(([size, sigma]) => (sigma === 0.2 ? [size] : []));
    expect(large.slice(0, 4)).toEqual([6, 12, 24, 48]);
    const small = runs.filter(([, sigma]) => sigma !== 0.2);
    expect(small.length).toBeGreaterThan(3);
    for (const [size, sigma] of small) {
      expect(size).toBeGreaterThanOrEqual(SIZE);
      expect(sigma).toBeGreaterThan(0.002);
      expect(sigma).toBeLessThan(0.2);
    }
  });

  it("do not come without being wanted, nor where everything fails", () => {
    expect(runsOf(termsOf("none"), 400)).toHaveLength(1);
    const terms = termsOf("bipop");
    let search = begin(terms);
    const before = search.run.distribution;
    for (let generation = 0; generation < 100; generation++)
      search = afterBatch(search, alike(search, Number.POSITIVE_INFINITY), terms);
    expect(search.restarts).toBe(0);
    expect(search.run.distribution).toBe(before);
  });
});
