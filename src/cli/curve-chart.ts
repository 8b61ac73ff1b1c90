import type { Direction } from "../core/goal.js";
import { type DecisionPicture, type DrawnCurve, NEIGHBOUR_LETTERS } from "../plots/decision-curves.js";
import { metricAxis } from "../plots/metric-axis.js";
import { type Style, styled } from "./output.js";
import { withoutControls } from "./unseen.js";

/** How a chart is drawn. */
export interface ChartSettings {
  /** The most columns that it may take. */
  readonly width: number;
  /** Whether characters beyond ASCII can be shown. */
  readonly isUnicode: boolean;
  /** The direction in which the metric improves; undefined if unknown. */
  readonly direction: Direction | undefined;
}

/** Charts are never wider, and are left out if they would be narrower. */
const GREATEST_WIDTH = 100;
const LEAST_WIDTH = 36;
const ROWS = 15;
/** Rows from one value on the axis to the next. */
const LABELLED_ROWS = 4;
/** Dots of a braille character, by row from the top, then by column; their bits are those of Unicode. */
const BRAILLE_DOTS: readonly (readonly [number, number])[] = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
];
const BRAILLE = 0x2800;
const NEIGHBOUR_STYLES: readonly Style[] = ["blue", "cyan", "yellow", "green", "dim"];

interface Signs {
  readonly own: string;
  readonly step: string;
  readonly side: string;
  readonly tick: string;
  readonly corner: string;
  readonly base: string;
  readonly baseTick: string;
}
const UNICODE: Signs = { own: "●", step: "┊", side: "│", tick: "┤", corner: "└", base: "─", baseTick: "┴" };
const ASCII: Signs = { own: "*", step: ":", side: "|", tick: "+", corner: "+", base: "-", baseTick: "+" };

/** A character of the picture; braille dots of several curves are merged. */
interface Cell {
  sign: string;
  dots: number;
  style: Style | undefined;
}

/** Where steps and values are, as shares of the width and height from the bottom left. */
interface Scale {
  x(step: number): number;
  y(value: number): number;
  /** The value at a share of the height. */
  valueAt(share: number): number;
  readonly lastStep: number;
}

function scaleOf(
  { metric, own, neighbours, step }: DecisionPicture,
  direction: Direction | undefined,
): Scale {
  const curves = [own, ...neighbours];
  const values = curves.flatMap((curve) => curve.values.filter((value) => value !== null));
  const axis = metricAxis(metric, values, direction);
  const isLog = axis.type === "log";
  const place = (value: number): number => (isLog ? Math.log10(value) : value);
  let [low, high] = axis.range ?? [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  if (axis.range === undefined) {
    for (const value of values) {
      low = Math.min(low, place(value));
      high = Math.max(high, place(value));
    }
  }
  if (low === high) {
    low -= 0.5;
    high += 0.5;
  }
  const lastStep = curves.reduce((last, { steps }) => Math.max(last, steps.at(-1) ?? 0), step);
  return {
    x: (at) => at / lastStep,
    y: (value) => (place(value) - low) / (high - low),
    valueAt: (share) => (isLog ? 10 ** (low + share * (high - low)) : low + share * (high - low)),
    lastStep,
  };
}

/** The points of a curve's lines on a grid, in order; the grid begins at the top left. */
function* linePoints(
  curve: DrawnCurve,
  scale: Scale,
  columns: number,
  rows: number,
): Generator<readonly [column: number, row: number]> {
  let before: readonly [number, number] | undefined;
  for (const [index, value] of curve.values.entries()) {
    if (value === null) {
      before = undefined;
      continue;
    }
    const column = Math.round(scale.x(curve.steps[index] ?? 0) * (columns - 1));
    const row = Math.round((1 - scale.y(value)) * (rows - 1));
    const [fromColumn, fromRow] = before ?? [column, row];
    const length = Math.max(Math.abs(column - fromColumn), Math.abs(row - fromRow), 1);
    for (let part = before === undefined ? length : 1; part <= length; part++) {
      yield [
        Math.round(fromColumn + ((column - fromColumn) * part) / length),
        Math.round(fromRow + ((row - fromRow) * part) / length),
      ];
    }
    before = [column, row];
  }
}

interface Canvas {
  readonly cells: readonly (readonly Cell[])[];
  readonly columns: number;
}

function canvasOf(columns: number): Canvas {
  return {
    columns,
    cells: Array.from({ length: ROWS }, () =>
      Array.from({ length: columns }, (): Cell => ({ sign: " ", dots: 0, style: undefined })),
    ),
  };
}

function put({ cells }: Canvas, column: number, row: number, sign: string, style: Style | undefined): void {
  const cell = cells[row]?.[column];
  if (cell !== undefined) Object.assign(cell, { sign, style, dots: 0 });
}

function drawFine(canvas: Canvas, curve: DrawnCurve, scale: Scale, style: Style): void {
  for (const [x, y] of linePoints(curve, scale, 2 * canvas.columns, 4 * ROWS)) {
    const cell = canvas.cells[y >> 2]?.[x >> 1];
    const dot = BRAILLE_DOTS[y & 3]?.[x & 1];
    if (cell === undefined || dot === undefined) continue;
    cell.dots |= dot;
    cell.sign = String.fromCharCode(BRAILLE + cell.dots);
    cell.style = style;
  }
}

function drawCoarse(canvas: Canvas, curve: DrawnCurve, scale: Scale, sign: string, style: Style): void {
  for (const [column, row] of linePoints(curve, scale, canvas.columns, ROWS))
    put(canvas, column, row, sign, style);
}

/**
 * Writes a neighbour's letter into its line: each a little further from the end, so that they do not overlap.
 */
function nameLine(
  canvas: Canvas,
  curve: DrawnCurve,
  scale: Scale,
  index: number,
  sign: string,
  style: Style,
): void {
  const points = [...linePoints(curve, scale, canvas.columns, ROWS)];
  const point = points[Math.max(0, points.length - 1 - Math.round(index * 0.12 * points.length))];
  if (point !== undefined) put(canvas, ...point, sign, style);
}

function stepAxis(
  canvas: Canvas,
  scale: Scale,
  step: number,
  signs: Signs,
): readonly [line: string, labels: string] {
  const line = Array.from({ length: canvas.columns }, () => signs.base);
  const labels = Array.from({ length: canvas.columns }, () => " ");
  const write = (at: number): void => {
    const text = String(at);
    const column = Math.round(scale.x(at) * (canvas.columns - 1));
    const from = Math.max(0, Math.min(canvas.columns - text.length, column - Math.floor(text.length / 2)));
    const around = labels.slice(Math.max(0, from - 1), from + text.length + 1);
    if (around.some((letter) => letter !== " ")) return;
    labels.splice(from, text.length, ...text.split(""));
    line[column] = signs.baseTick;
  };
  // The decision's step goes first: labels that would overlap it are left out.
  for (const at of [step, 0, scale.lastStep]) write(at);
  for (const share of [0.5, 0.25, 0.75]) write(Math.round(share * scale.lastStep));
  return [line.join(""), labels.join("").trimEnd()];
}

const threeDigits = (value: number): string => String(Number(value.toPrecision(3)));

function rowsText(canvas: Canvas): string[] {
  return canvas.cells.map((row) =>
    row
      .map(({ sign, style }) => (style === undefined ? sign : styled(style, sign)))
      .join("")
      .trimEnd(),
  );
}

function drawCurves(
  canvas: Canvas,
  picture: DecisionPicture,
  scale: Scale,
  { isUnicode }: ChartSettings,
): void {
  const signs = isUnicode ? UNICODE : ASCII;
  const stepColumn = Math.round(scale.x(picture.step) * (canvas.columns - 1));
  for (let row = 0; row < ROWS; row++) put(canvas, stepColumn, row, signs.step, "dim");
  const numbered = [...picture.neighbours.entries()];
  for (const [index, curve] of numbered.toReversed()) {
    const style = NEIGHBOUR_STYLES[index] ?? "dim";
    if (isUnicode) drawFine(canvas, curve, scale, style);
    else drawCoarse(canvas, curve, scale, NEIGHBOUR_LETTERS[index] ?? "?", style);
  }
  drawCoarse(canvas, picture.own, scale, signs.own, "red");
  if (!isUnicode) return;
  for (const [index, curve] of numbered) {
    nameLine(canvas, curve, scale, index, NEIGHBOUR_LETTERS[index] ?? "?", NEIGHBOUR_STYLES[index] ?? "dim");
  }
}

/**
 * Draws a picture of a decision in characters: the trial's own curve in dots, those of its neighbours in
 * lines with a letter each (without Unicode: in their letters), the step of the decision as a broken line,
 * and a legend below.
 *
 * @returns undefined if there is too little room
 */
export function curveChart(picture: DecisionPicture, settings: ChartSettings): string | undefined {
  const { metric, own, neighbours, step, action } = picture;
  const width = Math.min(settings.width, GREATEST_WIDTH);
  if (width < LEAST_WIDTH) return undefined;
  const signs = settings.isUnicode ? UNICODE : ASCII;
  const scale = scaleOf(picture, settings.direction);
  const labels = Array.from({ length: ROWS }, (_, row) =>
    row % LABELLED_ROWS === 0 || row === ROWS - 1 ? threeDigits(scale.valueAt(1 - row / (ROWS - 1))) : "",
  );
  const margin = Math.max(...labels.map((label) => label.length));
  const canvas = canvasOf(width - margin - 2);
  drawCurves(canvas, picture, scale, settings);
  const blank = " ".repeat(margin);
  const [axis, stepLabels] = stepAxis(canvas, scale, step, signs);
  const legend = [
    `${styled("red", signs.own)} ${withoutControls(own.label)}`,
    ...neighbours.map(
      ({ label }, index) =>
        `${styled(NEIGHBOUR_STYLES[index] ?? "dim", NEIGHBOUR_LETTERS[index] ?? "?")} ${withoutControls(label)}`,
    ),
    `${styled("dim", signs.step)} ${action} at step ${step}`,
  ];
  return [
    `${blank} ${styled("bold", withoutControls(metric))} by step`,
    ...rowsText(canvas).map((row, index) => {
      const label = labels[index] ?? "";
      return `${label.padStart(margin)} ${label === "" ? signs.side : signs.tick}${row}`;
    }),
    `${blank} ${signs.corner}${axis}`,
    `${blank}  ${stepLabels}`,
    ...legend.map((line) => `  ${line}`),
  ].join("\n");
}
