import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { groupCurves, RESTART } from "./curve-groups.js";
import { type CurveColumns, CurveStore } from "./curve-store.js";
import { curvesInBox, nearestCurve, type Projection, segmentDistance, touchesBox } from "./nearest-curve.js";

type Curve = readonly [trial: number, state: number, values: readonly number[]];

/** Curves with a value at steps 1, 2, 3 and so on. */
function columnsOf(curves: readonly Curve[]): CurveColumns {
  const offsets = [0];
  for (const [, , values] of curves) offsets.push((offsets.at(-1) ?? 0) + values.length);
  return {
    trials: Uint32Array.from(curves, ([trial]) => trial),
    offsets: Uint32Array.from(offsets),
    states: Uint8Array.from(curves, ([, state]) => state),
    steps: Float32Array.from(curves.flatMap(([, , values]) => values.map((_, index) => index + 1))),
    values: Float32Array.from(curves.flatMap(([, , values]) => values)),
  };
}

function contents(store: CurveStore): Map<number, readonly number[]> {
  return new Map(
    Array.from({ length: store.count }, (_, slot) => {
      const length = store.lengths[slot] ?? 0;
      return [
        store.trials[slot] ?? 0,
        Array.from({ length }, (__, index) => store.valueAt(slot, index)),
      ] as const;
    }),
  );
}

describe("a store of curves", () => {
  it("changes only what grew, in place once there is room", () => {
    const store = new CurveStore();
    expect(
      store.update(
        columnsOf([
          [7, 0, [5, 4]],
          [9, 1, [3]],
        ]),
      ).isRebuilt,
    ).toBe(true);
    // The first growth moves the curve to where it has room.
    const moved = store.update(
      columnsOf([
        [7, 0, [5, 4, 3]],
        [9, 1, [3]],
      ]),
    );
    expect([moved.isRebuilt, moved.isRegrouped, moved.dirty.length]).toEqual([false, true, 1]);
    const grown = store.update(
      columnsOf([
        [7, 0, [5, 4, 3, 2]],
        [9, 1, [3]],
      ]),
    );
    const start = store.starts[store.slotOf(7) ?? -1] ?? -1;
    expect([grown.isRebuilt, grown.isRegrouped]).toEqual([false, false]);
    // From the point before the new one, whose repetition filled the room, to the end of the room.
    expect(grown.dirty).toEqual([[start + 2, start + (store.capacities[store.slotOf(7) ?? -1] ?? 0)]]);
    expect(
      store.update(
        columnsOf([
          [7, 0, [5, 4, 3, 2]],
          [9, 1, [3]],
        ]),
      ),
    ).toEqual({
      isRebuilt: false,
      isRegrouped: false,
      dirty: [],
    });
    expect(store.update(columnsOf([[9, 0, [3]]])).isRegrouped).toBe(true);
    expect(contents(store).get(7)).toEqual([5, 4, 3, 2]);
  });

  it("has gaps where values are not finite, and repeats the last point after a curve", () => {
    const store = new CurveStore();
    store.update(columnsOf([[0, 0, [1]]]));
    store.update(columnsOf([[0, 0, [1, Number.NaN, 2]]]));
    expect(contents(store).get(0)).toEqual([1, Number.NaN, 2]);
    const slot = store.slotOf(0) ?? -1;
    const capacity = store.capacities[slot] ?? 0;
    expect(capacity).toBeGreaterThan(3);
    expect([store.stepAt(slot, capacity - 1), store.valueAt(slot, capacity - 1)]).toEqual([3, 2]);
  });

  it("holds what it was last told, regardless of what came before", () => {
    const update = fc.array(
      fc.tuple(
        fc.integer({ min: 0, max: 12 }),
        fc.integer({ min: 0, max: 2 }),
        fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 40 }),
      ),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(fc.array(update, { maxLength: 6 }), (updates) => {
        const store = new CurveStore();
        const expected = new Map<number, readonly number[]>();
        const sent = { vertices: new Float32Array(0) };
        for (const curves of updates) {
          const unique = [...new Map(curves.map((curve) => [curve[0], curve] as const)).values()];
          const { isRebuilt, dirty } = store.update(columnsOf(unique));
          for (const [trial, , values] of unique) expected.set(trial, values);
          // What a graphics card has after receiving the ranges that changed.
          if (isRebuilt) sent.vertices = store.vertices.slice();
          else
            for (const [from, to] of dirty)
              sent.vertices.set(store.vertices.subarray(2 * from, 2 * to), 2 * from);
          for (let slot = 0; slot < store.count; slot++) {
            const start = 2 * (store.starts[slot] ?? 0);
            const end = start + 2 * (store.capacities[slot] ?? 0);
            expect(sent.vertices.slice(start, end)).toEqual(store.vertices.slice(start, end));
          }
        }
        const held = contents(store);
        for (const [trial, values] of expected) expect(held.get(trial) ?? []).toEqual(values);
      }),
    );
  });

  it("smooths every curve by itself", () => {
    const store = new CurveStore();
    store.update(
      columnsOf([
        [0, 0, [1, 4]],
        [1, 0, [9, 9]],
      ]),
    );
    // By hand: (0.25 · 1 + 0.5 · 4) / 0.75 = 3.
    expect(Array.from(store.smoothedVertices(0.5).slice(0, 8))).toEqual([
      1,
      1,
      2,
      expect.closeTo(3, 6),
      1,
      9,
      2,
      9,
    ]);
  });
});

describe("groups of curves", () => {
  it("are drawn by state, those selected last, each curve as a line of its own", () => {
    const store = new CurveStore();
    store.update(
      columnsOf([
        [0, 1, [1, 2]],
        [1, 0, [3, 4]],
        [2, 0, [5]],
        [3, 0, [6, 7]],
      ]),
    );
    const { indices, groups } = groupCurves(store, 2, new Set([3]));
    expect(
      groups.map(({ state, isSelected, isDots, length }) => [state, isSelected, isDots, length]),
    ).toEqual([
      [0, false, false, 3],
      [0, false, true, 1],
      [1, false, false, 3],
      [0, true, false, 3],
    ]);
    expect([...indices]).toEqual([2, 3, RESTART, 4, 0, 1, RESTART, 5, 6, RESTART]);
  });
});

describe("the nearest curve", () => {
  const xs: Projection = { isLog: false, scale: 10, offset: 0 };
  const ys: Projection = { isLog: false, scale: -10, offset: 100 };

  it("is the one whose line passes nearest, between its points too", () => {
    const store = new CurveStore();
    store.update(
      columnsOf([
        [0, 0, [1, 1, 1, 1]],
        [1, 0, [5, 5, 5, 5]],
        [2, 0, [9]],
      ]),
    );
    const at = (x: number, y: number) => nearestCurve(store, [xs, ys], [x, y], 12, () => true);
    expect(at(24, 92)).toMatchObject({ slot: 0, index: 1, distance: 2 });
    expect(at(26, 52)).toMatchObject({ slot: 1, index: 2, distance: 2 });
    expect(at(10, 12)).toMatchObject({ slot: 2, index: 0, distance: 2 });
    expect(at(26, 72)).toBeUndefined();
    expect(nearestCurve(store, [xs, ys], [24, 92], 12, (slot) => slot !== 0)).toBeUndefined();
  });

  it("is found as by looking at every segment", () => {
    const curve = fc.array(fc.integer({ min: 0, max: 10 }), { minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(
        fc.array(curve, { maxLength: 6 }),
        fc.integer({ min: 0, max: 110 }),
        fc.integer({ min: 0, max: 110 }),
        (curves, x, y) => {
          const store = new CurveStore();
          store.update(columnsOf(curves.map((values, trial) => [trial, 0, values] as const)));
          let least = Number.POSITIVE_INFINITY;
          for (const values of curves) {
            for (const [index, value] of values.entries()) {
              const next = values[index + 1] ?? value;
              const to = index + 1 < values.length ? index + 2 : index + 1;
              least = Math.min(
                least,
                segmentDistance(x, y, 10 * (index + 1), 100 - 10 * value, 10 * to, 100 - 10 * next),
              );
            }
          }
          const found = nearestCurve(store, [xs, ys], [x, y], 25, () => true);
          expect(found?.distance ?? Number.POSITIVE_INFINITY).toBeCloseTo(
            least > 25 ** 2 ? Number.POSITIVE_INFINITY : Math.sqrt(least),
            9,
          );
        },
      ),
    );
  });

  it("is selected by a box that any part of it crosses", () => {
    const store = new CurveStore();
    store.update(
      columnsOf([
        [4, 0, [0, 10]],
        [5, 0, [9, 9]],
        [6, 0, [1, Number.NaN, 1]],
      ]),
    );
    const select = (from: readonly [number, number], to: readonly [number, number]) =>
      curvesInBox(store, [xs, ys], from, to, () => true).map((slot) => store.trials[slot]);
    expect(select([14, 45], [16, 55])).toEqual([4]);
    expect(select([0, 0], [100, 100])).toEqual([4, 5, 6]);
    // Nothing is known of a curve beside a gap.
    expect(select([18, 85], [22, 95])).toEqual([]);
  });

  it("is told from one that only comes near a box", () => {
    expect(touchesBox([0, 0, 10, 10], [4, 4], [6, 6])).toBe(true);
    expect(touchesBox([0, 0, 10, 10], [6, 0], [9, 3])).toBe(false);
    expect(touchesBox([5, 5, 5, 5], [4, 4], [6, 6])).toBe(true);
    expect(touchesBox([0, 5, 3, 5], [4, 4], [6, 6])).toBe(false);
  });
});
