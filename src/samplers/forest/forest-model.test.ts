import { describe, expect, it } from "vitest";
import { createRandom } from "../../math/random.js";
import { type ForestModel, growForest, type Lesson } from "./forest-model.js";

/** Lessons on a line, best at 0.3. */
function line(count: number, deviation = 0): Lesson[] {
  return Array.from({ length: count }, (_, place) => {
    const x = (place + 0.5) / count;
    return { row: Float64Array.of(x), cost: (x - 0.3) ** 2, deviation };
  });
}
const grow = (lessons: readonly Lesson[], underWay: readonly number[] = [], trees = 40): ForestModel =>
  growForest(
    lessons,
    underWay.map((x) => Float64Array.of(x)),
    trees,
    createRandom(1, 0, 0),
  );
const promiseAt = ({ promiseOf }: ForestModel, x: number): number => promiseOf(Float64Array.of(x));

describe("a forest", () => {
  it("promises most near the best trials", () => {
    const model = grow(line(25));
    const places = Array.from({ length: 99 }, (_, place) => (place + 1) / 100);
    const best = places.toSorted((a, b) => promiseAt(model, b) - promiseAt(model, a)).slice(0, 5);
    for (const x of best) expect(Math.abs(x - 0.3)).toBeLessThan(0.12);
  });

  it("promises less where a trial is under way", () => {
    const free = grow(line(25));
    const taken = grow(line(25), [0.3]);
    expect(promiseAt(taken, 0.3)).toBeLessThan(promiseAt(free, 0.3) - 1);
    expect(promiseAt(taken, 0.9)).toBeCloseTo(promiseAt(free, 0.9), 9);
  });

  it("promises more where forecasts are uncertain", () => {
    const known = line(25);
    const uncertain = known.map((lesson, place) => (place > 18 ? { ...lesson, deviation: 0.3 } : lesson));
    expect(promiseAt(grow(uncertain), 0.9)).toBeGreaterThan(promiseAt(grow(known), 0.9));
  });

  it("keeps away from failed trials", () => {
    const lessons = line(25).map((lesson, place) =>
      place > 9 ? { ...lesson, cost: Number.POSITIVE_INFINITY } : lesson,
    );
    const model = grow(lessons);
    expect(promiseAt(model, 0.7)).toBeLessThan(promiseAt(model, 0.3));
  });

  it("always learns from the best of thousands of trials", () => {
    const lessons = line(4000).map((lesson, place) => (place === 3333 ? { ...lesson, cost: -1 } : lesson));
    const model = grow(lessons, [], 10);
    const at = (3333 + 0.5) / 4000;
    expect(promiseAt(model, at)).toBeGreaterThan(promiseAt(model, 0.1));
    // In every tree, the best trial has a leaf of its own, so that nothing is left to be gained there.
    expect(promiseAt(model, at)).toBeCloseTo(Math.log(1e-6) + Math.log(1 / Math.sqrt(2 * Math.PI)), 6);
  });
});
