import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CurveColumns } from "../../views/curve-columns.js";
import { chooseCurves, mergeCurves } from "./merge-curves.js";

type Curves = ReadonlyMap<number, readonly number[]>;

function columnsOf(curves: Curves, events: number): CurveColumns {
  const sorted = [...curves].sort(([a], [b]) => a - b);
  const ends = sorted.map(([, values], place) => {
    const before = sorted.slice(0, place).reduce((sum, [, each]) => sum + each.length, 0);
    return before + values.length;
  });
  return {
    events,
    trials: Uint32Array.from(sorted, ([trial]) => trial),
    offsets: Uint32Array.from([0, ...ends]),
    steps: Float32Array.from(sorted.flatMap(([, values]) => values.map((_, place) => place + 1))),
    values: Float32Array.from(sorted.flatMap(([, values]) => values)),
    states: Uint8Array.from(sorted, ([trial]) => trial % 6),
  };
}

const curves: fc.Arbitrary<Curves> = fc
  .array(fc.tuple(fc.nat(30), fc.array(fc.nat(9), { maxLength: 4 })))
  .map((pairs) => new Map(pairs));

describe("curves", () => {
  it("are what a map of them would be, when newer ones come", () => {
    fc.assert(
      fc.property(curves, curves, (old, newer) => {
        const merged = mergeCurves(columnsOf(old, 3), columnsOf(newer, 9));
        expect(merged).toEqual(columnsOf(new Map([...old, ...newer]), 9));
      }),
    );
  });

  it("are chosen by trial and state", () => {
    fc.assert(
      fc.property(curves, (all) => {
        const chosen = chooseCurves(columnsOf(all, 3), (trial, state) => trial % 2 === 0 && state !== 4);
        const expected = new Map([...all].filter(([trial]) => trial % 2 === 0 && trial % 6 !== 4));
        expect(chosen).toEqual(columnsOf(expected, 3));
      }),
    );
  });
});
