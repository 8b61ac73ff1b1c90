import fc from "fast-check";
import { expect, it } from "vitest";
import { type ComparedCurve, type ComparedCurves, createComparedCurves } from "./compared-curves.js";
import { createNearestCurves, type NearestCurves } from "./nearest-curves.js";

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

const trialsIn = (search: NearestCurves<ComparedCurve>, slot: number) =>
  search.list(slot).map(({ curve, distance }) => ({ trial: curve.trial, distance }));

/** The nearest to a curve as if it was asked for the first time. */
function nearTo(own: ComparedCurve, library: ComparedCurves<ComparedCurve>, count: number) {
  const search = createNearestCurves(library, count);
  return trialsIn(search, search.take(own));
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
        const ends = [...segments.filter((end) => end < points).toSorted((a, b) => a - b), points];
        const compared = createComparedCurves<ComparedCurve>(ends, count);
        const search = createNearestCurves(compared, count);
        const slot = search.take(own);
        for (const curves of [all.slice(0, half), all, all]) {
          for (const curve of curves.slice(compared.curves.length)) compared.add(curve);
          expect(trialsIn(search, slot)).toEqual(allNear(own, curves, points).slice(0, count));
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
      const compared = createComparedCurves<ComparedCurve>([1, 4, 8], 3);
      for (const curve of curves) compared.add(curve);
      const near = () => nearTo(own, compared, 3);
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

/** Many curves, of which some are equal and some have gaps, in an order that is not that of their numbers. */
const many = (count: number, digits: readonly number[]) =>
  fc
    .tuple(
      fc.array(
        fc.record({
          curve: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 5, maxLength: 5 }),
          digits: fc.constantFrom(...digits),
          gap: fc.constantFrom(...Array.from({ length: 12 }, () => -1), 0, 3, 4),
        }),
        { minLength: count, maxLength: count },
      ),
      fc.shuffledSubarray([...Array(count).keys()], { minLength: count, maxLength: count }),
    )
    .map(([curves, trials]) =>
      curves.map(({ curve, digits: places, gap }, index) => ({
        trial: trials[index] ?? 0,
        values: Float64Array.from(curve, (value, point) =>
          point === gap ? Number.NaN : Number(value.toFixed(places)),
        ),
      })),
    );

it.each([
  ["smooth", [15]],
  ["rounded, so that most are equal to others", [0]],
  ["both", [0, 1, 15]],
])("the nearest of hundreds of curves are the first of all, as they come and others ask: %s", (_, digits) => {
  fc.assert(
    fc.property(
      many(260, digits),
      many(12, digits),
      fc.constantFrom([1], [5], [1, 5], [1, 3, 5]),
      fc.array(fc.integer({ min: 1, max: 130 }), { minLength: 2, maxLength: 4 }),
      (all, asking, ends, portions) => {
        const count = 3;
        const points = ends.at(-1) ?? 0;
        const compared = createComparedCurves<ComparedCurve>(ends, count);
        const search = createNearestCurves(compared, count);
        const slots: number[] = [];
        for (const [turn, portion] of portions.entries()) {
          for (const curve of all.slice(compared.curves.length, compared.curves.length + portion))
            compared.add(curve);
          // Some ask from the beginning on, some later, and one leaves its place to another.
          if (turn === 1) search.release(slots.pop() ?? 0);
          for (const own of asking.slice(slots.length, 4 * (turn + 1))) slots.push(search.take(own));
          for (const [place, slot] of slots.entries()) {
            const own = asking[place];
            const wanted = own === undefined ? [] : allNear(own, compared.curves, points).slice(0, count);
            expect(trialsIn(search, slot)).toEqual(wanted);
          }
        }
      },
    ),
    { numRuns: 25 },
  );
});
