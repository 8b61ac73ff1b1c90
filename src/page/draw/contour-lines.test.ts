import { describe, expect, it } from "vitest";
import { cellEdges, contourLines, refined } from "./contour-lines.js";

const axis = (count: number, from = 0, step = 1): number[] =>
  Array.from({ length: count }, (_, index) => from + index * step);

describe("lines of equal height", () => {
  it("are straight on a plane", () => {
    const z = axis(3).map(() => [0, 1, 2]);
    expect(contourLines({ x: axis(3), y: axis(3), z }, 0.5)).toEqual([[0.5, 0, 0.5, 1, 0.5, 2]]);
  });

  it("are one closed line around a hill, at its height", () => {
    const places = axis(41, -2, 0.1);
    const z = places.map((y) => places.map((x) => x * x + y * y));
    const lines = contourLines({ x: places, y: places, z }, 1);
    expect(lines).toHaveLength(1);
    const [line = []] = lines;
    expect(line.slice(0, 2)).toEqual(line.slice(-2));
    for (let index = 0; index < line.length; index += 2) {
      // Between corners 0.1 apart, a parabola is at most 0.1² / 4 above the chord.
      expect(Math.hypot(line[index] ?? 0, line[index + 1] ?? 0)).toBeCloseTo(1, 2);
    }
  });

  it("cross a saddle on the sides that its middle tells", () => {
    const linesOf = (high: number) =>
      contourLines(
        {
          x: [0, 1],
          y: [0, 1],
          z: [
            [high, 0],
            [0, high],
          ],
        },
        0.6,
      ).map((line) => {
        const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] = line.map((value) => Number(value.toFixed(6)));
        return x0 <= x1 ? [x0, y0, x1, y1] : [x1, y1, x0, y0];
      });
    const sorted = (lines: readonly (readonly number[])[]) =>
      lines.toSorted((a, b) => (a[0] ?? 0) - (b[0] ?? 0));
    // The mean, 0.75, is above the line: the high corners are joined, and the lines cut off the low ones.
    expect(sorted(linesOf(1.5))).toEqual([
      [0, 0.6, 0.4, 1],
      [0.6, 0, 1, 0.4],
    ]);
    // The mean, 0.5, is below: the lines cut off the high ones.
    expect(sorted(linesOf(1))).toEqual([
      [0, 0.4, 0.4, 0],
      [0.6, 1, 1, 0.6],
    ]);
  });

  it("end where nothing is known", () => {
    const z = [
      [0, 1, 2],
      [0, null, 2],
      [0, 1, 2],
      [0, 1, 2],
    ];
    expect(contourLines({ x: axis(3), y: axis(4), z }, 0.5)).toEqual([[0.5, 2, 0.5, 3]]);
    expect(contourLines({ x: axis(3), y: axis(4), z }, 5)).toEqual([]);
  });
});

describe("a finer grid", () => {
  it("is straight between the known heights", () => {
    const fine = refined(
      {
        x: [0, 2],
        y: [0, 4],
        z: [
          [0, 2],
          [4, null],
        ],
      },
      2,
    );
    expect(fine.x).toEqual([0, 1, 2]);
    expect(fine.y).toEqual([0, 2, 4]);
    expect(fine.z).toEqual([
      [0, 1, 2],
      [2, null, null],
      [4, null, null],
    ]);
  });

  it("has cells around their centres", () => {
    expect(cellEdges([0, 1, 3])).toEqual([-0.5, 0.5, 2, 4]);
    expect(cellEdges([5])).toEqual([4.5, 5.5]);
  });
});
