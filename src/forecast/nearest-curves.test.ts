import fc from "fast-check";
import { expect, it } from "vitest";
import { type ComparedCurve, createNearestCurves } from "./nearest-curves.js";

const POINTS = 4;
// Few values, so that many curves are equally near; many gaps.
const values = fc.array(fc.constantFrom(0, 1, 2, Number.NaN), { minLength: POINTS, maxLength: POINTS });
const library = fc
  .uniqueArray(fc.nat(50), { maxLength: 20 })
  .chain((trials) =>
    fc.tuple(...trials.map((trial) => values.map((each) => ({ trial, values: Float64Array.from(each) })))),
  );

/** All that can be compared over the first points, nearest first. */
function allNear(own: ComparedCurve, curves: readonly ComparedCurve[], points: number) {
  return curves
    .flatMap((curve) => {
      const squares = curve.values
        .slice(0, points)
        .map((value, point) => (value - (own.values[point] ?? Number.NaN)) ** 2)
        .filter((square) => !Number.isNaN(square));
      const mean = squares.reduce((sum, square) => sum + square, 0) / squares.length;
      return squares.length === 0 ? [] : [{ trial: curve.trial, distance: Math.sqrt(mean) }];
    })
    .toSorted((a, b) => a.distance - b.distance || a.trial - b.trial);
}

it("the nearest curves are the first of all, as the library grows", () => {
  fc.assert(
    fc.property(
      values,
      library,
      fc.nat(POINTS),
      fc.integer({ min: 1, max: 4 }),
      fc.nat(20),
      (mine, all, points, count, half) => {
        const own = { trial: -1, values: Float64Array.from(mine) };
        const { update } = createNearestCurves<ComparedCurve>(own, points, count);
        for (const curves of [all.slice(0, half), all, all]) {
          const near = update(curves).map(({ curve, distance }) => ({ trial: curve.trial, distance }));
          expect(near).toEqual(allNear(own, curves, points).slice(0, count));
        }
      },
    ),
    { numRuns: 200 },
  );
});
