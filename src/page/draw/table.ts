import type { Figure, ParallelTrace, Trace } from "../../plots/figure.js";
import { valueAtPlace } from "./place-text.js";
import { plainText } from "./rich-text.js";
import { isSurface } from "./scene.js";

/** A cell of a table twin; null where nothing is known. */
export type TableCell = string | number | null;

/** A figure as a table. */
export interface FigureTable {
  /** Plain text. */
  readonly columns: readonly string[];
  readonly rows: readonly (readonly TableCell[])[];
  /** How many rows there would be without a limit. */
  readonly total: number;
}

const titleOr = (text: string | undefined, otherwise: string): string => plainText(text ?? "") || otherwise;

/** The lines of parallel coordinates without those that only make the best one wider, which come last. */
export function ownLines({ dimensions, line }: ParallelTrace): number {
  const { color, cmax } = line;
  const isBeside = (index: number): boolean => {
    const best = color.indexOf(cmax);
    return (
      color[index] === cmax &&
      best < index &&
      dimensions.every(({ values, range }) => {
        const apart = Math.abs((values[index] ?? 0) - (values[best] ?? 0));
        return apart <= 0.0031 * (range[1] - range[0]);
      })
    );
  };
  let count = color.length;
  while (count > 1 && color.length - count < 2 && isBeside(count - 1)) count -= 1;
  return count;
}

function parallelTable(trace: ParallelTrace, most: number): FigureTable {
  const total = ownLines(trace);
  const { dimensions } = trace;
  const rows = Array.from({ length: Math.min(most, total) }, (_, row) =>
    dimensions.map((dimension): TableCell => {
      const place = dimension.values[row];
      return place === undefined ? null : valueAtPlace(dimension, place);
    }),
  );
  return { columns: dimensions.map(({ label }) => plainText(label)), rows, total };
}

function* rowsOf(trace: Trace): Generator<readonly TableCell[]> {
  if (trace.type === "parcoords") return;
  if (isSurface(trace)) {
    for (const [row, heights] of trace.z.entries()) {
      for (const [column, height] of heights.entries()) {
        if (height !== null)
          yield [plainText(trace.name), trace.x[column] ?? null, trace.y[row] ?? null, height];
      }
    }
    return;
  }
  const name = trace.type === "bar" ? "" : plainText(trace.name);
  const texts = trace.type === "bar" ? trace.hovertext : trace.text;
  for (const [index, x] of trace.x.entries()) {
    const y = trace.y[index] ?? null;
    if (x === null || y === null) continue;
    const text = plainText(texts?.[index] ?? "");
    yield [
      name,
      plain(x),
      plain(y),
      ...(trace.type === "scatter3d" ? [plain(trace.z[index] ?? 0)] : []),
      text,
    ];
  }
}

const plain = (value: number | string): TableCell => (typeof value === "string" ? plainText(value) : value);

/** Leaves out columns in which every cell is empty. */
function compact(
  columns: readonly string[],
  rows: readonly (readonly TableCell[])[],
  total: number,
): FigureTable {
  const used = columns.map((_, index) => rows.some((row) => (row[index] ?? "") !== ""));
  return {
    columns: columns.filter((_, index) => used[index]),
    rows: rows.map((row) => columns.map((_, index) => row[index] ?? null).filter((_, index) => used[index])),
    total,
  };
}

/**
 * A figure as columns and rows of plain text and numbers, for people who read rather than see it.
 *
 * @param most rows; `total` says how many there would be
 */
export function asTable(figure: Figure, most = 1000): FigureTable {
  const [first] = figure.data;
  if (first?.type === "parcoords") return parallelTable(first, most);
  const { xaxis, yaxis, scene } = figure.layout;
  const axes = scene === undefined ? [xaxis, yaxis] : [scene.xaxis, scene.yaxis, scene.zaxis];
  const names = axes.map((axis, index) => titleOr(axis?.title.text, ["x", "y", "z"][index] ?? ""));
  const hasSurface = figure.data.some(isSurface);
  const rows: (readonly TableCell[])[] = [];
  let total = 0;
  // A surface is an estimate from the points, which say more; it is listed only where there are no points.
  const hasPoints = figure.data.some(({ type }) => type === "scatter" || type === "scattergl");
  for (const trace of figure.data) {
    if (hasSurface && hasPoints && isSurface(trace)) continue;
    for (const row of rowsOf(trace)) {
      total += 1;
      if (rows.length < most) rows.push(row);
    }
  }
  return compact(["what", ...names, hasSurface && !hasPoints ? "value" : "details"], rows, total);
}
