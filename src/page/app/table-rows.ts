import type { TrialColumn, TrialTable } from "../../views/contract.js";

/** The rows of a long table that are in view, and the height of those above and below them. */
export interface TableWindow {
  /** The first row, and the one after the last. */
  readonly from: number;
  readonly to: number;
  /** Pixels. */
  readonly above: number;
  readonly below: number;
}

/** Rows outside of the view that exist, so that scrolling and tabbing do not meet a hole. */
const SPARE = 12;

/** Which rows to have. @param rowHeight pixels of each row; `scrolled` and `height`: pixels */
export function tableWindow(rows: number, rowHeight: number, scrolled: number, height: number): TableWindow {
  const last = Math.max(0, rows - Math.ceil(height / rowHeight));
  const first = Math.min(last, Math.max(0, Math.floor(scrolled / rowHeight)));
  const from = Math.max(0, first - SPARE);
  const to = Math.min(rows, first + Math.ceil(height / rowHeight) + SPARE);
  return { from, to, above: from * rowHeight, below: (rows - to) * rowHeight };
}

/** By which column rows are sorted. */
export interface SortOrder {
  readonly column: string;
  readonly descending: boolean;
}

const words = new Intl.Collator("en", { numeric: true });

/**
 * Places of rows in the order of a column's cells; rows without a value are last either way, after those whose number is
 * not finite, and equal ones stay.
 */
export function sortedRows(
  rows: readonly number[],
  column: TrialColumn | undefined,
  descending: boolean,
): readonly number[] {
  if (column === undefined) return rows;
  const { cells, kind } = column;
  const direction = descending ? -1 : 1;
  return [...rows].sort((a, b) => {
    const [left = null, right = null] = [cells[a], cells[b]];
    if (left === null || right === null) return left === right ? 0 : left === null ? 1 : -1;
    if (typeof left === "number" && typeof right === "number") return direction * (left - right);
    if (kind === "number" && typeof left !== typeof right) return typeof left === "number" ? -1 : 1;
    return direction * words.compare(String(left), String(right));
  });
}

const quoted = (cell: number | string | null): string => {
  const text = cell === null ? "" : String(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/** Rows of a table as comma-separated values (RFC 4180). @param rows places of rows; `columns`: names, in order */
export function csvOf(table: TrialTable, rows: readonly number[], columns: readonly string[]): string {
  const chosen = columns.flatMap((name) => table.columns.find((column) => column.name === name) ?? []);
  const lines = rows.map((row) => chosen.map(({ cells }) => quoted(cells[row] ?? null)).join(","));
  return [chosen.map(({ name }) => quoted(name)).join(","), ...lines, ""].join("\r\n");
}
