import fc from "fast-check";
import { expect, it } from "vitest";
import { type ComparedCurve, createComparedCurves, createNearestCurves } from "./nearest-curves.js";

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
      fc.array(fc.nat(POINTS)),
      (mine, all, points, count, half, segments) => {
        const own = { trial: -1, values: Float64Array.from(mine) };
        const { update } = createNearestCurves<ComparedCurve>(own, count);
        const ends = [...segments.filter((end) => end < points).toSorted((a, b) => a - b), points];
        const compared = createComparedCurves<ComparedCurve>(ends);
        for (const curves of [all.slice(0, half), all, all]) {
          for (const curve of curves.slice(compared.curves.length)) compared.add(curve);
          const near = update(compared).map(({ curve, distance }) => ({ trial: curve.trial, distance }));
          expect(near).toEqual(allNear(own, curves, points).slice(0, count));
        }
      },
    ),
    { numRuns: 200 },
  );
});

it("the nearest curves of many are the first of all, also after some have gone or changed", () => {
  const smooth = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 8, maxLength: 8 });
  fc.assert(
    fc.property(fc.array(smooth, { minLength: 30, maxLength: 60 }), smooth, (all, mine) => {
      const curves = all.map((each, trial) => ({ trial, values: Float64Array.from(each) }));
      const own = { trial: -1, values: Float64Array.from(mine) };
      const compared = createComparedCurves<ComparedCurve>([1, 4, 8]);
      for (const curve of curves) compared.add(curve);
      const near = () =>
        createNearestCurves<ComparedCurve>(own, 3)
          .update(compared)
          .map(({ curve, distance }) => ({ trial: curve.trial, distance }));
      expect(near()).toEqual(allNear(own, curves, 8).slice(0, 3));
      const [first, ...rest] = curves;
      if (first !== undefined) compared.remove(first);
      expect(near()).toEqual(allNear(own, rest, 8).slice(0, 3));
      for (const { values: each } of rest) each.reverse();
      compared.refresh();
      expect(near()).toEqual(allNear(own, rest, 8).slice(0, 3));
    }),
    { numRuns: 50 },
  );
});
