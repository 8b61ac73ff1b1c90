import { describe, expect, it } from "vitest";
import { tableOfCurves } from "./curve-table.js";
import { parseRecordedCurves } from "./recorded-curves.js";

const tableOf = (direction: "min" | "max", curves: readonly (readonly (number | null)[])[]) =>
  tableOfCurves(
    parseRecordedCurves(
      { task: "t", metric: "m", direction, curves: curves.map((m, x) => ({ config: { x }, m })) },
      "t.json",
    ),
  );

describe("a curve table", () => {
  it("cuts diverged points at 1.05 x the first step's 75th percentile", () => {
    // First steps 2, 4, 6, 8, 10: the 75th percentile is 8; the median of all points is 4.5. 1.05 x 8 = 8.4.
    const table = tableOf("min", [
      [2, 1],
      [4, null],
      [6, 3],
      [8, 100],
      [10, 2],
    ]);
    expect(table.curves.map(({ reports }) => reports.map(({ m }) => m))).toEqual([
      [2, 1],
      [4, 8.4],
      [6, 3],
      [8, 8.4],
      [8.4, 2],
    ]);
    // Last values 1, 8.4, 3, 8.4, 2.
    expect([table.best, table.medianFinal, table.maxSteps]).toEqual([1, 3, 2]);
  });

  it("cuts at 1.05 x the median of all points if that is larger", () => {
    const table = tableOf("min", [
      [1, 10, 10, 10],
      [1, 10, null, null],
    ]);
    expect(table.curves[1]?.reports.map(({ m }) => m)).toEqual([1, 10, 10.5, 10.5]);
  });

  it("cuts metrics that grow at the other end", () => {
    // As costs: first steps -0.2, -0.4, the 75th percentile -0.25; the median of all -0.5; the larger one, raised:
    // -0.2375.
    const table = tableOf("max", [
      [0.2, 0.9],
      [0.4, null],
    ]);
    const values = table.curves.map(({ reports }) => reports.map(({ m }) => m));
    expect(values[0]?.[0]).toBeCloseTo(0.2375, 12);
    expect(values[1]?.[1]).toBeCloseTo(0.2375, 12);
    expect([table.best, values[0]?.[1]]).toEqual([0.9, 0.9]);
    expect(table.medianFinal).toBeCloseTo((0.9 + 0.2375) / 2, 12);
  });
});
