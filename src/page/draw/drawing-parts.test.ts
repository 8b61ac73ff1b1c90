import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { axisTicks, axisView, extended, labelStride, NO_EXTENT, panned, zoomed } from "./axis-view.js";
import { besidePoint } from "./beside-point.js";
import { brushedLines, nearestLine, steppedBrush } from "./brushes.js";
import { movedTo } from "./bulk-layer.js";
import { colourAt, parseColour } from "./colours.js";
import { decimated } from "./decimate.js";
import { Density } from "./density.js";
import { createPickGrid } from "./pick-grid.js";
import { valueAtPlace } from "./place-text.js";
import { smoothed, smoothedRuns } from "./smooth.js";

const extent = (...values: number[]) => extended(NO_EXTENT, values);

describe("an axis", () => {
  it("shows its data with room, from 0 if wanted, or what it is told", () => {
    const title = { text: "" };
    expect(axisView({ title }, extent(10, 20), 0.1).range).toEqual([9, 21]);
    expect(axisView({ title, rangemode: "tozero" }, extent(10, 20), 0.1).range).toEqual([0, 22]);
    expect(axisView({ title, type: "log" }, extent(-5, 0.1, 1000), 0).range).toEqual([-1, 3]);
    expect(axisView({ title, type: "log", range: [0, 2] }, extent(5), 0).range).toEqual([0, 2]);
    expect(axisView({ title, type: "log", range: [0, 2] }, extent(5), 0, "linear").range).toEqual([1, 100]);
    expect(axisView({ title }, extent(4), 0).range).toEqual([2, 6]);
    expect(axisView({ title }, NO_EXTENT, 0).range).toEqual([0, 1]);
  });

  it("can be logarithmic for positive data without ticks of its own", () => {
    const title = { text: "" };
    expect(axisView({ title }, extent(1, 2), 0).canToggle).toBe(true);
    expect(axisView({ title }, extent(0, 2), 0).canToggle).toBe(false);
    expect(axisView({ title, tickvals: [1], ticktext: ["a"] }, extent(1, 2), 0).canToggle).toBe(false);
  });

  it("zooms about a place and moves by a share", () => {
    const view = axisView({ title: { text: "" }, range: [0, 10] }, extent(0, 10), 0);
    expect(zoomed(view, 2, 0.5).range).toEqual([1, 6]);
    expect(zoomed(view, 5, 1e-9).range).toEqual([0, 10]);
    expect(panned(view, 0.1).range).toEqual([1, 11]);
  });

  it("has the ticks given, or round ones", () => {
    const title = { text: "" };
    const given = axisView(
      { title, range: [0, 2], tickvals: [0, 1, 5], ticktext: ["a", "b", "c"] },
      extent(0, 2),
      0,
    );
    expect(axisTicks(given, 5)).toEqual([
      { place: 0, text: "a" },
      { place: 1, text: "b" },
    ]);
    const round = axisView({ title, range: [0, 1], tickformat: ".0%" }, extent(0, 1), 0);
    expect(axisTicks(round, 2).map(({ text }) => text)).toEqual(["0 %", "50 %", "100 %"]);
  });

  it("has no ticks between whole numbers that are all there is", () => {
    const view = axisView({ title: { text: "" }, range: [0, 4] }, extent(1, 2, 3, 4), 0);
    expect(axisTicks(view, 8).map(({ text }) => text)).toEqual(["0", "1", "2", "3", "4"]);
    expect(axisTicks({ ...view, range: [1, 2] }, 2).map(({ text }) => text)).toEqual(["1", "2"]);
    expect(axisTicks({ ...view, range: [1.1, 1.9] }, 4)).toHaveLength(4);
  });

  it("leaves out labels that would touch", () => {
    const ends = [0, 10, 20, 30].map((at) => [at, at + 15] as const);
    expect(labelStride(ends, 2)).toBe(2);
    expect(labelStride(ends.toReversed(), 2)).toBe(2);
    expect(
      labelStride(
        [
          [0, 5],
          [10, 15],
        ],
        2,
      ),
    ).toBe(1);
  });
});

describe("smoothing", () => {
  it("is a weighted mean of what came before", () => {
    // (0.5 · 0.5 · 1 + 0.5 · 4) / (0.25 + 0.5) = 3, by hand.
    expect([...smoothed([1, 4], 0.5)]).toEqual([1, expect.closeTo(3, 12)]);
    expect([...smoothed([7, 7, 7], 0.9)]).toEqual([7, 7, 7].map((value) => expect.closeTo(value, 12)));
    expect([...smoothed([3, 9], 0)]).toEqual([3, 9]);
  });

  it("starts over after a gap between curves, and not after one within a curve", () => {
    expect([...smoothedRuns([1, Number.NaN, 9], 0.9)]).toEqual([1, Number.NaN, 9]);
    expect([...smoothed([1, Number.NaN, 4], 0.5)]).toEqual([1, Number.NaN, expect.closeTo(3, 12)]);
  });
});

describe("leaving out points that cannot be seen", () => {
  it("keeps the first, lowest, highest and last of a column, and gaps", () => {
    const points = [0.1, 5, 0.2, 1, 0.3, 9, 0.4, 4, 0.5, 6, Number.NaN, Number.NaN, 0.7, 2, 1.2, 3];
    expect(decimated(points)).toEqual([
      0.1,
      5,
      0.2,
      1,
      0.3,
      9,
      0.5,
      6,
      Number.NaN,
      Number.NaN,
      0.7,
      2,
      1.2,
      3,
    ]);
  });

  it("keeps every column's ends and extremes", () => {
    const series = fc.array(
      fc.tuple(fc.double({ min: 0, max: 20, noNaN: true }), fc.integer({ min: -9, max: 9 })),
    );
    fc.assert(
      fc.property(series, (list) => {
        const points = list.toSorted((a, b) => a[0] - b[0]);
        const kept = decimated(points.flat());
        const byColumn = (flat: readonly number[]) => {
          const columns = new Map<number, (readonly [number, number])[]>();
          for (let at = 0; at < flat.length; at += 2) {
            const [x = 0, y = 0] = flat.slice(at, at + 2);
            columns.set(Math.floor(x), [...(columns.get(Math.floor(x)) ?? []), [x, y]]);
          }
          return columns;
        };
        const [before, after] = [byColumn(points.flat()), byColumn(kept)];
        expect([...after.keys()]).toEqual([...before.keys()]);
        for (const [column, all] of before) {
          const own = after.get(column) ?? [];
          expect(own.length).toBeLessThanOrEqual(4);
          expect([own[0], own.at(-1)]).toEqual([all[0], all.at(-1)]);
          const ends = (entries: readonly (readonly [number, number])[]) => [
            Math.min(...entries.map(([, y]) => y)),
            Math.max(...entries.map(([, y]) => y)),
          ];
          expect(ends(own)).toEqual(ends(all));
        }
      }),
    );
  });
});

describe("the nearest point", () => {
  const size = { width: 100, height: 60 };

  it("is found as by looking at all of them", () => {
    const point = fc.tuple(
      fc.double({ min: 0, max: 100, noNaN: true }),
      fc.double({ min: 0, max: 60, noNaN: true }),
    );
    fc.assert(
      fc.property(
        fc.array(point),
        point,
        fc.double({ min: 0, max: 40, noNaN: true }),
        (points, [x, y], reach) => {
          const grid = createPickGrid(
            points.map(([px]) => px),
            points.map(([, py]) => py),
            size,
          );
          const distance = (index: number): number => {
            const [px, py] = points[index] ?? [Number.NaN, Number.NaN];
            return (px - x) ** 2 + (py - y) ** 2;
          };
          const least = points.reduce(
            (best, _, index) => Math.min(best, distance(index)),
            Number.POSITIVE_INFINITY,
          );
          const found = grid.nearest(x, y, reach);
          expect(found < 0 ? least : distance(found)).toBe(least);
          // At exactly the reach, rounding decides.
          expect(found < 0 && least < reach * reach * (1 - 1e-12)).toBe(false);
          expect(found >= 0 && least > reach * reach * (1 + 1e-12)).toBe(false);
        },
      ),
    );
  });

  it("is never one outside or without a place", () => {
    const grid = createPickGrid([-5, Number.NaN, 50], [5, 5, 200], size);
    expect(grid.nearest(0, 5, 90)).toBe(-1);
  });
});

describe("a density", () => {
  it("counts a line in every column once", () => {
    const density = new Density(10, 4);
    density.add(0, 1.5, 10, 1.5);
    density.add(10, 1.5, 0, 1.5);
    density.add(Number.NaN, 0, 5, 0);
    const row = (at: number): number[] =>
      Array.from({ length: 10 }, (_, column) => density.countAt(column, at));
    expect(row(1)).toEqual(Array.from({ length: 10 }, () => 2));
    expect(row(0)).toEqual(Array.from({ length: 10 }, () => 0));
  });

  it("counts no column twice where two lines meet", () => {
    const density = new Density(10, 1);
    density.add(0, 0.5, 4.3, 0.5);
    density.add(4.3, 0.5, 10, 0.5);
    expect(Array.from({ length: 10 }, (_, column) => density.countAt(column, 0))).toEqual(
      Array.from({ length: 10 }, () => 1),
    );
  });

  it("counts every pixel of an upright line, and none outside", () => {
    const density = new Density(3, 4);
    density.add(1.5, -10, 1.5, 10);
    expect([0, 1, 2, 3].map((row) => density.countAt(1, row))).toEqual([1, 1, 1, 1]);
    expect([0, 1, 2, 3].map((row) => density.countAt(0, row))).toEqual([0, 0, 0, 0]);
  });

  it("is as opaque as so many lines on top of each other", () => {
    const density = new Density(1, 1);
    density.add(0, 0.5, 1, 0.5);
    density.add(0, 0.5, 1, 0.5);
    density.layer([200, 100, 0], 0.5);
    // 1 - 0.5² = 0.75.
    expect([...density.image]).toEqual([200, 100, 0, 191]);
    density.add(0, 0.5, 1, 0.5);
    density.layer([0, 0, 200], 1);
    expect([...density.image]).toEqual([0, 0, 200, 255]);
  });
});

describe("brushes", () => {
  it("keep lines that are inside all of them", () => {
    const columns = [
      [1, 2, 3],
      [9, 8, 7],
    ];
    expect(brushedLines(columns, new Map(), 3)).toBeUndefined();
    expect(brushedLines(columns, new Map([[0, [2, 3]]]), 3)).toEqual([1, 2]);
    expect(
      brushedLines(
        columns,
        new Map([
          [0, [2, 3]],
          [1, [8, 9]],
        ]),
        3,
      ),
    ).toEqual([1]);
  });

  it("are moved by keys and stay on the axis", () => {
    expect(steppedBrush(undefined, [0, 100], 1, false)).toEqual([50, 100]);
    expect(steppedBrush([50, 100], [0, 100], -1, false)).toEqual([45, 95]);
    expect(steppedBrush([50, 100], [0, 100], 1, false)).toEqual([50, 100]);
    expect(steppedBrush([50, 98], [0, 100], 1, true)).toEqual([50, 100]);
    expect(steppedBrush([50, 56], [0, 100], -1, true)).toEqual([50, 55]);
  });

  it("find the line that passes nearest", () => {
    expect(nearestLine([0, 100], [100, 0], 0.25, 20, 10, () => true)).toBe(0);
    expect(nearestLine([0, 100], [100, 0], 0.25, 20, 10, (line) => line === 1)).toBe(-1);
  });
});

describe("a tooltip", () => {
  it("is right of the point and above, or where there is room, always within the window", () => {
    expect(besidePoint([100, 300], [50, 40], [800, 600])).toEqual([114, 246]);
    expect(besidePoint([780, 10], [50, 40], [800, 600])).toEqual([716, 24]);
    expect(besidePoint([10, 590], [390, 700], [400, 600])).toEqual([4, 4]);
  });
});

describe("colours", () => {
  it("are mixed between stops", () => {
    const stops = [
      [0, "#000000"],
      [0.5, "#ff0000"],
      [1, "#ffffff"],
    ] as const;
    expect([-1, 0, 0.25, 0.5, 0.75, 2, Number.NaN].map((place) => colourAt(stops, place))).toEqual([
      "#000000",
      "#000000",
      "#800000",
      "#ff0000",
      "#ff8080",
      "#ffffff",
      "#000000",
    ]);
    expect(parseColour("#1f6fe5")).toEqual([31, 111, 229]);
    expect(parseColour("#fa0")).toEqual([255, 170, 0]);
  });
});

describe("a place on an axis with ticks", () => {
  it("is a number at its own place or at its logarithm, else a text", () => {
    expect(valueAtPlace({ tickvals: [0, 5], ticktext: ["0", "5"] }, 2.5)).toBe(2.5);
    expect(valueAtPlace({ tickvals: [-2, 0], ticktext: ["0.01", "1"] }, -1)).toBe(0.1);
    expect(valueAtPlace({ tickvals: [0, 1], ticktext: ["sgd", "adam"] }, 1)).toBe("adam");
    expect(valueAtPlace({ tickvals: [-2.2, -2, 0], ticktext: ["(off)", "0.01", "1"] }, -2.2)).toBe("(off)");
    expect(valueAtPlace({ tickvals: [0, 1, 2], ticktext: ["16", "32", "64"] }, 2)).toBe("64");
  });
});

describe("an older picture", () => {
  it("goes where its part of the axis is now", () => {
    expect(movedTo([0, 10], [0, 20], 100)).toEqual([0, 50]);
    expect(movedTo([0, 10], [5, 10], 100)).toEqual([-100, 200]);
  });
});
