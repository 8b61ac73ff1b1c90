import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { csvOf, sortedRows, tableWindow } from "./table-rows.js";

describe("the window of a table", () => {
  const sizes = fc.record({
    rows: fc.nat(20_000),
    rowHeight: fc.integer({ min: 10, max: 60 }),
    scrolled: fc.nat(2_000_000),
    height: fc.integer({ min: 0, max: 3000 }),
  });

  it("has every row that is in view, few others, and the height of all", () => {
    fc.assert(
      fc.property(sizes, ({ rows, rowHeight, scrolled, height }) => {
        const { from, to, above, below } = tableWindow(rows, rowHeight, scrolled, height);
        expect(above + (to - from) * rowHeight + below).toBe(rows * rowHeight);
        expect(from).toBeGreaterThanOrEqual(0);
        expect(to).toBeLessThanOrEqual(rows);
        expect(to - from).toBeLessThanOrEqual(height / rowHeight + 26);
        const most = Math.max(0, rows * rowHeight - height);
        const top = Math.min(scrolled, most);
        if (rows === 0 || height === 0) return;
        expect(from * rowHeight).toBeLessThanOrEqual(top);
        expect(to * rowHeight).toBeGreaterThanOrEqual(Math.min(rows * rowHeight, top + height));
      }),
    );
  });
});

describe("the order of rows", () => {
  const column = (...cells: (number | string | null)[]) => ({ name: "a", kind: "number" as const, cells });

  it("is by size, and without a value last either way", () => {
    const values = column(10, null, 9, 100, -1);
    expect(sortedRows([0, 1, 2, 3, 4], values, false)).toEqual([4, 2, 0, 3, 1]);
    expect(sortedRows([0, 1, 2, 3, 4], values, true)).toEqual([3, 0, 2, 4, 1]);
  });

  it("leaves equal rows as they were, and reads numbers in words", () => {
    expect(sortedRows([2, 0, 1], column(5, 5, 5), true)).toEqual([2, 0, 1]);
    expect(sortedRows([0, 1, 2], column("ada-10", "ada-9", "ada-1"), false)).toEqual([2, 1, 0]);
  });
});

describe("comma-separated values", () => {
  it("are read as they were written, by another's reader", () => {
    const cell = fc.oneof(
      fc.string({ unit: fc.constantFrom('"', ",", "\n", "\r", "a", "é", ";") }),
      fc.constant(null),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell), { minLength: 1 }), (cells) => {
        const table = {
          events: 0,
          trials: cells.map((_, row) => row),
          columns: ["a", 'odd "name", too'].map((name, place) => ({
            name,
            kind: "text" as const,
            cells: cells.map((pair) => pair[place] ?? null),
          })),
        };
        const rows = table.trials.toReversed();
        const text = csvOf(table, rows, ['odd "name", too', "a"]);
        const expected = rows.map((row) => [cells[row]?.[1] ?? "", cells[row]?.[0] ?? ""]);
        const found: unknown = parse(text, { record_delimiter: "\r\n", skip_empty_lines: false });
        expect(found).toEqual([['odd "name", too', "a"], ...expected]);
      }),
    );
  });
});
