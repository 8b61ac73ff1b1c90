import type { Direction } from "../core/goal.js";
import { type DecisionPicture, type DrawnCurve, NEIGHBOUR_LETTERS } from "../plots/decision-curves.js";
import { type Canvas, createCanvas, joined } from "./canvas.js";
import { type CurveScale, curveScale, framed, frameWidth, gridPoints, valueLabels } from "./curve-scale.js";
import { type Style, styled } from "./output.js";
import { type Line, span } from "./spans.js";
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
const NEIGHBOUR_STYLES: readonly Style[] = ["blue", "cyan", "yellow", "green", "dim"];

interface Signs {
  readonly own: string;
  readonly step: string;
}
const UNICODE: Signs = { own: "●", step: "┊" };
const ASCII: Signs = { own: "*", step: ":" };

function drawFine(canvas: Canvas, curve: DrawnCurve, scale: CurveScale, style: Style): void {
  canvas.dots(joined(gridPoints(curve, scale, 2 * canvas.columns, 4 * ROWS)), style);
}

const coarsePoints = (canvas: Canvas, curve: DrawnCurve, scale: CurveScale) =>
  joined(gridPoints(curve, scale, canvas.columns, ROWS));

function drawCoarse(canvas: Canvas, curve: DrawnCurve, scale: CurveScale, sign: string, style: Style): void {
  for (const [column, row] of coarsePoints(canvas, curve, scale)) canvas.put(column, row, sign, style);
}

/**
 * Writes a neighbour's letter into its line: each a little further from the end, so that they do not overlap.
 */
function nameLine(
  canvas: Canvas,
  curve: DrawnCurve,
  scale: CurveScale,
  index: number,
  sign: string,
  style: Style,
): void {
  const points = [...coarsePoints(canvas, curve, scale)];
  const point = points[Math.max(0, points.length - 1 - Math.round(index * 0.12 * points.length))];
  if (point !== undefined) canvas.put(...point, sign, style);
}

function drawCurves(
  canvas: Canvas,
  picture: DecisionPicture,
  scale: CurveScale,
  { isUnicode }: ChartSettings,
): void {
  const signs = isUnicode ? UNICODE : ASCII;
  const stepColumn = Math.round(scale.x(picture.step) * (canvas.columns - 1));
  for (let row = 0; row < ROWS; row++) canvas.put(stepColumn, row, signs.step, "dim");
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
export function curveChartLines(picture: DecisionPicture, settings: ChartSettings): Line[] | undefined {
  const { metric, own, neighbours, step, action } = picture;
  const width = Math.min(settings.width, GREATEST_WIDTH);
  if (width < LEAST_WIDTH) return undefined;
  const { isUnicode, direction } = settings;
  const signs = isUnicode ? UNICODE : ASCII;
  const scale = curveScale([own, ...neighbours], { metric, direction, step });
  const labels = valueLabels(scale, ROWS);
  const canvas = createCanvas(width - frameWidth(labels), ROWS);
  drawCurves(canvas, picture, scale, settings);
  return [
    [span(" ".repeat(frameWidth(labels) - 1)), span(metric, "bold"), span(" by step")],
    ...framed(canvas, scale, { labels, step, isUnicode }),
    [span("  "), span(signs.own, "red"), span(` ${own.label}`)],
    ...neighbours.map(
      ({ label }, index): Line => [
        span("  "),
        span(NEIGHBOUR_LETTERS[index] ?? "?", NEIGHBOUR_STYLES[index] ?? "dim"),
        span(` ${label}`),
      ],
    ),
    [span("  "), span(signs.step, "dim"), span(` ${action} at step ${step}`)],
  ];
}

/** {@link curveChartLines} as text for standard output. */
export const curveChart = (picture: DecisionPicture, settings: ChartSettings): string | undefined =>
  curveChartLines(picture, settings)
    ?.map((line) =>
      line
        .map(({ text, style }) =>
          style === undefined ? withoutControls(text) : styled(style, withoutControls(text)),
        )
        .join(""),
    )
    .join("\n");
