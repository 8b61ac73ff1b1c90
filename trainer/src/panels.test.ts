import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromPanels, panelFloats, roundUp, toPanels } from "./panels.js";

describe("panels", () => {
  it("give back the matrix, and hold zero beyond it", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 20 }), (rows, columns) => {
        const panelRows = roundUp(rows, 4);
        const plain = Float32Array.from({ length: rows * columns }, (_, i) => i + 1);
        const panels = new Float32Array(panelFloats(panelRows, columns));
        toPanels(plain, panels, rows, columns, panelRows);
        const back = new Float32Array(plain.length);
        fromPanels(panels, back, rows, columns, panelRows);
        expect(back).toEqual(plain);
        expect(panels.filter((value) => value !== 0).length).toBe(plain.length);
      }),
    );
  });

  it("hold 8 columns of every row side by side", () => {
    const plain = Float32Array.from({ length: 18 }, (_, i) => i + 1);
    const panels = new Float32Array(panelFloats(2, 9));
    toPanels(plain, panels, 2, 9, 2);
    expect([...panels.subarray(0, 16)]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15, 16, 17]);
    expect([...panels.subarray(16)]).toEqual([9, 0, 0, 0, 0, 0, 0, 0, 18, 0, 0, 0, 0, 0, 0, 0]);
  });
});
