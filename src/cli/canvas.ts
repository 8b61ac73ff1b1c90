import type { Style } from "./output.js";
import type { Line, Span } from "./spans.js";

/** Dots of a braille character, by row from the top, then by column; their bits are those of Unicode. */
const BRAILLE_DOTS: readonly (readonly [number, number])[] = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
];
const BRAILLE = 0x2800;

/** A place on a grid that begins at the top left. */
export type GridPoint = readonly [column: number, row: number];

/** The places of lines through points, in order; undefined: a gap between two lines. */
export function* joined(points: Iterable<GridPoint | undefined>): Generator<GridPoint> {
  let before: GridPoint | undefined;
  for (const point of points) {
    if (point !== undefined) {
      const [column, row] = point;
      const [fromColumn, fromRow] = before ?? point;
      const length = Math.max(Math.abs(column - fromColumn), Math.abs(row - fromRow), 1);
      for (let part = before === undefined ? length : 1; part <= length; part++) {
        yield [
          Math.round(fromColumn + ((column - fromColumn) * part) / length),
          Math.round(fromRow + ((row - fromRow) * part) / length),
        ];
      }
    }
    before = point;
  }
}

/** A picture made of characters. What is drawn outside of it is left out. */
export interface Canvas {
  readonly columns: number;
  readonly rows: number;
  /** Replaces the character that is there. */
  put(column: number, row: number, sign: string, style?: Style): void;
  /** Sets dots of a grid with twice the columns and four times the rows; they join others in the same character. */
  dots(places: Iterable<GridPoint>, style?: Style): void;
  /** The picture, row by row, without spaces at the ends. */
  lines(): Line[];
}

/** A character of the picture; braille dots of several lines are merged, in the style of the last one. */
interface Cell {
  sign: string;
  dots: number;
  style: Style | undefined;
}

function lineOf(cells: readonly Cell[]): Line {
  const spans: { text: string; style: Style | undefined }[] = [];
  const end = cells.findLastIndex(({ sign }) => sign !== " ");
  for (const { sign, style } of cells.slice(0, end + 1)) {
    const last = spans.at(-1);
    if (last !== undefined && last.style === style) last.text += sign;
    else spans.push({ text: sign, style });
  }
  return spans satisfies Span[];
}

/** Creates an empty one. */
export function createCanvas(columns: number, rows: number): Canvas {
  const cells = Array.from({ length: rows }, () =>
    Array.from({ length: columns }, (): Cell => ({ sign: " ", dots: 0, style: undefined })),
  );
  return {
    columns,
    rows,
    put: (column, row, sign, style) => {
      const cell = cells[row]?.[column];
      if (cell !== undefined) Object.assign(cell, { sign, style, dots: 0 });
    },
    dots: (places, style) => {
      for (const [x, y] of places) {
        const cell = cells[y >> 2]?.[x >> 1];
        const dot = BRAILLE_DOTS[y & 3]?.[x & 1];
        if (cell === undefined || dot === undefined) continue;
        cell.dots |= dot;
        cell.sign = String.fromCharCode(BRAILLE + cell.dots);
        cell.style = style;
      }
    },
    lines: () => cells.map(lineOf),
  };
}
