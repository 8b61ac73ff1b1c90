import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRandom } from "../../math/random.js";
import { createBatches, type Lessons } from "./batches.js";
import type { Ended } from "./ended-trials.js";
import { createSearch, plainStart, type Terms } from "./restarts.js";

const terms: Terms = {
  ground: { bounds: [[0, 1]], grids: [], categories: [3] },
  size: 4,
  sigma: 0.2,
  restarts: "ipop",
  seed: 1,
};
const FIRST = 3;
const TRIALS = 60;

/** A study whose trials end, go on and end again. */
function studyOf(kept?: number) {
  const table: (Ended | undefined)[] = [];
  const known = Array.from({ length: TRIALS }, (_, trial) => {
    const random = createRandom(1, trial, 0);
    return { x: random.uniform(), c: random.integer(0, 2) };
  });
  const lessons: Lessons = {
    of: (trial) => table[trial],
    pointOf: (_trial, { x, c }) => ({
      coordinates: Float64Array.of(Number(x)),
      options: Int32Array.of(Number(c)),
    }),
  };
  const fresh = (limit?: number) =>
    createBatches(terms, FIRST, createSearch(terms, plainStart(Float64Array.of(0.5), 0.2)), lessons, limit);
  const batches = fresh(kept);
  return {
    batches,
    fresh,
    end: (trial: number, cost: number | undefined) => {
      table[trial] = cost === undefined ? undefined : { params: known[trial] ?? {}, cost };
      batches.changed([trial]);
    },
  };
}

const changes = fc.array(
  fc.record({
    trial: fc.integer({ min: FIRST, max: TRIALS - 1 }),
    cost: fc.oneof(fc.integer({ min: 0, max: 9 }), fc.constantFrom(undefined, Number.POSITIVE_INFINITY)),
    asked: fc.integer({ min: FIRST, max: TRIALS + 20 }),
  }),
  { minLength: 60, maxLength: 150 },
);

describe("batches", () => {
  it("teach the same whatever happened first, and however few searches are kept", () => {
    fc.assert(
      fc.property(changes, fc.constantFrom(1, 2, 100), (all, kept) => {
        const { batches, fresh, end } = studyOf(kept);
        for (const { trial, cost, asked } of all) {
          end(trial, cost);
          expect(batches.searchOf(asked)).toEqual(fresh().searchOf(asked));
        }
      }),
      { numRuns: 40 },
    );
  });

  it("are not taught again while the ranks of costs stay", () => {
    const { batches, end } = studyOf();
    for (let trial = FIRST; trial < TRIALS; trial++) end(trial, trial % 4);
    const before = batches.searchOf(TRIALS);
    end(FIRST, (FIRST % 4) + 0.4);
    expect(batches.searchOf(TRIALS)).toBe(before);
    end(FIRST, -1);
    expect(batches.searchOf(TRIALS)).not.toBe(before);
  });

  it("count from half of their trials on", () => {
    const { batches, end } = studyOf();
    const begin = batches.searchOf(FIRST);
    end(FIRST + 2, 1);
    expect(batches.searchOf(FIRST + 4)).toBe(begin);
    end(FIRST, 2);
    expect(batches.searchOf(FIRST + 3)).toBe(begin);
    expect(batches.searchOf(FIRST + 4)).not.toBe(begin);
  });
});
